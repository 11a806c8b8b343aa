//! Following a link to its end, once.

use crate::audit::{self, Actor, Event, Origin};
use crate::domain::id::UserId;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::sign_in::{
    BadPassword, NotTaken, PasswordRules, Prover, Replacement, end_everything, forgive, in_log_of,
    tell_of_password,
};
use crate::storage::passwords::StoredPassword;
use crate::storage::{Db, Lane, StorageError, Tx, known_devices, password_resets, passwords, users};

/// Whom a good link is for.
pub struct Pending {
    /// Who.
    pub user: User,
    /// What is asked of their new password.
    pub rules: PasswordRules,
    present: Option<StoredPassword>,
}

/// What became of a link that was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The password is another one.
    Changed,
    /// The link is used up, too old, or its person's no more.
    Over,
    /// The new password is not good enough; the link is good for another.
    Bad(BadPassword),
    /// The server has too many passwords to hash.
    Busy,
}

/// Whom a link is for, if it is still good. Looking at it changes nothing.
pub async fn look(db: &Db, link: &Secret, now: Timestamp) -> Result<Option<Pending>, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let found = password_resets::find(tx, &link.hash(Purpose::PasswordReset), now).await?;
    let Some(user) = in_use(tx, found).await? else {
        return Ok(None);
    };
    Ok(Some(Pending {
        rules: PasswordRules::of(tx, &user).await?,
        present: passwords::of_user(tx, user.id).await?,
        user,
    }))
}

/// Follows a link to its end: another password, and everything that was signed in by the old one ends. Nobody is signed in
/// by it (ASVS 6.4.3).
pub async fn follow(
    prover: &Prover,
    link: &Secret,
    chosen: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Followed, StorageError> {
    let Some(pending) = look(&prover.db, link, now).await? else {
        return Ok(Followed::Over);
    };
    let hash = match prover.hasher.take(chosen, &pending.rules).await {
        Ok(hash) => hash,
        Err(NotTaken::Bad(bad)) => return Ok(Followed::Bad(bad)),
        Err(NotTaken::Busy(_)) => return Ok(Followed::Busy),
    };
    let replacement = Replacement::draw(hash, &pending.rules, pending.present, now);
    let drawn = (replacement, link.hash(Purpose::PasswordReset), origin.clone());
    let keyring = prover.keyring.clone();
    let work = prover.db.write(Lane::User(pending.user.id), move |tx| {
        let ((replacement, link, origin), keyring) = (drawn.clone(), keyring.clone());
        Box::pin(async move { take(tx, &keyring, &link, &replacement, &origin, now).await })
    });
    work.await
}

async fn take(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    link: &SecretHash,
    replacement: &Replacement,
    origin: &Origin,
    now: Timestamp,
) -> Result<Followed, StorageError> {
    let taken = password_resets::take(tx, link, now).await?;
    let Some(user) = in_use(tx, taken).await? else {
        return Ok(Followed::Over);
    };
    if !replacement.put(tx, user.id, now).await? {
        return Ok(Followed::Over);
    }
    end_everything(tx, user.id, now).await?;
    known_devices::forget_of_user(tx, user.id).await?;
    forgive(tx, &user.email).await?;
    let event = Event::of("user.password_reset", Actor::User(user.id)).on(user.id);
    let event = in_log_of(tx, user.id, event.from(origin)).await?;
    audit::record(tx, keyring, &event, now).await?;
    tell_of_password(tx, keyring, user.id, Some(origin), now).await?;
    Ok(Followed::Changed)
}

/// The person of a link, if their account may be used.
async fn in_use(tx: &mut Tx<'_>, user: Option<UserId>) -> Result<Option<User>, StorageError> {
    let Some(user) = user else {
        return Ok(None);
    };
    let found = users::by_id(tx, user).await?;
    Ok(found.filter(|user| user.status == UserStatus::Active))
}
