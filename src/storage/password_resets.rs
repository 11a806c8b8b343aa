//! Links that give an account another password; one for each user.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::UserId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// Makes the link of this hash good until a moment, in place of the user's earlier one.
pub async fn put(
    tx: &mut Tx<'_>,
    user: UserId,
    link: &SecretHash,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO password_resets (user_id, secret_hash, created_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET secret_hash = excluded.secret_hash, \
         created_at = excluded.created_at, expires_at = excluded.expires_at",
        user.to_string(),
        link.as_bytes(),
        now.millis(),
        expires_at.millis(),
    )?;
    Ok(())
}

/// Whose a link is, if it is still good.
pub async fn find(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<UserId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT user_id FROM password_resets WHERE secret_hash = $1 AND expires_at > $2",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(user_of).transpose()
}

/// Uses a link up: of many who try, one gets whose it is.
pub async fn take(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<UserId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "DELETE FROM password_resets WHERE secret_hash = $1 AND expires_at > $2 RETURNING user_id",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(user_of).transpose()
}

/// A user's link is good no more, if there is one.
pub async fn end_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM password_resets WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(())
}

/// Forgets links that went bad before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM password_resets WHERE expires_at < $1",
        before.millis()
    )
}

fn user_of((user,): (String,)) -> Result<UserId, StorageError> {
    Row::of("password_resets", &user).parse("user_id", &user)
}
