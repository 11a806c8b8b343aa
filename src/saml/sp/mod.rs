//! The service provider's side of SAML: our metadata, what we ask of a provider, and what we make of its answer. One entity
//! for each connection: an answer to one is never one to another.

mod arrival;
mod metadata;
mod open;
mod request;
mod response;

pub use metadata::metadata;
pub use open::{Opened, open};
pub use request::{Sending, authn_request};
pub use response::{Awaited, Expected, Received, Refused, read_response};

use crate::domain::id::ConnectionId;

/// What we are called by a connection's provider, and where it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProvider {
    /// Our name there, which is where our metadata is.
    pub entity_id: String,
    /// Where answers go.
    pub acs: String,
    /// Where sign-outs go.
    pub slo: String,
}

impl ServiceProvider {
    /// What we are to the provider of a connection; `base` is where the instance is, without a slash at its end.
    pub fn of(base: &str, connection: ConnectionId) -> Self {
        Self {
            entity_id: format!("{base}/saml/sp/{connection}/metadata"),
            acs: format!("{base}/saml/sp/{connection}/acs"),
            slo: format!("{base}/saml/sp/{connection}/slo"),
        }
    }
}
