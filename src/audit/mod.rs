//! The audit log: one event for each change and sign-in, in the same transaction, under a MAC. What is only observed
//! is written a moment later, in batches ([`Observations`]).
//!
//! An event never holds a secret. Sealing the log into a chain comes on top of this; a row that was changed behind the
//! server's back already fails its MAC.

mod canonical;
mod event;
mod fields;
mod observations;
mod refusals;
mod telling;

pub use canonical::is_intact;
pub use event::{Actor, Event};
pub use fields::Fields;
pub use observations::Observations;
pub use telling::Telling;

use canonical::stored;

use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{self, StorageError, Tx};

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub address: std::net::IpAddr,
    /// What its program calls itself, at most 256 characters.
    pub user_agent: String,
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
