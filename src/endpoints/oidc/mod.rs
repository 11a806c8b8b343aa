//! OpenID Connect and OAuth 2 over HTTP.

pub mod authorize;
pub mod discovery;
pub mod token;
pub mod userinfo;
