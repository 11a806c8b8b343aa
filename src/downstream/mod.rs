//! Applications that speak SAML: what they ask, and what they are told of people. Who comes, for which organization and
//! whether they may, [`crate::oidc::authorize`] decides for them as for all others.
//!
//! Owns that an assertion goes to a registered place of the one application that it is for, and says no more than was
//! registered. Never reads a request otherwise than through [`crate::saml`].

mod asking;
mod asserting;
mod attributes;
mod recipient;

pub use asking::Read;
pub use asserting::NotAsserted;
pub use recipient::Recipient;

use crate::config::PublicUrl;
use crate::domain::id::ApplicationId;
use crate::domain::service_provider::ServiceProvider;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::saml::Refusal;
use crate::saml::idp::{self, IdentityProvider};
use crate::saml::keys::OwnKey;
use crate::saml::own_keys::{KeyUse, OwnKeyError, OwnKeys};
use crate::storage::{Db, StorageError, service_providers};

/// What answers SAML applications. Cheap to copy.
#[derive(Clone)]
pub struct Downstream {
    db: Db,
    keyring: Keyring,
    public_url: PublicUrl,
    own_keys: OwnKeys,
}

/// A form that a browser carries to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub to: String,
    /// What, name and value.
    pub fields: Vec<(&'static str, String)>,
}

/// What goes wrong here, and not with what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DownstreamError {
    /// Our key can't be had.
    #[error(transparent)]
    OwnKey(#[from] OwnKeyError),
    /// What was registered makes no message.
    #[error("no message can be made for the application: {0}")]
    Message(#[from] Refusal),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Downstream {
    /// For an instance at this address.
    pub fn new(db: Db, keyring: Keyring, public_url: PublicUrl) -> Self {
        Self {
            own_keys: OwnKeys::new(db.clone(), keyring.clone(), public_url.host()),
            db,
            keyring,
            public_url,
        }
    }

    /// What we are to an application.
    pub fn identity_provider(&self, application: ApplicationId) -> IdentityProvider {
        IdentityProvider::of(self.public_url.as_str(), application)
    }

    /// Our metadata for an application.
    ///
    /// # Errors
    ///
    /// Our key can't be had.
    pub async fn metadata(
        &self,
        application: ApplicationId,
        sp: &ServiceProvider,
        now: Timestamp,
    ) -> Result<String, DownstreamError> {
        let key = self.key_for(sp, now).await?;
        Ok(idp::metadata(&self.identity_provider(application), sp, &key))
    }

    /// How an application speaks SAML, if it does.
    pub async fn service_provider(
        &self,
        application: ApplicationId,
    ) -> Result<Option<ServiceProvider>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        service_providers::of(&mut snapshot.tx(), application).await
    }

    /// What signs for an application.
    ///
    /// # Errors
    ///
    /// It can't be had.
    pub async fn key_for(&self, sp: &ServiceProvider, now: Timestamp) -> Result<OwnKey, OwnKeyError> {
        self.own_keys
            .of(KeyUse::IdentityProvider(sp.algorithm), now)
            .await
    }
}

/// A message's own name: 160 bits that begin as a name must (Core §1.3.4).
fn message_id() -> String {
    let digits = random::bytes::<20>().map(|byte| format!("{byte:02x}"));
    format!("_{}", digits.concat())
}
