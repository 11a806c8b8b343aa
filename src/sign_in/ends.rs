//! What ends with a person's trust in what was signed in as them.

use crate::audit::Origin;
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, activations, email_changes, families, password_resets, sessions};

/// Ends everything that acts in a person's name by session or token, also what was to outlive sessions; and the links that
/// would change their address or password.
pub async fn end_everything(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    for session in sessions::end_of_user(tx, user, now).await? {
        activations::end_of_session(tx, session, now).await?;
    }
    families::revoke_of_user(tx, user, now).await?;
    email_changes::end_of_user(tx, user).await?;
    password_resets::end_of_user(tx, user).await
}

/// Tells a person that their password is another one now.
pub async fn tell_of_password(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    origin: Option<&Origin>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let alert = Alert::of(user, AlertKind::PasswordChanged, origin.cloned());
    alerts::raise(tx, keyring, &alert, now).await
}
