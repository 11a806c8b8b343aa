//! Accepting: the link proves the mailbox, and everything that the invitation stands on is asked again.

use super::letter::{actor, inviter};
use super::may_offer;
use crate::audit::{self, Actor, Event, Fields, Origin};
use crate::directory::permit::require_still;
use crate::directory::users::{NewUser, create_invited};
use crate::directory::{DirectoryError, limits};
use crate::domain::access::{GroupName, Permission};
use crate::domain::email::Email;
use crate::domain::id::{MembershipId, UserId};
use crate::domain::invitation::{Invitation, Message, State};
use crate::domain::organization::Organization;
use crate::domain::secret::SecretHash;
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{self, Draft, Opened, Visitor, open_session};
use crate::storage::memberships::NewMembership;
use crate::storage::password_policies::{self, PasswordPolicy};
use crate::storage::{
    Db, Lane, StorageError, Tx, group_members, invitations, managed_users, memberships, organizations, users,
};

/// What a link offers to whoever follows it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// What people call the organization.
    pub organization: String,
    /// Who invites.
    pub inviter: String,
    /// The role's name, if one is offered.
    pub role: Option<String>,
    /// The groups that it leads into.
    pub groups: Vec<String>,
    /// What the inviter adds.
    pub message: Message,
    /// For whom.
    pub email: Email,
    /// The account that has this address already.
    pub account: Option<UserId>,
    /// What is asked of a newcomer's password.
    pub password_policy: PasswordPolicy,
    /// Whether that account belongs to one organization alone, which manages it and would no longer.
    pub sets_free: bool,
}

/// Somebody without an account here: the password is hashed.
pub type Newcomer = NewUser;

/// How somebody came to belong.
pub enum Accepted {
    /// They do.
    Joined,
    /// Whoever is signed in is not who the invitation is for.
    SomebodyElse,
    /// There is an account, so nobody makes one.
    HasAccount,
    /// The link leads nowhere: used, cancelled, sent anew, too old, no longer allowed, or never there.
    Over,
}

/// An invitation that is good at this moment, with what it stands on.
struct Good {
    invitation: Invitation,
    organization: Organization,
    groups: Vec<GroupName>,
}

/// What a link offers; nothing if it leads nowhere, for whatever reason.
pub async fn look_at(db: &Db, link: &SecretHash, now: Timestamp) -> Result<Option<Offer>, DirectoryError> {
    let mut snapshot = db.snapshot().await?;
    let mut tx = snapshot.tx();
    let Some(good) = good(&mut tx, link, now).await? else {
        return Ok(None);
    };
    let Good {
        invitation,
        organization,
        groups,
    } = good;
    let inviter = inviter(&mut tx, &invitation, organization.display_name.as_str()).await?;
    let account = users::by_email(&mut tx, &invitation.email)
        .await?
        .map(|user| user.id);
    let sets_free = match account {
        Some(user) => managed_users::of_user(&mut tx, user).await?.is_some(),
        None => false,
    };
    let password_policy = password_policies::of_organization(&mut tx, organization.id).await?;
    Ok(Some(Offer {
        password_policy,
        organization: organization.display_name.to_string(),
        inviter,
        role: invitation.role.map(|role| role.name),
        groups: groups.into_iter().map(|group| group.name).collect(),
        message: invitation.message,
        email: invitation.email,
        account,
        sets_free,
    }))
}

