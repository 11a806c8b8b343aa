//! Password credentials: one Argon2id hash a user, as a PHC string.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{CredentialId, UserId};
use crate::domain::time::Timestamp;

/// The hash of no password that anybody could find; checking against it takes as long as against any.
const LOCKED: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A stored password.
#[derive(Clone)]
pub struct StoredPassword {
    /// The credential.
    pub id: CredentialId,
    /// `$argon2id$…`
    pub hash: String,
}

/// Stores a user's first password.
pub async fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    password: &StoredPassword,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO password_credentials (id, user_id, hash, created_at, changed_at) VALUES ($1, $2, $3, $4, $4)",
        password.id.to_string(),
        user.to_string(),
        &password.hash,
        now.millis(),
    )?;
    Ok(())
}

/// A user's password, if there is one.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<StoredPassword>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "SELECT id, hash FROM password_credentials WHERE user_id = $1",
        user.to_string(),
    )?;
    row.map(|(id, hash)| {
        Ok(StoredPassword {
            id: Row::of("password_credentials", &id).parse("id", &id)?,
            hash,
        })
    })
    .transpose()
}

/// When a user's password was chosen, if there is one.
pub async fn changed_at(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Timestamp>, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT changed_at FROM password_credentials WHERE user_id = $1",
        user.to_string(),
    )?;
    Ok(row.map(|(at,)| Timestamp::from_millis(at)))
}

/// Whether a user's password opens nothing until it is changed.
pub async fn must_change(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (bool,),
        tx,
        "SELECT must_change FROM password_credentials WHERE user_id = $1",
        user.to_string(),
    )?;
    Ok(row.is_some_and(|(must,)| must))
}

/// The same password under stronger parameters; does nothing if it was changed meanwhile.
pub async fn rehash(
    tx: &mut Tx<'_>,
    id: CredentialId,
    old_hash: &str,
    new_hash: &str,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE password_credentials SET hash = $3 WHERE id = $1 AND hash = $2",
        id.to_string(),
        old_hash,
        new_hash,
    )?;
    Ok(())
}

/// Puts another password in the place of one, if that is still the one that was known. It need not be changed again.
pub async fn replace(
    tx: &mut Tx<'_>,
    id: CredentialId,
    old_hash: &str,
    new_hash: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let replaced = execute!(
        tx,
        "UPDATE password_credentials SET hash = $3, changed_at = $4, must_change = $5 WHERE id = $1 AND hash = $2",
        id.to_string(),
        old_hash,
        new_hash,
        now.millis(),
        false,
    )?;
    Ok(replaced == 1)
}

/// Has a user change their password before it opens anything again; answers whether there is one.
pub async fn force_change(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let forced = execute!(
        tx,
        "UPDATE password_credentials SET must_change = $2 WHERE user_id = $1",
        user.to_string(),
        true,
    )?;
    Ok(forced == 1)
}

/// Lets a user's password open nothing: no password has this hash. Another takes its place by a letter.
pub async fn lock(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE password_credentials SET hash = $2, changed_at = $3, must_change = $4 WHERE user_id = $1",
        user.to_string(),
        LOCKED,
        now.millis(),
        false,
    )?;
    Ok(())
}

/// Forgets a user's password.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM password_credentials WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(())
}
