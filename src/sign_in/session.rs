//! Sessions: opened by a proof, used, and ended.

use super::Visitor;
use crate::audit::{self, Actor, Event, Origin};
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::id::{ActivationId, OrganizationId, SessionId, UserId};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::session::{Proof, Session, SessionLimits};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::storage::sessions::SessionOrigin;
use crate::storage::{
    Db, Lane, StorageError, Tx, activations, known_devices, managed_users, profiles, sessions, users,
};

/// Somebody with a session that is alive.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// How they signed in.
    pub session: Session,
    /// Who they are.
    pub user: User,
}

/// What a new session hands to the browser, each shown once.
pub struct Opened {
    /// The session cookie.
    pub session: Secret,
    /// The device cookie, if the browser had none.
    pub device: Option<Secret>,
}

/// What a session needs that must be drawn before the transaction.
#[derive(Clone)]
pub struct Draft {
    /// When.
    pub(super) at: Timestamp,
    id: SessionId,
    secret: SecretHash,
    new_device: Option<SecretHash>,
}

impl Draft {
    /// Draws the secrets of a session to be.
    pub fn draw(visitor: &Visitor, now: Timestamp) -> (Self, Opened) {
        let opened = Opened {
            session: crate::random::secret(),
            device: visitor.device.is_none().then(crate::random::secret),
        };
        let draft = Self {
            at: now,
            id: crate::random::id(now),
            secret: opened.session.hash(Purpose::Session),
            new_device: opened.device.as_ref().map(|secret| secret.hash(Purpose::Device)),
        };
        (draft, opened)
    }

    /// The device that the session is on, by the cookie that it has or gets.
    pub(super) fn device<'a>(&'a self, visitor: &'a Visitor) -> Option<&'a SecretHash> {
        self.new_device.as_ref().or(visitor.device.as_ref())
    }
}

/// Opens a session by what was shown. The browser's earlier session gets a new cookie and the proofs if it is the same
/// person's, and ends if it is another's: no cookie from before a sign-in opens anything after it. Answers the session.
pub async fn open_session(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    visitor: &Visitor,
    draft: &Draft,
    user: UserId,
    proofs: &[Proof],
) -> Result<SessionId, StorageError> {
    let now = draft.at;
    let earlier = match visitor.session {
        Some(id) => sessions::by_id(tx, id).await?,
        None => None,
    };
    let session = match earlier {
        Some(session) if session.user == user && session.is_alive(now) => {
            renew(tx, draft, &session, proofs).await?;
            session.id
        }
        other => {
            if let Some(session) = other {
                end(tx, keyring, &session, &visitor.origin, now).await?;
            }
            let session = Session {
                id: draft.id,
                user,
                created_at: now,
                last_seen_at: now,
                expires_at: now.plus(SessionLimits::INSTANCE.max),
                proofs: proofs.to_vec(),
            };
            let origin = SessionOrigin {
                address: visitor.origin.address.to_string(),
                user_agent: visitor.origin.user_agent.clone(),
            };
            sessions::insert(tx, &session, &draft.secret, &origin).await?;
            draft.id
        }
    };
    if let Some(device) = draft.device(visitor) {
        tell_of_a_new_device(tx, keyring, user, device, &visitor.origin, now).await?;
        known_devices::remember(tx, user, device, now).await?;
    }
    users::signed_in(tx, user, now).await?;
    let event = in_log_of(tx, user, Event::of("user.signed_in", Actor::User(user))).await?;
    let event = event.on(session).from(&visitor.origin);
    let event = event.with("method", proofs.first().map_or("", |proof| proof.method.as_str()));
    let event = event.with("methods", methods_of(proofs));
    audit::record(tx, keyring, &event, now).await?;
    Ok(session)
}

/// Makes the session that a person is in surer by what they showed besides, and gives it a new cookie. Answers `false` if
/// there is no such session of theirs any more.
pub async fn strengthen(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    visitor: &Visitor,
    draft: &Draft,
    user: UserId,
    proofs: &[Proof],
) -> Result<bool, StorageError> {
    let earlier = match visitor.session {
        Some(id) => sessions::by_id(tx, id).await?,
        None => None,
    };
    let own = earlier.filter(|session| session.user == user && session.is_alive(draft.at));
    let Some(session) = own else {
        return Ok(false);
    };
    renew(tx, draft, &session, proofs).await?;
    if let Some(device) = draft.device(visitor) {
        known_devices::remember(tx, user, device, draft.at).await?;
    }
    let event = in_log_of(tx, user, Event::of("session.strengthened", Actor::User(user))).await?;
    let event = event.on(session.id).from(&visitor.origin);
    audit::record(tx, keyring, &event.with("methods", methods_of(proofs)), draft.at).await?;
    Ok(true)
}

