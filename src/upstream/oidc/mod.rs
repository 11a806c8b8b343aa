//! `OpenID` providers upstream: where people are sent, and what is made of the code that they bring back.
//!
//! The sample application of the demo does the same with the `openidconnect` crate. Here each check is ours: that crate
//! can't read a token whose `email_verified` is a text, accepts any `iat`, and signatures are the keyring's to verify.

mod attributes;
mod discovery;
mod exchange;
mod id_token;
mod providers;
mod request;
mod returned;

pub(super) use providers::Providers;
pub(super) use request::authorization_address;
pub use returned::{OidcAnswer, Returned};
