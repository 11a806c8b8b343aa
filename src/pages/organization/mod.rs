//! For which organization a person comes.

pub mod choose;
pub mod login;
