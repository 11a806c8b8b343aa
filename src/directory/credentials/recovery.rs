//! What whoever runs the host does for somebody who is locked out: there is nobody left whom the person could ask.

use std::time::Duration;

use super::password_reset::Link;
use super::second_factors::forget_all;
use crate::audit::{self, Actor, Event};
use crate::directory::DirectoryError;
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::storage::{Db, Lane, Tx, password_resets, users};

/// How long the link is good.
pub const LIFETIME: Duration = Duration::from_hours(1);

/// What to do for somebody.
#[derive(Clone)]
pub struct Recovery {
    /// Whom.
    pub email: Email,
    /// The link by which they set a password.
    pub link: Link,
    /// They lost their password alone.
    pub keeps_second_factors: bool,
}

/// Whom it was done for.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// Who.
    pub user: UserId,
    /// The names of the second factors that are gone.
    pub removed: Vec<&'static str>,
    /// How long the link is good.
    pub expires_at: Timestamp,
}

/// Takes a person's second factors away and makes a link good by which they set a password. They are told.
pub async fn recover(
    db: &Db,
    keyring: &Keyring,
    recovery: &Recovery,
    now: Timestamp,
) -> Result<Recovered, DirectoryError> {
    let (keyring, recovery) = (keyring.clone(), recovery.clone());
    db.write(Lane::Free, move |tx| {
        let (keyring, recovery) = (keyring.clone(), recovery.clone());
        Box::pin(async move { in_transaction(tx, &keyring, &recovery, now).await })
    })
    .await
}

async fn in_transaction(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    recovery: &Recovery,
    now: Timestamp,
) -> Result<Recovered, DirectoryError> {
    let user = users::by_email(tx, &recovery.email).await?;
    let user = user.ok_or(DirectoryError::NotFound)?;
    if user.status != UserStatus::Active {
        let why = "this account is suspended; a superuser reactivates it first";
        return Err(DirectoryError::Invalid(why));
    }
    let removed = if recovery.keeps_second_factors {
        Vec::new()
    } else {
        forget_all(tx, keyring, user.id, true, now).await?
    };
    let expires_at = now.plus(LIFETIME);
    password_resets::put(tx, user.id, &recovery.link.hash, now, expires_at).await?;
    let event = Event::of("user.recovered", Actor::Host).on(user.id);
    let event = event.with("factors", removed.clone());
    audit::record(tx, keyring, &event, now).await?;
    Ok(Recovered {
        user: user.id,
        removed,
        expires_at,
    })
}
