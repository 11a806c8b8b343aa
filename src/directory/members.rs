//! Members: what an administrator changes of a membership. What another organization does with the same person is never
//! asked here, and never touched.

use super::{DirectoryError, Permit, holdings};
use crate::audit;
use crate::domain::access::{BuiltInRole, Permission, Role};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::members::{self, Entry, Filter};
use crate::storage::{Listed, Page, Tx, activations, api_keys, families, memberships, roles, users};

/// What becomes of a membership's role.
#[derive(Debug, Clone)]
pub enum RoleChange {
    /// The one of this name takes its place.
    To(String),
    /// None does.
    ToNone,
}

/// What to change of a membership; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MemberChange {
    /// Another role.
    pub role: Option<RoleChange>,
    /// Whether the membership lets its user act.
    pub status: Option<MembershipStatus>,
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
    holdings::may_change_member(tx, permit, member.user, now).await?;
    let role = match &change.role {
        None => None,
        Some(RoleChange::ToNone) => Some(None),
        Some(RoleChange::To(name)) => Some(Some(role_to_give(tx, permit, name).await?)),
    };
    let role = role.filter(|role| role.as_ref().map(|role| &role.name) != member.role.as_ref());
    let status = change.status.filter(|status| *status != member.status);
    let stays_owner = role.as_ref().is_none_or(|role| is_owner(role.as_ref())) && status.is_none();
    if !stays_owner {
        keeps_an_owner(tx, permit, member).await?;
    }
    let organization = permit.organization();
    if let Some(role) = &role {
        let id = role.as_ref().map(|role| role.id);
        memberships::set_role(tx, organization, member.membership, id).await?;
        let event = permit.event("member.role_changed").on(member.user);
        let event = event.with("from", member.role.clone());
        let event = event.with("to", role.as_ref().map(|role| role.name.clone()));
        audit::record(tx, keyring, &event, now).await?;
    }
    if let Some(status) = status {
        memberships::set_status(tx, member.membership, status).await?;
        if status != MembershipStatus::Active {
            end_what_acts(tx, permit, member.user, now).await?;
        }
        let action = match status {
            MembershipStatus::Active => "member.reactivated",
            MembershipStatus::Inactive => "member.deactivated",
            MembershipStatus::Suspended => "member.suspended",
        };
        let event = permit.event(action).on(member.user);
        audit::record(tx, keyring, &event, now).await?;
    }
    Ok(())
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
    holdings::may_change_member(tx, permit, member.user, now).await?;
    keeps_an_owner(tx, permit, member).await?;
    let organization = permit.organization();
    end_what_acts(tx, permit, member.user, now).await?;
    api_keys::revoke_of_member(tx, member.user, organization, now).await?;
    memberships::delete(tx, organization, member.user).await?;
    let event = permit.event("member.removed").on(member.user);
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

/// The last owner who can act is not removed, suspended or demoted.
async fn keeps_an_owner<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    member: &Entry,
) -> Result<(), DirectoryError> {
    let owns = member.role.as_deref() == Some(BuiltInRole::Owner.name())
        && member.status == MembershipStatus::Active;
    if owns && members::other_owners(tx, permit.organization(), member.user).await? == 0 {
        return Err(DirectoryError::LastOwner);
    }
    Ok(())
}

fn is_owner(role: Option<&Role>) -> bool {
    role.is_some_and(|role| role.name == BuiltInRole::Owner.name())
}

async fn end_what_acts<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: UserId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    activations::end_of_member(tx, user, permit.organization(), now).await?;
    families::revoke_of_member(tx, user, permit.organization(), now).await?;
    Ok(())
}
