//! Authenticator apps: one secret a user, sealed, with the last step whose code was spent; and the secret that waits for
//! its first code.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{CredentialId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::totp::Step;

/// An app whose codes are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTotp {
    /// The credential.
    pub id: CredentialId,
    /// Sealed.
    pub secret: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
    /// When one of its codes was last spent, if one was since the first.
    pub last_used_at: Option<Timestamp>,
}

/// A user's app, if there is one.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<StoredTotp>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, Vec<u8>, i64, Option<i64>),
        tx,
        "SELECT id, secret, created_at, last_used_at FROM totp_credentials WHERE user_id = $1",
        user.to_string(),
    )?;
    row.map(|(id, secret, created_at, last_used_at)| {
        Ok(StoredTotp {
            id: Row::of("totp_credentials", &id).parse("id", &id)?,
            secret,
            created_at: Timestamp::from_millis(created_at),
            last_used_at: timestamp(last_used_at),
        })
    })
    .transpose()
}

/// Makes an app a user's own, in place of an earlier one. The step of the code that showed it is spent.
pub async fn put(
    tx: &mut Tx<'_>,
    id: CredentialId,
    user: UserId,
    sealed: &[u8],
    spent: Step,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO totp_credentials (id, user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, secret = excluded.secret, \
         last_step = excluded.last_step, created_at = excluded.created_at, last_used_at = NULL",
        id.to_string(),
        user.to_string(),
        sealed,
        spent.number(),
        now.millis(),
    )?;
    Ok(())
}

/// Spends a step of an app: once, and none before one that is spent.
pub async fn spend(
    tx: &mut Tx<'_>,
    id: CredentialId,
    step: Step,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let spent = execute!(
        tx,
        "UPDATE totp_credentials SET last_step = $2, last_used_at = $3 WHERE id = $1 AND last_step < $2",
        id.to_string(),
        step.number(),
        now.millis(),
    )?;
    Ok(spent == 1)
}

/// Takes a user's app away, and the one that waits; answers whether there was one.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    end_enrolment(tx, user).await?;
    let deleted = execute!(
        tx,
        "DELETE FROM totp_credentials WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(deleted > 0)
}

/// Lets a secret wait for its first code, in place of another that waits.
pub async fn begin_enrolment(
    tx: &mut Tx<'_>,
    user: UserId,
    sealed: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO totp_enrolments (user_id, secret, created_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, \
         expires_at = excluded.expires_at",
        user.to_string(),
        sealed,
        now.millis(),
        expires_at.millis(),
    )?;
    Ok(())
}

/// The sealed secret that waits for a user's first code.
pub async fn enrolment(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch!(
        fetch_optional as (Vec<u8>,),
        tx,
        "SELECT secret FROM totp_enrolments WHERE user_id = $1 AND expires_at > $2",
        user.to_string(),
        now.millis(),
    )?;
    Ok(row.map(|(secret,)| secret))
}

/// Ends the wait; answers whether there was one: of many who try, one is told yes.
pub async fn end_enrolment(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let deleted = execute!(
        tx,
        "DELETE FROM totp_enrolments WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(deleted > 0)
}

/// Forgets secrets whose wait was over before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM totp_enrolments WHERE expires_at < $1",
        before.millis()
    )
}
