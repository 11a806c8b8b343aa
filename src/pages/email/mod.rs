//! A new email address.

pub mod changed;
pub mod confirm;
pub mod over;
