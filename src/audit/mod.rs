//! The audit log: one event for each change and sign-in, in the same transaction, under a MAC. What is only observed
//! is written a moment later, in batches ([`Observations`]).
//!
//! An event never holds a secret. Sealing the log into a chain comes on top of this; a row that was changed behind the
//! server's back already fails its MAC.

mod observations;
mod refusals;

pub use observations::Observations;

use serde_json::{Map, Value};

use crate::domain::id::{ApplicationId, KeyId, OrganizationId, UserId};
use crate::domain::network::Network;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::audit_events::StoredEvent;
use crate::storage::{self, StorageError, Tx};

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// An application, acting for itself.
    Application(ApplicationId),
    /// An organization's own API key.
    Key(KeyId),
    /// Whoever runs commands on the host.
    Host,
    /// Somebody who was not recognised.
    Nobody,
}

/// A fact that happened.
#[derive(Debug, Clone)]
pub struct Event {
    action: &'static str,
    actor: Actor,
    organization: Option<OrganizationId>,
    target: Option<String>,
    refused: bool,
    detail: Map<String, Value>,
    address: Option<String>,
    user_agent: Option<String>,
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub address: std::net::IpAddr,
    /// What its program calls itself, at most 256 characters.
    pub user_agent: String,
}

impl Event {
    /// `action` is `noun.verb`.
    pub fn of(action: &'static str, actor: Actor) -> Self {
        let detail = Map::new();
        Self {
            action,
            actor,
            organization: None,
            target: None,
            refused: false,
            detail,
            address: None,
            user_agent: None,
        }
    }

    /// It belongs to an organization's log, not the instance's.
    #[must_use]
    pub fn within(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }

    /// What it was done to.
    #[must_use]
    pub fn on(mut self, target: impl std::fmt::Display) -> Self {
        self.target = Some(target.to_string());
        self
    }

    /// It was tried and refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// More about it; never a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// Where it came from.
    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.address = Some(origin.address.to_string());
        self.user_agent = Some(origin.user_agent.clone());
        self
    }

    /// It came from somewhere in there.
    #[must_use]
    fn within_network(mut self, network: Network) -> Self {
        self.address = Some(network.to_string());
        self
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Application(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Host => f.write_str("host"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// Writes an event in the transaction of what it tells of: both happen, or neither.
pub async fn record(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    event: &Event,
    now: Timestamp,
) -> Result<(), StorageError> {
    storage::audit_events::insert(tx, &stored(keyring, event, now)).await
}

/// An event with an id and under its MAC.
fn stored(keyring: &Keyring, event: &Event, now: Timestamp) -> StoredEvent {
    let mut stored = StoredEvent {
        id: random::id::<crate::domain::id::EventKind>(now).to_string(),
        organization_id: event.organization.map(|id| id.to_string()),
        action: event.action.to_owned(),
        actor: event.actor.to_string(),
        target: event.target.clone(),
        result: if event.refused { "refused" } else { "success" }.to_owned(),
        detail: Value::Object(event.detail.clone()).to_string(),
        address: event.address.clone(),
        user_agent: event.user_agent.clone(),
        at: now.millis(),
        mac: Vec::new(),
    };
    stored.mac = keyring.audit_mac(&canonical(&stored));
    stored
}

/// Whether a stored event is as it was written.
pub fn is_intact(keyring: &Keyring, stored: &StoredEvent) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(&keyring.audit_mac(&canonical(stored)), &stored.mac)
        .is_ok()
}

/// Every column but the MAC, each with its length before it, so that no two events have the same bytes.
fn canonical(event: &StoredEvent) -> Vec<u8> {
    let at = event.at.to_string();
    let columns = [
        Some(event.id.as_str()),
        event.organization_id.as_deref(),
        Some(&event.action),
        Some(&event.actor),
        event.target.as_deref(),
        Some(&event.result),
        Some(&event.detail),
        event.address.as_deref(),
        event.user_agent.as_deref(),
        Some(&at),
    ];
    let mut bytes = b"doorward audit event 1".to_vec();
    for column in columns {
        match column {
            Some(text) => {
                bytes.push(1);
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
            None => bytes.push(0),
        }
    }
    bytes
}
