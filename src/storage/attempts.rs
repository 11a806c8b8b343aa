//! Counters of failed tries, by whatever is counted: an account, a device, a network.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::secret::SecretHash;
use crate::domain::throttle::Failures;
use crate::domain::time::Timestamp;

/// What is known of a subject's failures.
pub async fn of(tx: &mut Tx<'_>, subject: &SecretHash) -> Result<Option<Failures>, StorageError> {
    let row = fetch!(
        fetch_optional as (i64, i64, i64),
        tx,
        "SELECT failures, blocked_until, reckoned_at FROM attempts WHERE subject = $1",
        subject.as_bytes(),
    )?;
    Ok(row.map(|(count, blocked_until, reckoned_at)| Failures {
        count,
        blocked_until: Timestamp::from_millis(blocked_until),
        reckoned_at: Timestamp::from_millis(reckoned_at),
    }))
}

/// Replaces what is known.
pub async fn put(tx: &mut Tx<'_>, subject: &SecretHash, failures: Failures) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO attempts (subject, failures, blocked_until, reckoned_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, \
         blocked_until = excluded.blocked_until, reckoned_at = excluded.reckoned_at",
        subject.as_bytes(),
        failures.count,
        failures.blocked_until.millis(),
        failures.reckoned_at.millis(),
    )?;
    Ok(())
}

/// Forgets a subject's failures: the person turned out to be who they said.
pub async fn clear(tx: &mut Tx<'_>, subject: &SecretHash) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM attempts WHERE subject = $1", subject.as_bytes())?;
    Ok(())
}

/// Takes back one failure that was none, and lets the next try through at once. It does not make the rest fresh.
pub async fn forgive_one(tx: &mut Tx<'_>, subject: &SecretHash) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE attempts SET failures = failures - 1, blocked_until = 0 WHERE subject = $1 AND failures > 0",
        subject.as_bytes(),
    )?;
    Ok(())
}

/// Forgets counters that have been fading since `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM attempts WHERE reckoned_at < $1", before.millis())
}
