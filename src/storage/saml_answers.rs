//! Answers of SAML providers that wait for their browser: it brought them by a form of another site, without our cookies.

use std::time::Duration;

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::ConnectionId;
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// How long one waits: as long as a redirect takes.
pub const LIFETIME: Duration = Duration::from_mins(2);

/// The most that wait from one network, and so the most that it can have us look into in that time.
const MOST_PER_NETWORK: i64 = 100;

/// An answer that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingAnswer {
    /// Of what its browser comes with.
    pub handle: SecretHash,
    /// Whose provider sent it.
    pub connection: ConnectionId,
    /// The document, not looked into.
    pub message: Vec<u8>,
    /// Of its `RelayState`.
    pub state: Option<SecretHash>,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct WaitingAnswerRow {
    handle_hash: Vec<u8>,
    connection_id: String,
    message: Vec<u8>,
    state_hash: Option<Vec<u8>>,
    expires_at: i64,
}

impl TryFrom<WaitingAnswerRow> for WaitingAnswer {
    type Error = StorageError;

    fn try_from(columns: WaitingAnswerRow) -> Result<Self, StorageError> {
        let row = Row::of("saml_answers", &columns.connection_id);
        let state = columns.state_hash.as_deref();
        Ok(Self {
            handle: row.hash("handle_hash", &columns.handle_hash)?,
            connection: row.parse("connection_id", &columns.connection_id)?,
            message: columns.message,
            state: state.map(|state| row.hash("state_hash", state)).transpose()?,
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

/// Lets one wait; answers `false` if its network has too many waiting.
pub async fn insert(
    tx: &mut Tx<'_>,
    answer: &WaitingAnswer,
    network: Network,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (waiting,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM saml_answers WHERE network = $1 AND expires_at > $2",
        network.to_string(),
        now.millis(),
    )?;
    if waiting >= MOST_PER_NETWORK {
        return Ok(false);
    }
    execute!(
        tx,
        "INSERT INTO saml_answers (handle_hash, connection_id, network, message, state_hash, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        answer.handle.as_bytes(),
        answer.connection.to_string(),
        network.to_string(),
        answer.message.as_slice(),
        answer.state.as_ref().map(SecretHash::as_bytes),
        answer.expires_at.millis(),
    )?;
    Ok(true)
}

/// Takes the one of a handle: of many who try, one gets it.
pub async fn take(
    tx: &mut Tx<'_>,
    handle: &SecretHash,
    connection: ConnectionId,
    now: Timestamp,
) -> Result<Option<WaitingAnswer>, StorageError> {
    let row = fetch!(
        fetch_optional as WaitingAnswerRow,
        tx,
        "DELETE FROM saml_answers WHERE handle_hash = $1 AND connection_id = $2 AND expires_at > $3 \
         RETURNING handle_hash, connection_id, message, state_hash, expires_at",
        handle.as_bytes(),
        connection.to_string(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Forgets those that nobody came for.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM saml_answers WHERE expires_at <= $1",
        now.millis()
    )
}
