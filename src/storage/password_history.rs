//! What people's passwords were before, as hashes, for as long as a new one has to differ from them.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;

/// Keeps the hash that a user's password had until now.
pub async fn insert(tx: &mut Tx<'_>, user: UserId, hash: &str, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO password_history (user_id, hash, replaced_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        user.to_string(),
        hash,
        now.millis(),
    )?;
    Ok(())
}

/// The hashes of a user's newest earlier passwords, the newest first.
pub async fn newest(tx: &mut Tx<'_>, user: UserId, most: i64) -> Result<Vec<String>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT hash FROM password_history WHERE user_id = $1 ORDER BY replaced_at DESC, hash LIMIT $2",
        user.to_string(),
        most,
    )?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Forgets all of a user's but the newest.
pub async fn keep_newest(tx: &mut Tx<'_>, user: UserId, most: i64) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM password_history WHERE user_id = $1 AND hash NOT IN \
         (SELECT hash FROM password_history WHERE user_id = $1 ORDER BY replaced_at DESC, hash LIMIT $2)",
        user.to_string(),
        most,
    )?;
    Ok(())
}
