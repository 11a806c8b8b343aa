//! Access tokens that died before their time, one by one; what dies with its family is not here.

use super::query::{execute, fetch};
use super::{StorageError, Topic, Tx};
use crate::domain::time::Timestamp;

/// Notes that the token of this `jti`, which descends from `of`, is dead; answers `false` if it was already.
pub async fn insert(
    tx: &mut Tx<'_>,
    jti: &str,
    of: Topic,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING",
        jti,
        expires_at.millis(),
    )?;
    tx.changed(of);
    Ok(inserted == 1)
}

/// Whether the token of this `jti` died before its time.
pub async fn contains(tx: &mut Tx<'_>, jti: &str) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT jti FROM revoked_tokens WHERE jti = $1",
        jti
    )?;
    Ok(row.is_some())
}

/// Forgets those that would be dead by now anyway.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM revoked_tokens WHERE expires_at < $1",
        before.millis()
    )
}
