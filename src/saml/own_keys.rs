//! Our own keys, kept sealed: one for each use and algorithm, made when it is needed for the first time. One for all
//! connections and applications, so that an administrator can be told it beforehand.

use super::own_key::{NewKey, OwnKey};
use crate::domain::service_provider::AssertionAlgorithm;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::saml_keys::{self, StoredSamlKey};
use crate::storage::{Db, Lane, StorageError};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Being a service provider to connections: signs requests, opens assertions.
    ServiceProvider,
    /// Being an identity provider to applications: signs assertions.
    IdentityProvider(AssertionAlgorithm),
}

/// Where they are. Cheap to copy.
#[derive(Clone)]
pub struct OwnKeys {
    db: Db,
    keyring: Keyring,
    host: String,
}

/// Our own key can't be opened: it was sealed by another master key, or changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnKeyError {
    /// It is sealed otherwise.
    #[error("our own key for SAML can't be opened")]
    Sealed,
    /// It can't be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl KeyUse {
    /// What it is called where it is kept.
    const fn name(self) -> &'static str {
        match self {
            Self::ServiceProvider => "service-provider",
            Self::IdentityProvider(AssertionAlgorithm::RsaSha256) => "identity-provider",
            Self::IdentityProvider(AssertionAlgorithm::EcdsaSha256) => "identity-provider-ecdsa",
        }
    }

    /// What a key was sealed for.
    fn context(self) -> String {
        format!("SAML key {}", self.name())
    }

    fn generate(self, host: &str, now: Timestamp) -> NewKey {
        match self {
            Self::IdentityProvider(AssertionAlgorithm::EcdsaSha256) => OwnKey::generate_p256(host, now),
            Self::IdentityProvider(AssertionAlgorithm::RsaSha256) | Self::ServiceProvider => {
                OwnKey::generate(host, now)
            }
        }
    }
}

impl OwnKeys {
    /// The keys of an instance; `host` is whom their certificates name.
    pub fn new(db: Db, keyring: Keyring, host: &str) -> Self {
        Self {
            db,
            keyring,
            host: host.to_owned(),
        }
    }

    /// The key for a use.
    ///
    /// # Errors
    ///
    /// It can't be opened, or the database failed.
    pub async fn of(&self, usage: KeyUse, now: Timestamp) -> Result<OwnKey, OwnKeyError> {
        let stored = match self.stored(usage).await? {
            Some(stored) => stored,
            None => self.make(usage, now).await?,
        };
        let opened = self.keyring.open_sealed(&usage.context(), &stored.sealed_private);
        let key = opened.and_then(|private| OwnKey::read(&private, &stored.certificate));
        key.ok_or(OwnKeyError::Sealed)
    }

    async fn stored(&self, usage: KeyUse) -> Result<Option<StoredSamlKey>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        saml_keys::find(&mut snapshot.tx(), usage.name()).await
    }

    async fn make(&self, usage: KeyUse, now: Timestamp) -> Result<StoredSamlKey, StorageError> {
        let host = self.host.clone();
        let made = tokio::task::spawn_blocking(move || usage.generate(&host, now));
        let NewKey { private, certificate } = made.await.expect("making a key does not panic");
        let new = StoredSamlKey {
            name: usage.name().to_owned(),
            sealed_private: self.keyring.seal(&usage.context(), &private),
            certificate,
            created_at: now,
        };
        // Another node may have been faster.
        let kept = self.db.write(Lane::Instance, move |tx| {
            let new = new.clone();
            Box::pin(async move {
                saml_keys::insert(tx, &new).await?;
                let kept = saml_keys::find(tx, usage.name()).await?;
                Ok(kept.unwrap_or(new))
            })
        });
        kept.await
    }
}
