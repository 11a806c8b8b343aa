//! The outbox: sealed letters on their way.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;

/// A letter that somebody has taken to deliver it. Until its lease is over nobody else takes it.
pub struct TakenLetter {
    /// Its id.
    pub id: LetterId,
    /// What it says.
    pub sealed_letter: Vec<u8>,
    /// When it was posted.
    pub created_at: Timestamp,
    /// How often it was taken, with this time.
    pub attempts: i64,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    id: String,
    sealed_letter: Vec<u8>,
    created_at: i64,
    attempts: i64,
}

impl TryFrom<TakenRow> for TakenLetter {
    type Error = StorageError;

    fn try_from(columns: TakenRow) -> Result<Self, StorageError> {
        let row = Row::of("outbox", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            sealed_letter: columns.sealed_letter,
            created_at: Timestamp::from_millis(columns.created_at),
            attempts: columns.attempts,
        })
    }
}

/// Stores a letter that is due at once.
pub async fn insert(
    tx: &mut Tx<'_>,
    id: LetterId,
    sealed_letter: &[u8],
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO outbox (id, sealed_letter, created_at, due_at, attempts) VALUES ($1, $2, $3, $3, 0)",
        id.to_string(),
        sealed_letter,
        now.millis(),
    )?;
    tx.changed(Topic::Outbox);
    Ok(())
}

/// Takes at most so many letters that are due, the longest due first, until the lease is over. Of many nodes that try,
/// one takes each.
pub async fn take_due(
    tx: &mut Tx<'_>,
    limit: i64,
    lease: Timestamp,
    now: Timestamp,
) -> Result<Vec<TakenLetter>, StorageError> {
    let rows = fetch!(
        fetch_all as TakenRow,
        tx,
        "UPDATE outbox SET due_at = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM outbox \
         WHERE due_at <= $1 AND given_up_at IS NULL ORDER BY due_at LIMIT $2) \
         AND due_at <= $1 AND given_up_at IS NULL RETURNING id, sealed_letter, created_at, attempts",
        now.millis(),
        limit,
        lease.millis(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Forgets a letter that was delivered.
pub async fn delete(tx: &mut Tx<'_>, id: LetterId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM outbox WHERE id = $1", id.to_string())?;
    Ok(())
}

/// Has a letter that was taken under this lease, and could not be delivered, tried again later.
pub async fn postpone(
    tx: &mut Tx<'_>,
    id: LetterId,
    lease: Timestamp,
    due_at: Timestamp,
    error: &str,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE outbox SET due_at = $3, last_error = $4 WHERE id = $1 AND due_at = $2",
        id.to_string(),
        lease.millis(),
        due_at.millis(),
        error,
    )?;
    Ok(())
}

/// Gives up a letter that was taken under this lease: it is kept for whoever looks why, and never tried again.
pub async fn give_up(
    tx: &mut Tx<'_>,
    id: LetterId,
    lease: Timestamp,
    error: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE outbox SET given_up_at = $3, last_error = $4 WHERE id = $1 AND due_at = $2",
        id.to_string(),
        lease.millis(),
        now.millis(),
        error,
    )?;
    Ok(())
}

/// How many letters are on their way.
pub async fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM outbox WHERE given_up_at IS NULL",
    )?;
    Ok(count)
}

/// Forgets letters that were posted before a moment and given up.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM outbox WHERE given_up_at IS NOT NULL AND created_at < $1",
        before.millis(),
    )?;
    Ok(())
}
