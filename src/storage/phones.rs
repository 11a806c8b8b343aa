//! Phones that are sent codes: one number a user.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{CredentialId, UserId};
use crate::domain::phone::PhoneNumber;
use crate::domain::time::Timestamp;

/// A phone whose owner showed that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPhone {
    /// The credential.
    pub id: CredentialId,
    /// The number.
    pub number: PhoneNumber,
    /// Since when.
    pub created_at: Timestamp,
    /// When one of its codes was last spent, if one was since the first.
    pub last_used_at: Option<Timestamp>,
}

/// A user's phone, if there is one.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<StoredPhone>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String, i64, Option<i64>),
        tx,
        "SELECT id, number, created_at, last_used_at FROM phones WHERE user_id = $1",
        user.to_string(),
    )?;
    row.map(|(id, number, created_at, last_used_at)| {
        let row = Row::of("phones", &id);
        Ok(StoredPhone {
            id: row.parse("id", &id)?,
            number: row.parse("number", &number)?,
            created_at: Timestamp::from_millis(created_at),
            last_used_at: timestamp(last_used_at),
        })
    })
    .transpose()
}

/// Makes a phone a user's own, in place of an earlier one.
pub async fn put(
    tx: &mut Tx<'_>,
    id: CredentialId,
    user: UserId,
    number: &PhoneNumber,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO phones (id, user_id, number, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, number = excluded.number, \
         created_at = excluded.created_at, last_used_at = NULL",
        id.to_string(),
        user.to_string(),
        number.as_str(),
        now.millis(),
    )?;
    Ok(())
}

/// Notes that one of its codes was spent.
pub async fn used(tx: &mut Tx<'_>, id: CredentialId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE phones SET last_used_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis()
    )?;
    Ok(())
}

/// Takes a user's phone away; answers whether there was one.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let deleted = execute!(tx, "DELETE FROM phones WHERE user_id = $1", user.to_string())?;
    Ok(deleted > 0)
}
