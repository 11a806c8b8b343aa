//! Browsers that were sent to an upstream provider. Each comes back once.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::ConnectionId;
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::domain::upstream::UpstreamRequest;

#[derive(sqlx::FromRow)]
struct UpstreamRequestRow {
    id: String,
    state_hash: Vec<u8>,
    browser_hash: Vec<u8>,
    connection_id: String,
    organization_id: String,
    purpose: String,
    sent: String,
    reference: String,
    expires_at: i64,
}

impl TryFrom<UpstreamRequestRow> for UpstreamRequest {
    type Error = StorageError;

    fn try_from(columns: UpstreamRequestRow) -> Result<Self, StorageError> {
        let row = Row::of("upstream_requests", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            state: row.hash("state_hash", &columns.state_hash)?,
            browser: row.hash("browser_hash", &columns.browser_hash)?,
            connection: row.parse("connection_id", &columns.connection_id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            purpose: row.some("purpose", serde_json::from_str(&columns.purpose).ok())?,
            sent: row.some("sent", serde_json::from_str(&columns.sent).ok())?,
            reference: row.parse("reference", &columns.reference)?,
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

/// Stores one; answers `false` if its network has too many already.
pub async fn insert(
    tx: &mut Tx<'_>,
    request: &UpstreamRequest,
    network: Network,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (away,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM upstream_requests WHERE network = $1 AND expires_at > $2",
        network.to_string(),
        now.millis(),
    )?;
    if away >= UpstreamRequest::MOST_PER_NETWORK {
        return Ok(false);
    }
    execute!(
        tx,
        "INSERT INTO upstream_requests (id, state_hash, browser_hash, connection_id, organization_id, network, purpose, \
         sent, reference, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        request.id.to_string(),
        request.state.as_bytes(),
        request.browser.as_bytes(),
        request.connection.to_string(),
        request.organization.to_string(),
        network.to_string(),
        serde_json::to_string(&request.purpose).expect("a purpose is made of strings"),
        serde_json::to_string(&request.sent).expect("what was sent is made of strings"),
        request.reference.as_str(),
        request.expires_at.millis(),
    )?;
    Ok(true)
}

/// Takes the one of a state, in the browser and by the connection that it belongs to: of many who try, one gets it.
pub async fn take(
    tx: &mut Tx<'_>,
    state: &SecretHash,
    browser: &SecretHash,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<Option<UpstreamRequest>, StorageError> {
    let row = fetch!(
        fetch_optional as UpstreamRequestRow,
        tx,
        "DELETE FROM upstream_requests \
         WHERE state_hash = $1 AND browser_hash = $2 AND connection_id = $3 AND expires_at > $4 \
         RETURNING id, state_hash, browser_hash, connection_id, organization_id, purpose, sent, reference, expires_at",
        state.as_bytes(),
        browser.as_bytes(),
        connection.to_string(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Forgets those that did not come back in time.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM upstream_requests WHERE expires_at <= $1",
        now.millis()
    )
}
