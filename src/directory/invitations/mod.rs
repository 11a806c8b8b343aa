//! Invitations: offers of membership by mail. Nobody offers more than they hold, when they offer it and still when it is
//! accepted.

mod accept;
mod letter;
mod remind;

pub use accept::{Accepted, Newcomer, Offer, accept_as, accept_as_newcomer, look_at};
pub use letter::{Link, NewLink};
pub use remind::remind_those_who_wait;

use super::{DirectoryError, Permit, holdings, limits, told, usage_alerts};
use crate::audit::{self, Event};
use crate::domain::access::{GroupName, Permission, Role};
use crate::domain::email::Email;
use crate::domain::id::{GroupId, InvitationId, OrganizationId};
use crate::domain::invitation::{Invitation, LIFETIME, Message, Over, State};
use crate::domain::limit::Resource;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::invitation_lists::{self, Filter};
use crate::storage::{Listed, Page, StorageError, Tx, groups, invitations, members, roles, users};

/// An invitation to send.
#[derive(Clone)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// For whom.
    pub email: Email,
    /// The role to offer, by id or name.
    pub role: Option<String>,
    /// The groups to lead into, by id or name.
    pub groups: Vec<String>,
    /// What to add.
    pub message: Message,
}

/// An invitation with the groups that it leads into.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The offer.
    pub invitation: Invitation,
    /// By name.
    pub groups: Vec<GroupName>,
}

/// Invites somebody. The letter is in the same transaction.
pub async fn invite<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewInvitation,
    link: &NewLink,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::InvitationWrite)?;
    let organization = permit.organization();
    let role = match &new.role {
        Some(named) => Some(role_named(tx, permit, named).await?),
        None => None,
    };
    let mut into = Vec::new();
    for (place, named) in new.groups.iter().enumerate() {
        into.push(group_named(tx, permit, place, named).await?);
    }
    may_offer(tx, permit, role.as_ref(), &into, now).await?;
    if let Some(user) = users::by_email(tx, &new.email).await?
        && members::find(tx, organization, user.id).await?.is_some()
    {
        return Err(DirectoryError::Already(format!(
            "{} is a member already",
            new.email
        )));
    }
    make_room(tx, permit, &new.email, now).await?;
    limits::admit(tx, organization, Resource::Users, 1, now).await?;
    let invitation = Invitation {
        id: new.id,
        organization,
        email: new.email.clone(),
        role,
        message: new.message.clone(),
        invited_by: permit.actor().to_string(),
        created_at: now,
        sent_at: now,
        reminded_at: None,
        state: State::Pending {
            expires_at: now.plus(LIFETIME),
        },
    };
    if !invitations::insert(tx, &invitation, &link.stored(), &into).await? {
        // Nobody else invites in this lane.
        return Err(StorageError::Contended(1).into());
    }
    letter::post(tx, keyring, &invitation, link, now).await?;
    let event = permit.event("invitation.created").on(new.id);
    let groups: Vec<_> = into.iter().map(ToString::to_string).collect();
    let made = told::invitation(&invitation, groups.iter().map(String::as_str));
    audit::record(tx, keyring, &event.made(&made), now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::Users, 1, now).await
}

/// A page of invitations.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: &Filter,
    page: &Page,
) -> Result<Listed<Invited>, DirectoryError> {
    permit.is_for(Permission::InvitationWrite)?;
    let organization = permit.organization();
    let mut rows = Vec::new();
    for invitation in invitation_lists::list(tx, organization, filter, page).await? {
        let groups = invitations::groups(tx, invitation.id).await?;
        rows.push(Invited { invitation, groups });
    }
    Ok(page
        .of(rows, invitation_lists::count(tx, organization, filter))
        .await?)
}

/// An invitation of the permit's organization.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: InvitationId,
) -> Result<Invited, DirectoryError> {
    permit.is_for(Permission::InvitationWrite)?;
    let invitation = invitations::by_id(tx, permit.organization(), id).await?;
    Ok(Invited {
        invitation: invitation.ok_or(DirectoryError::NotFound)?,
        groups: invitations::groups(tx, id).await?,
    })
}

