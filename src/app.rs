//! Wiring only: builds what the server and the host's commands share.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::{Observations, Sealer};
use crate::clock::Clock;
use crate::config::{Config, StorageConfig};
use crate::delivery::{Carrier, CarrierError, Composer, Messenger, PostOffice, Shelf};
use crate::directory::KeyUses;
use crate::dns::Dns;
use crate::downstream::Downstream;
use crate::keyring::{Keyring, KeyringError};
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::outbound::Outbound;
use crate::sign_in::{PasswordHasher, Prover, StolenPasswords};
use crate::single_logout::SingleLogout;
use crate::storage::{self, Db, StorageError};
use crate::upstream::Upstream;
use crate::web::{AppState, Documents, RateLimit, Running, Shared};
use crate::webauthn::RelyingParty;

/// Why an instance can't start; each in one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Mail.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// Mail.
    #[error("mail.from is {0}, which mail can't be sent from")]
    From(String),
    /// The list of stolen passwords.
    #[error("can't use the passwords.breached_list {path}: {error}")]
    BreachedList {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// Text messages.
    #[error("can't get ready to send text messages: {0}")]
    Messages(String),
}

/// An instance with its database and keys open.
#[derive(Clone)]
pub struct Instance {
    /// Where everything is.
    pub db: Db,
    /// What signs and seals.
    pub keyring: Keyring,
    /// What time it is.
    pub clock: Clock,
    /// How much API keys are used, until a job writes it down.
    pub key_uses: KeyUses,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is observed, on its way into the audit log; `jobs::write_observations` takes it there.
    pub observations: Observations,
}

impl Instance {
    /// Opens database and keys, and makes them if they are new.
    pub async fn open(config: &StorageConfig, clock: Clock) -> Result<Self, StartError> {
        let db = storage::open(config).await?;
        let keyring = Keyring::open(&db, &config.keys_dir, clock.now()).await?;
        Ok(Self {
            observations: Observations::of(db.clone(), keyring.clone()),
            db,
            keyring,
            clock,
            metrics: Arc::default(),
            key_uses: KeyUses::default(),
        })
    }

    /// What seals its audit log; `jobs::seal_the_log` has it do so.
    pub fn sealer(&self) -> Sealer {
        Sealer::of(self.db.clone(), &self.keyring)
    }

    /// What those who watch it are handed.
    pub fn running(&self) -> Running {
        Running {
            db: self.db.clone(),
            keyring: self.keyring.clone(),
            metrics: Arc::clone(&self.metrics),
            observations: self.observations.clone(),
        }
    }

    /// What delivers letters, and puts them on a shelf if there is one; `jobs::deliver_letters` has it do so.
    pub fn post_office(&self, config: &Config, shown: Option<Shelf>) -> Result<PostOffice, StartError> {
        let carrier = Carrier::open(&config.mail, &config.public_url)?;
        let composer = Composer::of(&config.mail.from, &config.public_url, &config.places);
        let composer = composer.ok_or_else(|| StartError::From(config.mail.from.email.to_string()))?;
        carrier.introduce();
        let (db, keyring, clock) = (self.db.clone(), self.keyring.clone(), self.clock.clone());
        let metrics = Arc::clone(&self.metrics);
        Ok(PostOffice::of(
            db, keyring, clock, metrics, composer, carrier, shown,
        ))
    }

    /// What sends text messages, if anything does.
    fn messenger(config: &Config) -> Result<Option<Messenger>, StartError> {
        let opened = config
            .sms
            .as_ref()
            .map(|sms| Messenger::open(sms, &config.public_url));
        opened.transpose().map_err(StartError::Messages)
    }

    /// What requests are handed.
    pub fn state(&self, config: Config) -> Result<AppState, StartError> {
        let provider = Provider::new(
            self.db.clone(),
            self.keyring.clone(),
            config.public_url.clone(),
            self.observations.clone(),
        );
        let prover = Prover {
            db: self.db.clone(),
            keyring: self.keyring.clone(),
            hasher: hasher(&config)?,
            relying_party: relying_party(&config),
        };
        let documents = Documents::of(&config.public_url);
        let outbound = Outbound::new(&config.outbound);
        let (db, keyring, public_url) = (self.db.clone(), self.keyring.clone(), config.public_url.clone());
        let downstream = Downstream::new(db.clone(), keyring.clone(), public_url.clone());
        let upstream = Upstream::new(db, keyring, outbound.clone(), public_url);
        Ok(AppState::from(Shared {
            messenger: Self::messenger(&config)?,
            dns: Dns::of(&config.dns),
            single_logout: SingleLogout::new(
                self.db.clone(),
                self.keyring.clone(),
                config.public_url.clone(),
                upstream.clone(),
                downstream.clone(),
            ),
            upstream,
            downstream,
            outbound,
            rate_limit: RateLimit::new(config.requests_per_minute),
            key_uses: self.key_uses.clone(),
            config,
            clock: self.clock.clone(),
            metrics: Arc::clone(&self.metrics),
            observations: self.observations.clone(),
            provider,
            prover,
            documents,
        }))
    }
}

/// What checks passwords, and knows which are stolen.
pub fn hasher(config: &Config) -> Result<PasswordHasher, StartError> {
    let opened = config.breached_list.as_ref().map(|path| {
        StolenPasswords::open(path).map_err(|error| StartError::BreachedList {
            path: path.clone(),
            error,
        })
    });
    Ok(PasswordHasher::start_with(opened.transpose()?))
}

/// Who asks for passkeys; nobody under an address that they can't be bound to, which the operator is told.
fn relying_party(config: &Config) -> Option<Arc<RelyingParty>> {
    let party = RelyingParty::of(&config.public_url, &config.webauthn);
    if party.is_none() {
        tracing::warn!(
            public_url = config.public_url.as_str(),
            "there are no passkeys and security keys here: the public address needs a name instead of an IP address"
        );
    }
    party.map(Arc::new)
}
