//! Pages for those who write programs.

pub mod api;
