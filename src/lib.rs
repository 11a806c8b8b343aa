//! Doorward: a self-hosted SSO identity provider and OIDC gateway in one binary.
pub mod audit;
pub mod clock;
pub mod config;
pub mod directory;
pub mod domain;
pub mod keyring;
pub mod oidc;
pub mod random;
pub mod sign_in;
pub mod storage;
