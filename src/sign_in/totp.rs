//! Codes of an authenticator app, as a second factor.

use crate::domain::id::{CredentialId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::totp::{TotpCode, TotpSecret};
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, totp};

/// Spends a code as somebody typed it, and names the app that made it; nothing if it is not the app's, or is spent.
/// Counting tries is the caller's.
pub async fn spend(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    code: &str,
    now: Timestamp,
) -> Result<Option<CredentialId>, StorageError> {
    let Some(code) = TotpCode::parse(code) else {
        return Ok(None);
    };
    let Some(stored) = totp::of_user(tx, user).await? else {
        return Ok(None);
    };
    let Some(secret) = unseal(keyring, user, &stored.secret) else {
        return Err(StorageError::Corrupt {
            table: "totp_credentials",
            column: "secret",
            row: stored.id.to_string(),
        });
    };
    let Some(step) = secret.step_of(&code, now) else {
        return Ok(None);
    };
    Ok(totp::spend(tx, stored.id, step, now).await?.then_some(stored.id))
}

/// A secret as it is stored, good for this user alone.
pub fn seal(keyring: &Keyring, user: UserId, secret: &TotpSecret) -> Vec<u8> {
    keyring.seal(&context(user), secret.as_bytes())
}

/// A secret that was sealed for this user; nothing if it was not.
pub fn unseal(keyring: &Keyring, user: UserId, sealed: &[u8]) -> Option<TotpSecret> {
    TotpSecret::from_stored(&keyring.open_sealed(&context(user), sealed)?)
}

fn context(user: UserId) -> String {
    format!("totp {user}")
}
