//! The first owner takes the keys.

pub mod form;
