//! What an application may know.

pub mod form;
