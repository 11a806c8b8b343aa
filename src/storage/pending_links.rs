//! Links that wait for their person: one a browser, made once.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::pending_link::PendingLink;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Reference;

#[derive(sqlx::FromRow)]
struct PendingLinkRow {
    browser_hash: Vec<u8>,
    connection_id: String,
    organization_id: String,
    arrival: String,
    only_for: Option<String>,
    onward: String,
    reference: String,
    expires_at: i64,
}

impl TryFrom<PendingLinkRow> for PendingLink {
    type Error = StorageError;

    fn try_from(columns: PendingLinkRow) -> Result<Self, StorageError> {
        let row = Row::of("pending_links", &columns.reference);
        Ok(Self {
            browser: row.hash("browser_hash", &columns.browser_hash)?,
            connection: row.parse("connection_id", &columns.connection_id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            arrival: row.some("arrival", serde_json::from_str(&columns.arrival).ok())?,
            only_for: row.parse_optional("only_for", columns.only_for.as_deref())?,
            onward: row.some("onward", serde_json::from_str(&columns.onward).ok())?,
            reference: row.parse("reference", &columns.reference)?,
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

/// Lets one wait, in the place of whatever waited in its browser.
pub async fn put(tx: &mut Tx<'_>, pending: &PendingLink) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO pending_links (browser_hash, connection_id, organization_id, arrival, only_for, onward, reference, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (browser_hash) DO UPDATE SET \
         connection_id = excluded.connection_id, organization_id = excluded.organization_id, \
         arrival = excluded.arrival, only_for = excluded.only_for, onward = excluded.onward, \
         reference = excluded.reference, expires_at = excluded.expires_at",
        pending.browser.as_bytes(),
        pending.connection.to_string(),
        pending.organization.to_string(),
        serde_json::to_string(&pending.arrival).expect("an arrival is made of strings and numbers"),
        pending.only_for.map(|user| user.to_string()),
        serde_json::to_string(&pending.onward).expect("what goes on is made of strings"),
        pending.reference.as_str(),
        pending.expires_at.millis(),
    )?;
    Ok(())
}

/// The one that waits in a browser.
pub async fn find(
    tx: &mut Tx<'_>,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<PendingLink>, StorageError> {
    let row = fetch!(
        fetch_optional as PendingLinkRow,
        tx,
        "SELECT browser_hash, connection_id, organization_id, arrival, only_for, onward, reference, expires_at \
         FROM pending_links WHERE browser_hash = $1 AND expires_at > $2",
        browser.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Takes the one that was seen in a browser: of many who try, one gets it.
pub async fn take(
    tx: &mut Tx<'_>,
    browser: &SecretHash,
    reference: &Reference,
    now: Timestamp,
) -> Result<Option<PendingLink>, StorageError> {
    let row = fetch!(
        fetch_optional as PendingLinkRow,
        tx,
        "DELETE FROM pending_links WHERE browser_hash = $1 AND reference = $2 AND expires_at > $3 \
         RETURNING browser_hash, connection_id, organization_id, arrival, only_for, onward, reference, expires_at",
        browser.as_bytes(),
        reference.as_str(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Forgets those that nobody made in time.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM pending_links WHERE expires_at <= $1",
        now.millis()
    )
}