/// Accepts for somebody who has no account yet: one is made, and signed in.
pub async fn accept_as_newcomer(
    db: &Db,
    keyring: &Keyring,
    link: &SecretHash,
    newcomer: &Newcomer,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<(Accepted, Opened), DirectoryError> {
    let (draft, opened) = Draft::draw(visitor, now);
    let lane = lane_of(db, link).await?;
    let (link, keyring) = (link.clone(), keyring.clone());
    let (newcomer, visitor) = (newcomer.clone(), visitor.clone());
    let work = db.write(lane, move |tx| {
        let (link, keyring, draft) = (link.clone(), keyring.clone(), draft.clone());
        let (newcomer, visitor) = (newcomer.clone(), visitor.clone());
        Box::pin(async move {
            let Some(good) = good(tx, &link, now).await? else {
                return Ok(Accepted::Over);
            };
            if good.invitation.email.comparable() != newcomer.email.comparable() {
                return Ok(Accepted::SomebodyElse);
            }
            if users::by_email(tx, &newcomer.email).await?.is_some() {
                return Ok(Accepted::HasAccount);
            }
            let organization = good.organization.id;
            create_invited(tx, &keyring, organization, &newcomer, &visitor.origin, now).await?;
            let membership = newcomer.membership();
            join(tx, &keyring, good, newcomer.id, membership, &visitor.origin, now).await?;
            let proof = Proof {
                method: Method::Password,
                source: ProofSource::Own(newcomer.credential()),
                at: now,
                remembered: false,
            };
            open_session(tx, &keyring, &visitor, &draft, newcomer.id, &[proof]).await?;
            Ok(Accepted::Joined)
        })
    });
    let accepted: Result<Accepted, DirectoryError> = work.await;
    Ok((accepted?, opened))
}

/// Accepts for whoever this session is signed in as, if the invitation is for them.
pub async fn accept_as(
    db: &Db,
    keyring: &Keyring,
    link: &SecretHash,
    session: &SecretHash,
    origin: &Origin,
    now: Timestamp,
) -> Result<Accepted, DirectoryError> {
    let lane = lane_of(db, link).await?;
    let membership: MembershipId = random::id(now);
    let (link, session) = (link.clone(), session.clone());
    let (keyring, origin) = (keyring.clone(), origin.clone());
    let work = db.write(lane, move |tx| {
        let (link, session) = (link.clone(), session.clone());
        let (keyring, origin) = (keyring.clone(), origin.clone());
        Box::pin(async move {
            let Some(good) = good(tx, &link, now).await? else {
                return Ok(Accepted::Over);
            };
            let signed_in = sign_in::current(tx, &session, now).await?;
            let own = signed_in.filter(|signed_in| {
                signed_in.user.email.comparable() == good.invitation.email.comparable()
                    && signed_in.user.status == UserStatus::Active
            });
            let Some(signed_in) = own else {
                return Ok(Accepted::SomebodyElse);
            };
            join(tx, &keyring, good, signed_in.user.id, membership, &origin, now).await?;
            Ok(Accepted::Joined)
        })
    });
    work.await
}

/// The invitation of a link, if everything holds that it stands on: it is pending, the organization is there and has the
/// room, whoever invited still may and still holds what they offer, and nobody of that address is a member.
async fn good(tx: &mut Tx<'_>, link: &SecretHash, now: Timestamp) -> Result<Option<Good>, DirectoryError> {
    let Some(invitation) = invitations::by_secret(tx, link).await? else {
        return Ok(None);
    };
    if !matches!(invitation.state.seen_at(now), State::Pending { .. }) {
        return Ok(None);
    }
    match stands(tx, invitation, now).await {
        Ok(good) => Ok(Some(good)),
        Err(DirectoryError::Storage(error)) => Err(error.into()),
        Err(refused) => {
            tracing::info!(%refused, "an invitation is no longer good");
            Ok(None)
        }
    }
}

async fn stands(tx: &mut Tx<'_>, invitation: Invitation, now: Timestamp) -> Result<Good, DirectoryError> {
    let organization = organizations::by_id(tx, invitation.organization).await?;
    let organization = organization.ok_or(DirectoryError::NotFound)?;
    let groups = invitations::groups(tx, invitation.id).await?;
    let into: Vec<_> = groups.iter().map(|group| group.id).collect();
    let who = actor(&invitation);
    let permit = require_still(tx, who, organization.id, Permission::InvitationWrite, now).await?;
    may_offer(tx, &permit, invitation.role.as_ref(), &into, now).await?;
    limits::admit_member(tx, organization.id, now).await?;
    if let Some(user) = users::by_email(tx, &invitation.email).await? {
        let member = memberships::member(tx, user.id, organization.id).await?;
        if user.status != UserStatus::Active || member.is_some_and(|member| member.membership.is_some()) {
            return Err(DirectoryError::NotFound);
        }
    }
    Ok(Good {
        invitation,
        organization,
        groups,
    })
}

/// Makes the membership that was offered, and ends the invitation. In a race one wins.
async fn join(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    good: Good,
    user: UserId,
    id: MembershipId,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = good.organization.id;
    let accepted = good.invitation.accept(user, now).map_err(super::over)?;
    if !invitations::end(tx, &accepted).await? {
        return Err(DirectoryError::NotFound);
    }
    let membership = NewMembership {
        id,
        organization,
        user,
        role: accepted.role.as_ref().map(|role| role.id),
    };
    memberships::insert(tx, &membership, now).await?;
    for group in &good.groups {
        group_members::put(tx, organization, group.id, id, false).await?;
    }
    let event = |action| {
        Event::of(action, Actor::User(user))
            .within(organization)
            .from(origin)
    };
    let consumed = event("invitation.accepted").on(accepted.id);
    audit::record(tx, keyring, &consumed, now).await?;
    let names: Vec<_> = good.groups.iter().map(|group| group.name.as_str()).collect();
    let made = Fields::new()
        .with("role", accepted.role.map(|role| role.name))
        .with("groups", names);
    let joined = event("member.added")
        .on(user)
        .with("invitation", accepted.id.to_string())
        .made(&made);
    audit::record(tx, keyring, &joined, now).await?;
    Ok(())
}

/// The lane of the organization that a link leads to; nobody's if it leads nowhere.
async fn lane_of(db: &Db, link: &SecretHash) -> Result<Lane, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let found = invitations::by_secret(&mut snapshot.tx(), link).await?;
    Ok(found.map_or(Lane::Free, |found| Lane::Organization(found.organization)))
}
