//! What came to prove a person since a moment, of every kind, and who came to speak for them.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;

/// Forgets every factor that a person got at a moment or later.
pub async fn forget(tx: &mut Tx<'_>, user: UserId, since: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM totp_credentials WHERE user_id = $1 AND created_at >= $2",
        user.to_string(),
        since.millis(),
    )?;
    execute!(
        tx,
        "DELETE FROM recovery_codes WHERE user_id = $1 AND created_at >= $2",
        user.to_string(),
        since.millis(),
    )?;
    execute!(
        tx,
        "DELETE FROM phones WHERE user_id = $1 AND created_at >= $2",
        user.to_string(),
        since.millis(),
    )?;
    execute!(
        tx,
        "DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2",
        user.to_string(),
        since.millis(),
    )?;
    execute!(
        tx,
        "DELETE FROM identities WHERE user_id = $1 AND created_at >= $2",
        user.to_string(),
        since.millis(),
    )?;
    Ok(())
}
