//! Counts of text messages, by whatever is counted: a person, a number, a network, an organization.

use super::query::{execute, fetch};
use super::row::timestamp;
use super::{StorageError, Tx};
use crate::domain::id::LetterId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// How many there were after a moment, and when the last and the first of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: i64,
    /// The first of them.
    pub first: Option<Timestamp>,
    /// The last of them.
    pub last: Option<Timestamp>,
}

/// What was counted after a moment.
pub async fn since(tx: &mut Tx<'_>, subject: &SecretHash, after: Timestamp) -> Result<Counted, StorageError> {
    let (count, first, last) = fetch!(
        fetch_one as (i64, Option<i64>, Option<i64>),
        tx,
        "SELECT COUNT(*), MIN(sent_at), MAX(sent_at) FROM sms_sends WHERE subject = $1 AND sent_at > $2",
        subject.as_bytes(),
        after.millis(),
    )?;
    Ok(Counted {
        count,
        first: timestamp(first),
        last: timestamp(last),
    })
}

/// Counts a message.
pub async fn note(
    tx: &mut Tx<'_>,
    subject: &SecretHash,
    message: LetterId,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sms_sends (subject, id, sent_at) VALUES ($1, $2, $3)",
        subject.as_bytes(),
        message.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Forgets messages before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM sms_sends WHERE sent_at < $1", before.millis())
}
