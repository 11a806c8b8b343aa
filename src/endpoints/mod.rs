//! Endpoints that programs call. Thin: from HTTP to a use case and back.

pub mod api;
pub mod health;
pub mod metrics;
pub mod oidc;
pub mod passkeys;
pub mod saml;
pub mod scim;
