//! Leaving.

pub mod confirm;
pub mod done;
