//! Federation: people come by their company's own provider. They are sent there ([`Upstream::begin`]) and come back with
//! an answer, which is read by its protocol ([`oidc`], [`saml`]) and means nothing until [`arrive`] says who that is here.
//!
//! Owns that a provider speaks for its own organization and nobody else's: a person is known by the connection and the
//! provider's own name for them; an address links nobody but whom that organization manages. Never changes a credential.

mod arrive;
mod begin;
mod failure;
pub mod linking;
mod newcomer;
mod oidc;
mod outlook;
mod provisioning;
mod saml;
mod signing_out;

pub use arrive::{Arrived, Said, Tested, arrive};
pub use begin::{Begun, Hint};
pub use failure::{ArriveError, Failure, note};
pub use oidc::{OidcAnswer, Returned};
pub use outlook::{Outlook, Prospect};
pub use saml::{Posted, SamlAnswer};

use crate::config::PublicUrl;
use crate::directory::connections;
use crate::domain::id::ConnectionId;
use crate::keyring::Keyring;
use crate::outbound::Outbound;
use crate::saml::own_keys::OwnKeys;
use crate::storage::Db;
use oidc::Providers;

/// What sends people away and takes them back. Cheap to copy.
#[derive(Clone)]
pub struct Upstream {
    db: Db,
    keyring: Keyring,
    outbound: Outbound,
    public_url: PublicUrl,
    own_keys: OwnKeys,
    providers: Providers,
}

impl Upstream {
    /// Knows no provider yet.
    pub fn new(db: Db, keyring: Keyring, outbound: Outbound, public_url: PublicUrl) -> Self {
        Self {
            own_keys: OwnKeys::new(db.clone(), keyring.clone(), public_url.host()),
            db,
            keyring,
            outbound,
            public_url,
            providers: Providers::default(),
        }
    }

    /// Where an `OpenID` provider's answers go.
    fn callback_url(&self, connection: ConnectionId) -> String {
        connections::callback_url(&self.public_url, connection)
    }
}
