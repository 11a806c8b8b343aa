//! Changing one's own email address: the request proves the account, the link proves the mailbox, and only both together
//! change it.

use std::time::Duration;

use super::people::tell_the_old_address;
use super::{DirectoryError, SelfPermit, told};
use crate::audit::{self, Actor, Event, Origin};
use crate::delivery::{self, Addressed, Letter};
use crate::domain::email::Email;
use crate::domain::secret::{Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::storage::email_changes::{self, EmailChange};
use crate::storage::profiles::Whole;
use crate::storage::{Db, Lane, StorageError, Tx, password_resets, profiles, users};

/// How long a link is good.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// A link that was drawn.
#[derive(Clone)]
pub struct Link {
    /// What is stored of it.
    pub hash: SecretHash,
    /// Its address.
    pub address: String,
}

/// What a link stands for.
pub struct Pending {
    /// What the person is called whose address changes.
    pub name: String,
    /// The new address.
    pub email: Email,
}

/// What became of a link that was followed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The address is changed.
    Changed,
    /// The link is used up, too old, or its person's no more.
    Over,
    /// Somebody else has the address meanwhile.
    Taken,
}

/// Asks for another address. Nothing but a letter to it tells whether it is somebody's already: then there is none.
pub async fn ask<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    email: &Email,
    link: &Link,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let whole = profiles::find(tx, permit.id()).await?;
    let whole = whole.ok_or(DirectoryError::NotFound)?;
    let change = EmailChange {
        user: permit.id(),
        email: email.clone(),
    };
    let expires_at = now.plus(LIFETIME);
    email_changes::put(tx, &link.hash, &change, now, expires_at).await?;
    let owner = users::by_email(tx, email).await?;
    if owner.is_none_or(|owner| owner.id == permit.id()) {
        let language = whole.profile.language.as_ref();
        let letter = Addressed {
            to: email.clone(),
            language: language
                .map(|language| language.as_str().to_owned())
                .unwrap_or_default(),
            letter: Letter::ConfirmEmail {
                name: whole.user.name.as_str().to_owned(),
                link: link.address.clone(),
                expires_at,
            },
        };
        delivery::post(tx, keyring, &letter, now).await?;
    }
    let event = permit.event("user.email_change_asked").on(permit.id());
    let event = event.with_personal("email", email.as_str());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// What a link stands for, if it is still good. Looking at it changes nothing.
pub async fn look(db: &Db, link: &Secret, now: Timestamp) -> Result<Option<Pending>, StorageError> {
    let hash = link.hash(crate::domain::secret::Purpose::EmailChange);
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let Some(change) = email_changes::find(tx, &hash, now).await? else {
        return Ok(None);
    };
    let whole = in_use(tx, &change).await?;
    Ok(whole.map(|whole| Pending {
        name: whole.user.name.as_str().to_owned(),
        email: change.email,
    }))
}

/// Follows a link to its end.
pub async fn follow(
    db: &Db,
    keyring: &Keyring,
    link: &Secret,
    origin: &Origin,
    now: Timestamp,
) -> Result<Followed, StorageError> {
    let hash = link.hash(crate::domain::secret::Purpose::EmailChange);
    let (keyring, origin) = (keyring.clone(), origin.clone());
    db.write(Lane::Free, move |tx| {
        let (hash, keyring, origin) = (hash.clone(), keyring.clone(), origin.clone());
        Box::pin(async move { take(tx, &keyring, &hash, &origin, now).await })
    })
    .await
}

async fn take(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    link: &SecretHash,
    origin: &Origin,
    now: Timestamp,
) -> Result<Followed, StorageError> {
    let Some(change) = email_changes::take(tx, link, now).await? else {
        return Ok(Followed::Over);
    };
    let Some(before) = in_use(tx, &change).await? else {
        return Ok(Followed::Over);
    };
    if !users::set_email(tx, change.user, &change.email, true).await? {
        return Ok(Followed::Taken);
    }
    // A link that went to the old address opens nothing any more.
    password_resets::end_of_user(tx, change.user).await?;
    tell_the_old_address(tx, keyring, &before, &change.email, Some(origin), now).await?;
    let event = Event::of("user.email_changed", Actor::User(change.user)).from(origin);
    let was = told::email(&before.user.email, before.user.email_verified);
    let event = event
        .on(change.user)
        .changed(&was, &told::email(&change.email, true));
    audit::record(tx, keyring, &event, now).await?;
    Ok(Followed::Changed)
}

/// The person whose change it is, if their account may be used.
async fn in_use(tx: &mut Tx<'_>, change: &EmailChange) -> Result<Option<Whole>, StorageError> {
    let whole = profiles::find(tx, change.user).await?;
    Ok(whole.filter(|whole| whole.user.status == UserStatus::Active))
}