async fn renew(
    tx: &mut Tx<'_>,
    draft: &Draft,
    session: &Session,
    proofs: &[Proof],
) -> Result<(), StorageError> {
    let expires_at = draft.at.plus(SessionLimits::INSTANCE.max);
    sessions::renew(tx, session, &draft.secret, proofs, draft.at, expires_at).await
}

fn methods_of(proofs: &[Proof]) -> Vec<String> {
    let shown = proofs.iter().filter(|proof| !proof.remembered);
    shown.map(|proof| proof.method.as_str().to_owned()).collect()
}

/// A person is told of a sign-in from a device that their account does not know; not of their very first.
async fn tell_of_a_new_device(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    device: &SecretHash,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StorageError> {
    if known_devices::is_known(tx, user, device).await? {
        return Ok(());
    }
    let whole = profiles::find(tx, user).await?;
    if whole.is_none_or(|whole| whole.last_sign_in_at.is_none()) {
        return Ok(());
    }
    let alert = Alert::of(user, AlertKind::NewDevice, Some(origin.clone()));
    alerts::raise(tx, keyring, &alert, now).await
}

/// Who a session cookie stands for, if the session is alive and the person is not suspended.
pub async fn current(
    tx: &mut Tx<'_>,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<Option<SignedIn>, StorageError> {
    let Some(session) = sessions::by_secret(tx, secret)
        .await?
        .filter(|session| session.is_alive(now))
    else {
        return Ok(None);
    };
    let user = users::by_id(tx, session.user).await?;
    Ok(user
        .filter(|user| user.status == UserStatus::Active)
        .map(|user| SignedIn { session, user }))
}

/// Notes that a session is in use, at most once a minute.
pub async fn touch(db: &Db, session: &Session, now: Timestamp) -> Result<(), StorageError> {
    if now.since(session.last_seen_at) < std::time::Duration::from_mins(1) {
        return Ok(());
    }
    let id = session.id;
    db.write(Lane::Free, move |tx| {
        Box::pin(async move { sessions::seen(tx, id, now).await })
    })
    .await
}

/// Ends a session, its activations and with them their tokens.
pub async fn sign_out(
    db: &Db,
    keyring: &Keyring,
    session: Session,
    origin: Origin,
    now: Timestamp,
) -> Result<(), StorageError> {
    let keyring = keyring.clone();
    db.write(Lane::Free, move |tx| {
        let (keyring, session, origin) = (keyring.clone(), session.clone(), origin.clone());
        Box::pin(async move { end(tx, &keyring, &session, &origin, now).await })
    })
    .await
}

/// The event of a session that begins to act for an organization, with the methods by which its person proved themselves
/// there.
pub fn activated(session: &Session, organization: OrganizationId, activation: ActivationId) -> Event {
    let authentication = session.authentication(organization);
    let methods = authentication.map(|authentication| authentication.amr);
    Event::of("session.activated", Actor::User(session.user))
        .within(organization)
        .on(activation)
        .with("methods", methods.unwrap_or_default())
}

/// An event of somebody's account belongs to the organization that governs it, if one does.
pub async fn in_log_of(tx: &mut Tx<'_>, user: UserId, event: Event) -> Result<Event, StorageError> {
    Ok(match managed_users::manager(tx, user).await? {
        Some(organization) => event.within(organization),
        None => event,
    })
}

async fn end(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    session: &Session,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StorageError> {
    if sessions::end(tx, session.id, now).await?.is_some() {
        activations::end_of_session(tx, session.id, now).await?;
        let event = Event::of("user.signed_out", Actor::User(session.user));
        let event = in_log_of(tx, session.user, event).await?;
        let event = event.on(session.id).from(origin);
        audit::record(tx, keyring, &event, now).await?;
    }
    Ok(())
}
