//! Answers to requests that carried an `Idempotency-Key`, one for each caller and key.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// Which request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The name of the credential it came with.
    pub caller: String,
    /// What the caller sent.
    pub key: String,
}

/// What it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Method, route and body.
    pub request_hash: SecretHash,
    /// The status.
    pub status: u16,
    /// The body; without what is shown once.
    pub body: String,
    /// Whether something was shown that is not shown again.
    pub shown_once: bool,
}

#[derive(sqlx::FromRow)]
struct AnswerRow {
    request_hash: Vec<u8>,
    status: i64,
    body: String,
    shown_once: bool,
}

/// The answer that was given before, if one was.
pub async fn find(tx: &mut Tx<'_>, key: &IdempotencyKey) -> Result<Option<StoredAnswer>, StorageError> {
    let row = fetch!(
        fetch_optional as AnswerRow,
        tx,
        "SELECT request_hash, status, body, shown_once FROM idempotency_keys WHERE caller = $1 AND key = $2",
        &key.caller,
        &key.key,
    )?;
    let Some(columns) = row else { return Ok(None) };
    let row = Row::of("idempotency_keys", &key.caller);
    Ok(Some(StoredAnswer {
        request_hash: row.hash("request_hash", &columns.request_hash)?,
        status: row.some("status", u16::try_from(columns.status).ok())?,
        body: columns.body,
        shown_once: columns.shown_once,
    }))
}

/// Stores an answer; answers `false` if there is one already.
pub async fn insert(
    tx: &mut Tx<'_>,
    key: &IdempotencyKey,
    answer: &StoredAnswer,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO idempotency_keys (caller, key, request_hash, status, body, shown_once, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (caller, key) DO NOTHING",
        &key.caller,
        &key.key,
        answer.request_hash.as_bytes(),
        i64::from(answer.status),
        &answer.body,
        answer.shown_once,
        now.millis(),
    )?;
    Ok(inserted == 1)
}

/// Forgets answers that were given before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM idempotency_keys WHERE created_at < $1",
        before.millis()
    )
}
