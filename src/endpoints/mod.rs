//! Endpoints that programs call. Thin: from HTTP to a use case and back.

pub mod oidc;
