//! Stories of Alice (owner), Bob (member) and Mallory (stranger), at the surface that a user touches, on SQLite and on
//! PostgreSQL.

mod cli;
mod harness;
mod oidc;
mod pages;
mod security;
mod storage;
