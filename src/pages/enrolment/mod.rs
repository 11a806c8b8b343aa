//! Setting up a second factor because an organization asks for one.

pub mod choose;
