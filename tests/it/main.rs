//! Stories of Alice (owner), Bob (member) and Mallory (stranger), at the surface that a user touches, on SQLite and on
//! PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops")]

mod api;
mod cli;
mod delivery;
mod harness;
mod internal;
mod oidc;
mod pages;
mod saml;
mod scim;
mod security;
mod storage;
mod upstream;
