//! Devices that an account knows again, by a cookie.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::id::UserId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// Whether somebody signed in to this account from this device before.
pub async fn is_known(tx: &mut Tx<'_>, user: UserId, device: &SecretHash) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT last_seen_at FROM known_devices WHERE user_id = $1 AND device_hash = $2",
        user.to_string(),
        device.as_bytes(),
    )?;
    Ok(row.is_some())
}

/// Notes a sign-in from a device.
pub async fn remember(
    tx: &mut Tx<'_>,
    user: UserId,
    device: &SecretHash,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO known_devices (user_id, device_hash, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3) \
         ON CONFLICT (user_id, device_hash) DO UPDATE SET last_seen_at = excluded.last_seen_at",
        user.to_string(),
        device.as_bytes(),
        now.millis(),
    )?;
    Ok(())
}

/// Forgets every device that an account knows.
pub async fn forget_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM known_devices WHERE user_id = $1",
        user.to_string()
    )?;
    Ok(())
}
