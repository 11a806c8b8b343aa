//! Pages that people see. One folder a room, one file a page: what it shows, and what its form does.
//!
//! A page's template has the same path under `templates/`. Nothing is decided here; pages ask `sign_in`, `oidc` and
//! `directory`, and show what they answer.

pub mod account;
pub mod claim;
pub mod consent;
pub mod error;
pub mod organization;
pub mod sign_in;
pub mod signed_out;
