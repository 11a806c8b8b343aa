//! OpenID Connect and OAuth 2 over HTTP.

pub mod authorize;
mod client_request;
pub mod discovery;
pub mod introspect;
pub mod logout;
pub mod revoke;
pub mod token;
pub mod userinfo;
