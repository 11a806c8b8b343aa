//! Roles of an organization's own. The six built-in ones are everybody's to see and nobody's to change.
//!
//! Whoever makes or changes a role holds for good all that it gives, before and after: so nobody raises anybody, or
//! themselves, by way of a role that others hold.

use super::{DirectoryError, Permit, holdings, told};
use crate::audit;
use crate::domain::access::{Holdings, Permission, PermissionSet, RoleName};
use crate::domain::description::Description;
use crate::domain::id::RoleId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::roles::{self, OwnRole, StoredRole};
use crate::storage::{Listed, Page, Tx};

/// What to change of a role; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// Another name.
    pub name: Option<RoleName>,
    /// What it is for.
    pub description: Option<Description>,
    /// What it gives.
    pub permissions: Option<PermissionSet>,
}

/// A page of the roles that the permit's organization can give.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<StoredRole>, DirectoryError> {
    permit.is_for(Permission::OrganizationRead)?;
    let rows = roles::list(tx, permit.organization(), page).await?;
    Ok(page.of(rows, roles::count(tx, permit.organization())).await?)
}

/// One of them, by id or exact name.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    role: &str,
) -> Result<StoredRole, DirectoryError> {
    let organization = permit.organization();
    let id: Option<RoleId> = match role.parse() {
        Ok(id) => Some(id),
        Err(_) => roles::named(tx, organization, role).await?.map(|role| role.id),
    };
    let id = id.ok_or(DirectoryError::NotFound)?;
    roles::find(tx, organization, id)
        .await?
        .ok_or(DirectoryError::NotFound)
}

/// Makes a role.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    role: &OwnRole,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    holdings::may_give_everywhere(permit, role.permissions)?;
    if !roles::insert(tx, permit.organization(), role, now).await? {
        return Err(DirectoryError::Taken("the role's name"));
    }
    let event = permit.event("role.created").on(role.id);
    audit::record(tx, keyring, &event.made(&told::role(role)), now).await?;
    Ok(())
}

/// Changes a role for everybody who holds it, from the next request on.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &StoredRole,
    change: &RoleChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let before = own(permit, found)?;
    let after = OwnRole {
        id: before.id,
        name: change.name.clone().unwrap_or_else(|| before.name.clone()),
        description: change
            .description
            .clone()
            .unwrap_or_else(|| before.description.clone()),
        permissions: change.permissions.unwrap_or(before.permissions),
    };
    holdings::may_give_everywhere(permit, before.permissions.union(after.permissions))?;
    if after == before {
        return Ok(());
    }
    let organization = permit.organization();
    let other = roles::named(tx, organization, after.name.as_str()).await?;
    if other.is_some_and(|other| other.id != after.id) {
        return Err(DirectoryError::Taken("the role's name"));
    }
    roles::update(tx, organization, &after).await?;
    let event = permit
        .event("role.updated")
        .on(after.id)
        .changed(&told::role(&before), &told::role(&after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Deletes a role that nobody has, no grant gives, and no pending invitation offers.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &StoredRole,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let role = own(permit, found)?;
    holdings::may_change(permit, &Holdings::of(role.permissions, None))?;
    let uses = roles::uses(tx, permit.organization(), role.id).await?;
    if uses.members + uses.grants + uses.invitations > 0 {
        let told = format!(
            "the role is still in use: members {}, grants {}, pending invitations {}",
            uses.members, uses.grants, uses.invitations
        );
        return Err(DirectoryError::InUse(told));
    }
    roles::delete(tx, permit.organization(), role.id).await?;
    let event = permit.event("role.deleted").on(role.id);
    audit::record(tx, keyring, &event.unmade(&told::role(&role)), now).await?;
    Ok(())
}

/// A role as what can be changed; no built-in one can.
fn own(permit: &Permit<'_>, found: &StoredRole) -> Result<OwnRole, DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    match RoleName::parse(&found.role.name) {
        Ok(name) if !found.built_in => Ok(OwnRole {
            id: found.role.id,
            name,
            description: found.description.clone(),
            permissions: found.role.permissions,
        }),
        _ => Err(DirectoryError::BuiltIn),
    }
}
