//! The audit log: one event for each change and sign-in, in the same transaction, under a MAC. What is only observed
//! is written a moment later, in batches ([`Observations`]).
//!
//! An event never holds a secret. Each organization's log is a chain of signed seals ([`Sealer`]), and the instance's own
//! is one too: what was changed, removed, added or put elsewhere behind the server's back is found.

mod canonical;
pub mod erasure;
mod event;
pub mod export;
mod fields;
mod observations;
mod progress;
mod refusals;
pub mod retention;
mod seal;
mod sealing;
mod telling;
pub mod verify;

pub use canonical::is_intact;
pub use event::{Actor, Event};
pub use fields::Fields;
pub use observations::Observations;
pub use sealing::{Sealed, Sealer, SealingError};
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
