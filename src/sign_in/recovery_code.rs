//! Recovery codes, as a second factor of last resort. Whoever owns the account hears of each one that is used.

use super::session::in_log_of;
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{Alert, raise};
use crate::domain::alert::AlertKind;
use crate::domain::id::{CredentialId, UserId};
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, recovery_codes};

/// Spends a code as somebody typed it, and names the set that it is of; nothing if it is none of the user's, or is spent.
/// Counting tries is the caller's.
pub async fn spend(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    code: &str,
    now: Timestamp,
) -> Result<Option<CredentialId>, StorageError> {
    let Some(code) = RecoveryCode::parse(code) else {
        return Ok(None);
    };
    let Some(set) = recovery_codes::spend(tx, user, &hash(keyring, user, &code), now).await? else {
        return Ok(None);
    };
    let left = recovery_codes::of_user(tx, user).await?.map_or(0, |set| set.left);
    let event = Event::of("recovery_code.used", Actor::User(user));
    let event = in_log_of(tx, user, event).await?;
    audit::record(tx, keyring, &event.on(user).with("left", left), now).await?;
    let alert = Alert::of(user, AlertKind::RecoveryCodeUsed { left }, None);
    raise(tx, keyring, &alert, now).await?;
    Ok(Some(set))
}

/// What is stored of a user's code.
pub fn hash(keyring: &Keyring, user: UserId, code: &RecoveryCode) -> SecretHash {
    keyring.code_hash(&format!("recovery code of {user}"), code.expose())
}
