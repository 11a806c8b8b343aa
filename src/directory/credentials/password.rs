//! Changing one's own password, with the old one. It is hashed between the transaction that looks and the one that
//! changes.

use std::time::Duration;

use crate::audit;
use crate::directory::{DirectoryError, Requester, SelfPermit, profile, require_self};
use crate::domain::id::SessionId;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::user::User;
use crate::random;
use crate::sign_in::{
    BadPassword, NotTaken, OwnPassword, PasswordRules, Prover, Replacement, tell_of_password,
};
use crate::storage::passwords::StoredPassword;
use crate::storage::{Db, Lane, StorageError, Tx, families, passwords, sessions};

/// Why a password is the same as before.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// It may not be changed by whoever asks.
    #[error(transparent)]
    Refused(#[from] DirectoryError),
    /// The old one was not right.
    #[error("this is not your password")]
    Wrong,
    /// The old one is not looked at before so long.
    #[error("there were too many tries")]
    TooSoon(Duration),
    /// The new one is not good enough.
    #[error(transparent)]
    Bad(BadPassword),
    /// The server has too many passwords to hash.
    #[error("too many passwords are being hashed at this moment")]
    Busy,
}

impl From<StorageError> for NotChanged {
    fn from(error: StorageError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<NotTaken> for NotChanged {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Bad(bad) => Self::Bad(bad),
            NotTaken::Busy(_) => Self::Busy,
        }
    }
}

/// What is known of whoever asks, before anything is hashed.
pub struct Present {
    /// Who they are.
    pub user: User,
    /// What is asked of a new password.
    pub rules: PasswordRules,
    password: Option<StoredPassword>,
}

impl Present {
    /// Whether the old password is asked for: not of those who have none.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

/// What is known of whoever asks, if they have proved themselves lately.
pub async fn look(db: &Db, requester: &Requester) -> Result<Present, DirectoryError> {
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, requester, None).await?;
    permit.is_fresh()?;
    Ok(Present {
        user: permit.user().clone(),
        rules: PasswordRules::of(tx, permit.user()).await?,
        password: passwords::of_user(tx, permit.id()).await?,
    })
}

/// Changes one's password. Every other session ends, and every token that hangs on one or would outlive it; this session
/// goes on under the new cookie that is answered.
pub async fn change(
    prover: &Prover,
    requester: &Requester,
    device: Option<&SecretHash>,
    old: &str,
    new: &str,
) -> Result<Secret, NotChanged> {
    let now = requester.now;
    let present = look(&prover.db, requester).await?;
    if let Some(stored) = &present.password {
        let origin = requester.origin.as_ref().ok_or(DirectoryError::NotFresh)?;
        let own = prover.check_own(origin, device, &present.user, stored, old, now);
        match own.await? {
            OwnPassword::Right => {}
            OwnPassword::Wrong => return Err(NotChanged::Wrong),
            OwnPassword::TooSoon(wait) => return Err(NotChanged::TooSoon(wait)),
            OwnPassword::Busy => return Err(NotChanged::Busy),
        }
    }
    let hash = prover.hasher.take(new, &present.rules).await?;
    let replacement = Replacement::draw(hash, &present.rules, present.password, now);
    let cookie = random::secret();
    let drawn = (requester.clone(), replacement, cookie.hash(Purpose::Session));
    let work = prover.db.write(Lane::User(present.user.id), move |tx| {
        let (requester, replacement, cookie) = drawn.clone();
        Box::pin(async move { put(tx, &requester, &replacement, &cookie).await })
    });
    let changed: Result<(), DirectoryError> = work.await;
    changed?;
    Ok(cookie)
}

async fn put(
    tx: &mut Tx<'_>,
    requester: &Requester,
    replacement: &Replacement,
    cookie: &SecretHash,
) -> Result<(), DirectoryError> {
    let (keyring, now) = (&requester.keyring, requester.now);
    let permit = require_self(tx, requester, None).await?;
    permit.is_fresh()?;
    if !replacement.put(tx, permit.id(), now).await? {
        let raced = "the password was changed at the same moment; sign in with that one";
        return Err(DirectoryError::Already(raced.to_owned()));
    }
    let session = its_session(&permit)?;
    profile::end_other_sessions(tx, &permit, keyring, now).await?;
    families::revoke_of_user_but(tx, permit.id(), session, now).await?;
    sessions::give_cookie(tx, session, cookie).await?;
    let event = permit.event("user.password_changed").on(permit.id());
    audit::record(tx, keyring, &event, now).await?;
    let origin = requester.origin.as_ref();
    Ok(tell_of_password(tx, keyring, permit.id(), origin, now).await?)
}

/// Whoever is fresh asks by a session.
fn its_session(permit: &SelfPermit<'_>) -> Result<SessionId, DirectoryError> {
    permit.session().ok_or(DirectoryError::NotFresh)
}
