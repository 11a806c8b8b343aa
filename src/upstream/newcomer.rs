//! Newcomers: somebody of an organization's own domain whom nobody here knows becomes a member by coming. Their account is
//! the organization's to manage, and has no password.

use super::ArriveError;
use super::arrive::Coming;
use crate::audit::{self, Actor, Event, Fields};
use crate::directory::{invitations, limits};
use crate::domain::connection::Connection;
use crate::domain::email::Email;
use crate::domain::id::{MembershipId, UserId};
use crate::domain::limit::Resource;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::random;
use crate::storage::managed_users::Because;
use crate::storage::memberships::NewMembership;
use crate::storage::{StorageError, Tx, managed_users, memberships, users};

/// The ids of somebody who may turn out to be new.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newcomer {
    pub(super) user: UserId,
    membership: MembershipId,
}

impl Newcomer {
    pub(super) fn draw(now: Timestamp) -> Self {
        Self {
            user: random::id(now),
            membership: random::id(now),
        }
    }
}

/// Makes their account and membership, for which there has to be room. The arrival, verified and of an address that the
/// organization can speak for, is the caller's proof.
pub(super) async fn create(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    new: &Newcomer,
    email: &Email,
) -> Result<(), ArriveError> {
    let (organization, now) = (connection.organization, coming.now);
    let actor = Actor::Connection(connection.id);
    make_room(tx, coming, connection, Some(email), actor).await?;
    let user = User {
        id: new.user,
        email: email.clone(),
        email_verified: true,
        name: name_of(coming, email),
        status: UserStatus::Active,
        superuser: false,
        default_organization: Some(organization),
    };
    if !users::insert(tx, &user, now).await? {
        // Somebody took the address elsewhere since it was looked up.
        return Err(StorageError::Contended(1).into());
    }
    managed_users::manage(tx, new.user, organization, Because::Invited).await?;
    let event = Event::of("user.created", Actor::Connection(connection.id)).within(organization);
    let made = Fields::new()
        .with("email_verified", true)
        .with("managed_by", organization.to_string())
        .with_personal("email", email.as_str())
        .with_personal("name", user.name.as_str());
    let event = event.on(new.user).from(&coming.visitor.origin).made(&made);
    audit::record(tx, &coming.keyring, &event, now).await?;
    join(tx, coming, connection, new.user, new.membership, actor).await
}

/// Refuses a member more than the organization may have. An invitation to their address, if they are known to have it,
/// holds a seat, and ends.
pub(super) async fn make_room(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    email: Option<&Email>,
    actor: Actor,
) -> Result<(), ArriveError> {
    let (organization, now) = (connection.organization, coming.now);
    let event = |action| {
        let event = Event::of(action, actor).within(organization);
        let event = event.from(&coming.visitor.origin);
        event.with("connection", connection.id.to_string())
    };
    if let Some(email) = email {
        invitations::overtaken(tx, &coming.keyring, organization, email, event, now).await?;
    }
    limits::admit(tx, organization, Resource::Users, 1, now).await?;
    Ok(())
}

/// Makes somebody a member, without a role: what the connection's rules give comes with each sign-in.
pub(super) async fn join(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    user: UserId,
    membership: MembershipId,
    actor: Actor,
) -> Result<(), ArriveError> {
    let organization = connection.organization;
    let new = NewMembership {
        id: membership,
        organization,
        user,
        role: None,
    };
    memberships::insert(tx, &new, coming.now).await?;
    let event = Event::of("member.added", actor).within(organization).on(user);
    let event = event
        .from(&coming.visitor.origin)
        .with("connection", connection.id.to_string());
    audit::record(tx, &coming.keyring, &event, coming.now).await?;
    Ok(())
}

/// What they are called, or what their address begins with.
fn name_of(coming: &Coming, email: &Email) -> DisplayName {
    let told = coming.arrival.name.as_deref().map(DisplayName::parse);
    let local = email.as_str().split('@').next().unwrap_or_default();
    told.and_then(Result::ok)
        .or_else(|| DisplayName::parse(local).ok())
        .unwrap_or_else(|| DisplayName::parse(email.domain()).expect("a domain is a name"))
}
