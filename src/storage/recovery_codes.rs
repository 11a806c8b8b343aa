//! Recovery codes: a set for each user, of which keyed hashes are kept. A code is spent once.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{CredentialId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A user's set, as far as anybody is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set {
    /// When it was made.
    pub created_at: Timestamp,
    /// How many of its codes are not spent.
    pub left: i64,
}

/// Gives a user a new set in place of the one there is.
pub async fn replace(
    tx: &mut Tx<'_>,
    user: UserId,
    set: CredentialId,
    hashes: &[SecretHash],
    now: Timestamp,
) -> Result<(), StorageError> {
    delete_of_user(tx, user).await?;
    for hash in hashes {
        execute!(
            tx,
            "INSERT INTO recovery_codes (user_id, code_hash, credential_id, created_at) VALUES ($1, $2, $3, $4)",
            user.to_string(),
            hash.as_bytes(),
            set.to_string(),
            now.millis(),
        )?;
    }
    Ok(())
}

/// Spends a code, once, and names the set it is of.
pub async fn spend(
    tx: &mut Tx<'_>,
    user: UserId,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Option<CredentialId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL \
         RETURNING credential_id",
        user.to_string(),
        hash.as_bytes(),
        now.millis(),
    )?;
    row.map(|(set,)| Row::of("recovery_codes", &set).parse("credential_id", &set))
        .transpose()
}

/// A user's set, if there is one.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Set>, StorageError> {
    let row = fetch!(
        fetch_one as (Option<i64>, i64, i64),
        tx,
        "SELECT MAX(created_at), COUNT(*), COUNT(used_at) FROM recovery_codes WHERE user_id = $1",
        user.to_string(),
    )?;
    let (created_at, all, spent) = row;
    Ok(created_at.map(|created_at| Set {
        created_at: Timestamp::from_millis(created_at),
        left: all - spent,
    }))
}

/// Takes a user's set away; answers whether there was one.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let deleted = execute!(
        tx,
        "DELETE FROM recovery_codes WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(deleted > 0)
}
