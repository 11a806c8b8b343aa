//! When something is in the way.

pub mod problem;
