//! "This wasn't me": whoever holds the link of an alert's letter reads the person's mail, and locks the account against
//! everybody else. What came since the alert is undone, as far as it opens the account again.

use super::alerts::{Alert, raise};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::alert::AlertKind;
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::sign_in::end_everything;
use crate::storage::alerts::Alert as StoredAlert;
use crate::storage::profiles::{self, Whole};
use crate::storage::{
    Db, Lane, StorageError, Tx, alerts, api_keys, factors_since, known_devices, managed_users,
    password_history, passwords, users,
};

/// What a link stands for.
pub struct Pending {
    /// What the person is called.
    pub name: String,
    /// What they were told.
    pub alert: StoredAlert,
}

/// What a link is about, if it is still good. Looking at it changes nothing.
pub async fn look(db: &Db, link: &Secret, now: Timestamp) -> Result<Option<Pending>, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let Some(alert) = alerts::by_link(tx, &link.hash(Purpose::NotMe), now).await? else {
        return Ok(None);
    };
    let whole = in_use(tx, alert.user).await?;
    Ok(whole.map(|whole| Pending {
        name: whole.user.name.as_str().to_owned(),
        alert,
    }))
}

/// Locks the account of a link; answers whether the link was still good.
pub async fn lock(
    db: &Db,
    keyring: &Keyring,
    link: &Secret,
    origin: &Origin,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let hash = link.hash(Purpose::NotMe);
    let found = alerts::by_link(&mut db.snapshot().await?.tx(), &hash, now).await?;
    let Some(user) = found.map(|alert| alert.user) else {
        return Ok(false);
    };
    let (keyring, origin) = (keyring.clone(), origin.clone());
    db.write(Lane::User(user), move |tx| {
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
) -> Result<bool, StorageError> {
    let Some(alert) = alerts::take_link(tx, link, now).await? else {
        return Ok(false);
    };
    let Some(whole) = in_use(tx, alert.user).await? else {
        return Ok(false);
    };
    let user = alert.user;
    end_everything(tx, user, now).await?;
    api_keys::revoke_of_user(tx, user, now).await?;
    known_devices::forget_of_user(tx, user).await?;
    // Whoever else knows it must not be let in by it again: it is the one that the next differs from.
    if let Some(known) = passwords::of_user(tx, user).await? {
        password_history::insert(tx, user, &known.hash, now).await?;
    }
    passwords::lock(tx, user, now).await?;
    factors_since::forget(tx, user, alert.created_at).await?;
    alerts::end_links_of_user(tx, user, now).await?;
    let restored = give_back_the_address(tx, &whole, &alert).await?;
    let what = alert.kind.name();
    let event = Event::of("user.locked", Actor::User(user)).on(user).from(origin);
    let event = event.with("alert", what).with("email_restored", restored);
    let event = match managed_users::manager(tx, user).await? {
        Some(organization) => event.within(organization),
        None => event,
    };
    audit::record(tx, keyring, &event, now).await?;
    let kind = AlertKind::Disowned {
        what: what.to_owned(),
    };
    raise(tx, keyring, &Alert::of(user, kind, Some(origin.clone())), now).await?;
    Ok(true)
}

/// Whoever gave the account another address reads its mail there: it has the old one again, which the link was sent to.
async fn give_back_the_address(
    tx: &mut Tx<'_>,
    whole: &Whole,
    alert: &StoredAlert,
) -> Result<bool, StorageError> {
    let AlertKind::EmailChanged { was, .. } = &alert.kind else {
        return Ok(false);
    };
    match Email::parse(was) {
        Ok(email) if email != whole.user.email => users::set_email(tx, whole.user.id, &email, true).await,
        _ => Ok(false),
    }
}

/// The person, if their account may be used.
async fn in_use(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Whole>, StorageError> {
    let whole = profiles::find(tx, user).await?;
    Ok(whole.filter(|whole| whole.user.status == UserStatus::Active))
}
