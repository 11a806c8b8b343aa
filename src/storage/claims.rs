//! Claims: the link that lets the first owner of an instance in, once.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// Stores a new claim; every earlier one dies.
pub async fn replace(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM claims WHERE consumed_at IS NULL")?;
    execute!(
        tx,
        "INSERT INTO claims (secret_hash, created_at, expires_at) VALUES ($1, $2, $3)",
        hash.as_bytes(),
        now.millis(),
        expires_at.millis(),
    )?;
    Ok(())
}

/// Whether a claim can still be used.
pub async fn is_open(tx: &mut Tx<'_>, hash: &SecretHash, now: Timestamp) -> Result<bool, StorageError> {
    let row = super::query::fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT expires_at FROM claims WHERE secret_hash = $1 AND consumed_at IS NULL AND expires_at > $2",
        hash.as_bytes(),
        now.millis(),
    )?;
    Ok(row.is_some())
}

/// Uses a claim. Of many who try, one is answered `true`.
pub async fn consume(tx: &mut Tx<'_>, hash: &SecretHash, now: Timestamp) -> Result<bool, StorageError> {
    let consumed = execute!(
        tx,
        "UPDATE claims SET consumed_at = $2 WHERE secret_hash = $1 AND consumed_at IS NULL AND expires_at > $2",
        hash.as_bytes(),
        now.millis(),
    )?;
    Ok(consumed == 1)
}
