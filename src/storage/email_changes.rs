//! Changes of email addresses that wait for their link to be followed; one for each user.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailChange {
    /// Whose.
    pub user: UserId,
    /// The new address.
    pub email: Email,
}

fn change_of((user, email): (String, String)) -> Result<EmailChange, StorageError> {
    let row = Row::of("email_changes", &user);
    Ok(EmailChange {
        user: row.parse("user_id", &user)?,
        email: row.parse("email", &email)?,
    })
}

/// Lets a change wait for the link of this hash, in place of the user's earlier one.
pub async fn put(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    change: &EmailChange,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO email_changes (secret_hash, user_id, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET secret_hash = excluded.secret_hash, email = excluded.email, \
         created_at = excluded.created_at, expires_at = excluded.expires_at",
        link.as_bytes(),
        change.user.to_string(),
        change.email.as_str(),
        now.millis(),
        expires_at.millis(),
    )?;
    Ok(())
}

/// The change that a link is for, if it still waits.
pub async fn find(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<EmailChange>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "SELECT user_id, email FROM email_changes WHERE secret_hash = $1 AND expires_at > $2",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(change_of).transpose()
}

/// Takes the change that a link is for: of many who try, one gets it.
pub async fn take(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<EmailChange>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "DELETE FROM email_changes WHERE secret_hash = $1 AND expires_at > $2 RETURNING user_id, email",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(change_of).transpose()
}

/// The address that a user's change waits for.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<Option<EmailChange>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "SELECT user_id, email FROM email_changes WHERE user_id = $1 AND expires_at > $2",
        user.to_string(),
        now.millis(),
    )?;
    row.map(change_of).transpose()
}

/// Forgets a user's change, if one waits.
pub async fn end_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM email_changes WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(())
}

/// Forgets changes whose links went bad before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM email_changes WHERE expires_at < $1",
        before.millis()
    )
}
