//! The identity provider's side of SAML: our metadata, what an application asks, and what it is answered. One entity for
//! each application: what is said to one is never said to another.

mod authn_request;
mod encryption;
mod metadata;
mod response;

pub(super) use authn_request::addressed;
pub use authn_request::{Asked, NotAsked, read_authn_request};
pub use encryption::EncryptionKey;
pub use metadata::metadata;
pub use response::{Assertion, Attribute, Status, error_response, response};

use crate::domain::id::ApplicationId;
use crate::domain::service_provider::NameIdFormat;
use crate::saml::names;

/// What we are to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Our name there, which is where our metadata is.
    pub entity_id: String,
    /// Where its requests come.
    pub sso: String,
    /// Where its sign-outs come.
    pub slo: String,
}

impl IdentityProvider {
    /// What we are to an application; `base` is where the instance is, without a slash at its end.
    pub fn of(base: &str, application: ApplicationId) -> Self {
        let at = |place: &str| format!("{base}/saml/idp/{application}/{place}");
        Self {
            entity_id: at("metadata"),
            sso: at("sso"),
            slo: at("slo"),
        }
    }
}

/// What a kind of name is called in messages.
pub const fn format_uri(format: NameIdFormat) -> &'static str {
    match format {
        NameIdFormat::Persistent => names::PERSISTENT,
        NameIdFormat::Email => names::EMAIL_ADDRESS,
        NameIdFormat::Transient => names::TRANSIENT,
    }
}