/// Takes an invitation back: its link leads nowhere any more.
pub async fn cancel<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    invited: Invited,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::InvitationWrite)?;
    let event = permit.event("invitation.cancelled").on(invited.invitation.id);
    let groups = invited.groups.iter().map(|group| group.name.as_str());
    let event = event.unmade(&told::invitation(&invited.invitation, groups));
    let cancelled = invited.invitation.cancel(now).map_err(over)?;
    if !invitations::end(tx, &cancelled).await? {
        return Err(over(Over(cancelled.state)));
    }
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Ends the invitation of somebody who came to belong by another way: what it offers is for whoever follows its link, and
/// nobody does any more. `event` says who let them in.
pub async fn overtaken(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    organization: OrganizationId,
    email: &Email,
    event: impl FnOnce(&'static str) -> Event,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let Some(invitation) = invitations::pending_for(tx, organization, email).await? else {
        return Ok(());
    };
    if !matches!(invitation.state.seen_at(now), State::Pending { .. }) {
        return Ok(());
    }
    let groups = invitations::groups(tx, invitation.id).await?;
    let groups = groups.iter().map(|group| group.name.as_str());
    let event = event("invitation.cancelled").on(invitation.id);
    let event = event.unmade(&told::invitation(&invitation, groups));
    let event = event.with("because", "they came to belong by another way");
    invitations::end(tx, &invitation.cancel(now).map_err(over)?).await?;
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Sends an invitation anew, as if whoever asks had made it: with another link, and for seven days again.
pub async fn resend<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    invited: Invited,
    link: &NewLink,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::InvitationWrite)?;
    let Invited { invitation, groups } = invited;
    let into: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
    may_offer(tx, permit, invitation.role.as_ref(), &into, now).await?;
    let holds_a_seat = matches!(invitation.state.seen_at(now), State::Pending { .. });
    let renewed = invitation.renew(permit.actor().to_string(), now).map_err(over)?;
    if !holds_a_seat {
        make_room(tx, permit, &renewed.email, now).await?;
        limits::admit(tx, permit.organization(), Resource::Users, 1, now).await?;
    }
    if !invitations::renew(tx, &renewed, &link.stored()).await? {
        return Err(over(Over(renewed.state)));
    }
    letter::post(tx, keyring, &renewed, link, now).await?;
    let event = permit.event("invitation.resent").on(renewed.id);
    let event = event.with_personal("email", renewed.email.as_str());
    audit::record(tx, keyring, &event, now).await?;
    usage_alerts::grew(
        tx,
        permit,
        keyring,
        Resource::Users,
        i64::from(!holds_a_seat),
        now,
    )
    .await
}

/// Nobody offers what they don't hold: the role's permissions, or what the groups grant.
async fn may_offer<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    role: Option<&Role>,
    groups: &[GroupId],
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if let Some(role) = role {
        holdings::may_give_everywhere(permit, role.permissions)?;
    }
    for group in groups {
        holdings::may_share_group(tx, permit, *group, now).await?;
    }
    Ok(())
}

/// An address has one invitation at a time. One whose time is up makes room for the next.
async fn make_room<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    email: &Email,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let Some(earlier) = invitations::pending_for(tx, permit.organization(), email).await? else {
        return Ok(());
    };
    let state = earlier.state.seen_at(now);
    if matches!(state, State::Pending { .. }) {
        return Err(pending_already(&earlier));
    }
    invitations::end(tx, &Invitation { state, ..earlier }).await?;
    Ok(())
}

async fn role_named<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, named: &str) -> Result<Role, DirectoryError> {
    let organization = permit.organization();
    let role = match named.parse() {
        Ok(id) => roles::available(tx, organization, id).await?,
        Err(_) => roles::named(tx, organization, named).await?,
    };
    role.ok_or(DirectoryError::field("/role", "there is no such role here"))
}

async fn group_named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    place: usize,
    named: &str,
) -> Result<GroupId, DirectoryError> {
    let found = groups::id_named(tx, permit.organization(), named).await?;
    found.ok_or_else(|| DirectoryError::field(format!("/groups/{place}"), "there is no such group here"))
}

fn pending_already(invitation: &Invitation) -> DirectoryError {
    let (email, id) = (&invitation.email, invitation.id);
    DirectoryError::Already(format!(
        "{email} is invited already: send {id} again, or cancel it"
    ))
}

fn over(Over(state): Over) -> DirectoryError {
    DirectoryError::Unmet(vec![(
        "invitation_over",
        format!("the invitation is over: it was {}", state.as_str()),
    )])
}
