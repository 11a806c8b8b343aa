//! Groups: named members with grants. Whoever changes or deletes one holds all that it grants.

use super::{DirectoryError, Permit, holdings, told};
use crate::audit;
use crate::domain::access::{GroupKind, Permission};
use crate::domain::description::Description;
use crate::domain::id::{GroupId, MembershipId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::groups::{self, Filter, Group};
use crate::storage::{Listed, Page, Tx, group_members};

/// What to change of a group; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct GroupChange {
    /// Another name.
    pub name: Option<DisplayName>,
    /// Another sort.
    pub kind: Option<GroupKind>,
    /// What it is for.
    pub description: Option<Description>,
}

/// Makes a group and puts members into it. It grants nothing yet.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    group: &Group,
    members: &[MembershipId],
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::GroupWrite)?;
    let organization = permit.organization();
    is_free(tx, permit, &group.name, group.id).await?;
    groups::insert(tx, organization, group).await?;
    for member in members {
        group_members::put(tx, organization, group.id, *member, false).await?;
    }
    let event = permit.event("group.created").on(group.id);
    let members: Vec<_> = members.iter().map(ToString::to_string).collect();
    let made = told::group(group).with("members", members);
    audit::record(tx, keyring, &event.made(&made), now).await?;
    Ok(())
}

/// A page of the groups of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: &Filter,
    page: &Page,
) -> Result<Listed<Group>, DirectoryError> {
    permit.is_for(Permission::GroupRead)?;
    let rows = groups::list(tx, permit.organization(), filter, page).await?;
    Ok(page
        .of(rows, groups::count(tx, permit.organization(), filter))
        .await?)
}

/// A group of the permit's organization, by id.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, id: GroupId) -> Result<Group, DirectoryError> {
    let found = groups::by_id(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Changes name, kind and description.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    before: &Group,
    change: &GroupChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::GroupWrite)?;
    holdings::may_change(permit, &holdings::of_group(tx, before.id, now).await?)?;
    let after = Group {
        name: change.name.clone().unwrap_or_else(|| before.name.clone()),
        kind: change.kind.unwrap_or(before.kind),
        description: change
            .description
            .clone()
            .unwrap_or_else(|| before.description.clone()),
        ..before.clone()
    };
    if after == *before {
        return Ok(());
    }
    is_free(tx, permit, &after.name, after.id).await?;
    groups::update(tx, permit.organization(), &after).await?;
    let event = permit.event("group.updated").on(after.id);
    let event = event.changed(&told::group(before), &told::group(&after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Deletes a group with its grants; whoever was in it no longer holds them.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    group: &Group,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::GroupWrite)?;
    holdings::may_change(permit, &holdings::of_group(tx, group.id, now).await?)?;
    groups::delete(tx, permit.organization(), group.id).await?;
    let event = permit.event("group.deleted").on(group.id);
    audit::record(tx, keyring, &event.unmade(&told::group(group)), now).await?;
    Ok(())
}

/// Refuses a second group that people would take for the first.
async fn is_free<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    name: &DisplayName,
    besides: GroupId,
) -> Result<(), DirectoryError> {
    if groups::is_taken(tx, permit.organization(), name, besides).await? {
        return Err(DirectoryError::Taken("the group's name"));
    }
    Ok(())
}
