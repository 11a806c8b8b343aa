//! Members: what an administrator changes of a membership. What another organization does with the same person is never
//! asked here, and never touched.

pub(super) mod keep;

use super::{DirectoryError, Permit, alerts, holdings, told};
use crate::audit::{self, Fields};
use crate::domain::access::{BuiltInRole, Permission, PermissionSet, Role};
use crate::domain::alert::{AlertKind, Given};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::membership::{MembershipState, MembershipStatus};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::members::{self, Entry, Filter};
use crate::storage::{Listed, Page, Tx, memberships, roles, users};

/// What becomes of a membership's role.
#[derive(Debug, Clone)]
pub enum RoleChange {
    /// The one of this name takes its place.
    To(String),
    /// None does.
    ToNone,
}

/// What becomes of a membership's state.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// What it is to be.
    pub to: MembershipStatus,
    /// Why, in the administrator's words.
    pub reason: Description,
}

/// What to change of a membership; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MemberChange {
    /// Another role.
    pub role: Option<RoleChange>,
    /// Whether the membership lets its user act.
    pub status: Option<StatusChange>,
}

/// A page of members.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: &Filter,
    page: &Page,
) -> Result<Listed<Entry>, DirectoryError> {
    permit.is_for(Permission::MemberRead)?;
    let rows = members::list(tx, permit.organization(), filter, page).await?;
    Ok(page
        .of(rows, members::count(tx, permit.organization(), filter))
        .await?)
}

/// A member of the permit's organization, by id or email.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, user: &str) -> Result<Entry, DirectoryError> {
    let id: Option<UserId> = match (user.parse(), Email::parse(user)) {
        (Ok(id), _) => Some(id),
        (_, Ok(email)) => users::by_email(tx, &email).await?.map(|user| user.id),
        _ => None,
    };
    let id = id.ok_or(DirectoryError::NotFound)?;
    let found = members::find(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Changes role and status. One who may not act any more has, from this transaction on, no session or token here.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: &Entry,
    change: &MemberChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    keep::holds_no_more(tx, permit, member.user, now).await?;
    let role = match &change.role {
        None => None,
        Some(RoleChange::ToNone) => Some(None),
        Some(RoleChange::To(name)) => Some(Some(role_to_give(tx, permit, name).await?)),
    };
    let role = role.filter(|role| role.as_ref().map(|role| &role.name) != member.role.as_ref());
    let status = change.status.as_ref();
    let status = status.filter(|status| status.to != member.state.status());
    let stays_owner = role.as_ref().is_none_or(|role| is_owner(role.as_ref())) && status.is_none();
    if !stays_owner {
        keep::an_owner(tx, permit.organization(), member).await?;
    }
    if let Some(role) = role {
        let id = role.as_ref().map(|role| role.id);
        memberships::set_role(tx, permit.organization(), member.membership, id).await?;
        let event = permit.event("member.role_changed").on(member.user);
        let held = |role: Option<String>| Fields::new().with("role", role);
        let is = role.as_ref().map(|role| role.name.clone());
        let event = event.changed(&held(member.role.clone()), &held(is));
        audit::record(tx, keyring, &event, now).await?;
        tell_of_more(tx, permit, keyring, member, role.as_ref(), now).await?;
    }
    match (status, &change.status) {
        (Some(status), _) => set_status(tx, permit, keyring, member, status, now).await,
        (None, Some(same)) => is_nothing_new(&member.state, &same.reason),
        (None, None) => Ok(()),
    }
}

/// A member who may do more by another role is told.
async fn tell_of_more<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: &Entry,
    role: Option<&Role>,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let Some(role) = role else { return Ok(()) };
    let before = match &member.role {
        Some(name) => roles::named(tx, permit.organization(), name).await?,
        None => None,
    };
    let before = before.map_or(PermissionSet::EMPTY, |role| role.permissions);
    if role.permissions.difference(before).is_empty() {
        return Ok(());
    }
    let kind = AlertKind::RoleRaised {
        given: Given::Role,
        to: role.name.clone(),
    };
    Ok(alerts::raise_for_member(tx, permit, keyring, member.user, kind, now).await?)
}

async fn set_status<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: &Entry,
    change: &StatusChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let state = member.state.clone();
    let state = state.changed_to(change.to, change.reason.clone(), now);
    let state = state.map_err(|error| DirectoryError::field("/status", error.to_string()))?;
    memberships::set_state(tx, member.membership, &state).await?;
    let action = match state {
        MembershipState::Active => "member.reactivated",
        MembershipState::Inactive(_) => "member.deactivated",
        MembershipState::Suspended(_) => "member.suspended",
    };
    if state != MembershipState::Active {
        keep::end_what_acts(tx, permit.organization(), member.user, now).await?;
    }
    let event = permit.event(action).on(member.user);
    let event = event.changed(&told::membership(&member.state), &told::membership(&state));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// The same again is done already, but a reason is noted only with what it is the reason of.
fn is_nothing_new(state: &MembershipState, reason: &Description) -> Result<(), DirectoryError> {
    let noted = state.ended().is_some_and(|ended| ended.reason == *reason);
    if reason.as_str().is_empty() || noted {
        return Ok(());
    }
    let why = "the membership has this status already; a reason is given when it changes";
    Err(DirectoryError::field("/reason", why))
}

/// Ends a membership for good, with everything that acts in its name here.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: &Entry,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    keep::holds_no_more(tx, permit, member.user, now).await?;
    keep::an_owner(tx, permit.organization(), member).await?;
    keep::end_membership(tx, permit.organization(), member.user, now).await?;
    let event = permit.event("member.removed").on(member.user);
    let event = event.unmade(&Fields::new().with("role", member.role.clone()));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Nobody gives more than they hold.
async fn role_to_give<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, name: &str) -> Result<Role, DirectoryError> {
    let role = roles::named(tx, permit.organization(), name).await?;
    let role = role.ok_or(DirectoryError::field("/role", "there is no such role here"))?;
    holdings::may_give_everywhere(permit, role.permissions)?;
    Ok(role)
}

fn is_owner(role: Option<&Role>) -> bool {
    role.is_some_and(|role| role.name == BuiltInRole::Owner.name())
}
