//! Devices that an account knows again, by a cookie.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::secret::SecretHash;
use crate::domain::session::{Method, Proof, ProofSource};
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

/// Whose address this is, if somebody signed in to that account from this device before. The account itself isn't read.
pub async fn user_of(
    tx: &mut Tx<'_>,
    email: &Email,
    device: &SecretHash,
) -> Result<Option<UserId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT u.id FROM users u JOIN known_devices d ON d.user_id = u.id \
         WHERE u.email_comparable = $1 AND d.device_hash = $2",
        email.comparable(),
        device.as_bytes(),
    )?;
    row.map(|(id,)| Row::of("users", &id).parse("id", &id))
        .transpose()
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

/// Notes that a person trusts a device since a second factor was shown on it.
pub async fn trust(
    tx: &mut Tx<'_>,
    user: UserId,
    device: &SecretHash,
    proof: &Proof,
) -> Result<(), StorageError> {
    let ProofSource::Own(credential) = proof.source else {
        return Ok(());
    };
    execute!(
        tx,
        "UPDATE known_devices SET trusted_at = $3, trusted_method = $4, trusted_credential_id = $5 \
         WHERE user_id = $1 AND device_hash = $2",
        user.to_string(),
        device.as_bytes(),
        proof.at.millis(),
        proof.method.as_str(),
        credential.to_string(),
    )?;
    Ok(())
}

/// What was shown when a person said that they trust a device.
pub async fn trusted(
    tx: &mut Tx<'_>,
    user: UserId,
    device: &SecretHash,
) -> Result<Option<Proof>, StorageError> {
    let row = fetch!(
        fetch_optional as (i64, String, String),
        tx,
        "SELECT trusted_at, trusted_method, trusted_credential_id FROM known_devices \
         WHERE user_id = $1 AND device_hash = $2 AND trusted_at IS NOT NULL",
        user.to_string(),
        device.as_bytes(),
    )?;
    let Some((at, method, credential)) = row else {
        return Ok(None);
    };
    let key = user.to_string();
    let row = Row::of("known_devices", &key);
    Ok(Some(Proof {
        method: row.some("trusted_method", Method::parse(&method))?,
        source: ProofSource::Own(row.parse("trusted_credential_id", &credential)?),
        at: Timestamp::from_millis(at),
        remembered: true,
    }))
}

/// Trusts none of a person's devices any longer.
pub async fn trust_none(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE known_devices SET trusted_at = NULL, trusted_method = NULL, trusted_credential_id = NULL \
         WHERE user_id = $1",
        user.to_string(),
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
