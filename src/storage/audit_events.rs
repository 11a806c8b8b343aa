//! Audit events: written with what they tell of, never changed.

use super::query::{execute, fetch};
use super::{StorageError, Tx};

/// An event in the very words that its MAC covers.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredEvent {
    /// `evt_…`
    pub id: String,
    /// Whose log it belongs to; none for the instance's own.
    pub organization_id: Option<String>,
    /// `noun.verb`
    pub action: String,
    /// Who did it: an id, or `host`, `nobody`.
    pub actor: String,
    /// To what: an id.
    pub target: Option<String>,
    /// `success` or `refused`.
    pub result: String,
    /// A JSON object.
    pub detail: String,
    /// From where.
    pub address: Option<String>,
    /// By which program.
    pub user_agent: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// HMAC over all of the above.
    pub mac: Vec<u8>,
}

/// Stores an event.
pub async fn insert(tx: &mut Tx<'_>, event: &StoredEvent) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO audit_events \
         (id, organization_id, action, actor, target, result, detail, address, user_agent, at, mac) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &event.id,
        event.organization_id.as_deref(),
        &event.action,
        &event.actor,
        event.target.as_deref(),
        &event.result,
        &event.detail,
        event.address.as_deref(),
        event.user_agent.as_deref(),
        event.at,
        &event.mac,
    )?;
    Ok(())
}

/// Every event, oldest first.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT id, organization_id, action, actor, target, result, detail, address, user_agent, at, mac \
         FROM audit_events ORDER BY at, id",
    )
}
