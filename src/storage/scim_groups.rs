//! The groups that provisioning systems made, and what they call them. It goes with the group.

use std::collections::BTreeMap;

use super::groups::{Group, GroupRow};
use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::GroupName;
use crate::domain::id::{GroupId, OrganizationId, UserId};
use crate::domain::scim::ExternalId;

/// A group that a provisioning system made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimGroup {
    /// The group.
    pub group: Group,
    /// What the provisioning system calls it; no other of the organization is called so.
    pub external_id: Option<ExternalId>,
}

#[derive(sqlx::FromRow)]
struct ScimGroupRow {
    external_id: Option<String>,
    #[sqlx(flatten)]
    group: GroupRow,
}

impl TryFrom<ScimGroupRow> for ScimGroup {
    type Error = StorageError;

    fn try_from(columns: ScimGroupRow) -> Result<Self, StorageError> {
        let group = Group::try_from(columns.group)?;
        let id = group.id.to_string();
        let external_id = columns.external_id.as_deref().map(ExternalId::parse).transpose();
        let external_id = Row::of("scim_groups", &id).some("external_id", external_id.ok())?;
        Ok(Self { group, external_id })
    }
}

/// Notes that a group is a provisioning system's, and what it calls it. That no other is called so is the caller's to see
/// to.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: GroupId,
    external_id: Option<&ExternalId>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO scim_groups (group_id, organization_id, external_id) VALUES ($1, $2, $3) \
         ON CONFLICT (group_id) DO UPDATE SET external_id = excluded.external_id",
        group.to_string(),
        organization.to_string(),
        external_id.map(ExternalId::as_str),
    )?;
    Ok(())
}

/// A group of an organization that a provisioning system made.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: GroupId,
) -> Result<Option<ScimGroup>, StorageError> {
    let row = fetch!(
        fetch_optional as ScimGroupRow,
        tx,
        "SELECT s.external_id, g.id, g.name, g.kind, g.description, g.created_at FROM scim_groups s \
         JOIN groups g ON g.id = s.group_id WHERE s.organization_id = $1 AND s.group_id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The groups of an organization that provisioning systems made, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<ScimGroup>, StorageError> {
    let rows = fetch!(
        fetch_all as ScimGroupRow,
        tx,
        "SELECT s.external_id, g.id, g.name, g.kind, g.description, g.created_at FROM scim_groups s \
         JOIN groups g ON g.id = s.group_id WHERE s.organization_id = $1 AND s.group_id > $2 \
         ORDER BY s.group_id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many groups of an organization provisioning systems made.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM scim_groups WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// The group that a provisioning system calls so.
pub async fn by_external_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    external_id: &ExternalId,
) -> Result<Option<GroupId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT group_id FROM scim_groups WHERE organization_id = $1 AND external_id = $2",
        organization.to_string(),
        external_id.as_str(),
    )?;
    row.map(|(id,)| Row::of("scim_groups", &id).parse("group_id", &id))
        .transpose()
}

/// The group that a provisioning system made under a name, in whatever case.
pub async fn named(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<GroupId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT g.id FROM groups g JOIN scim_groups s ON s.group_id = g.id \
         WHERE g.organization_id = $1 AND g.name_comparable = $2",
        organization.to_string(),
        GroupName::comparable(name),
    )?;
    row.map(|(id,)| Row::of("groups", &id).parse("id", &id))
        .transpose()
}

/// Which of these groups an organization's members are in, from one person's id to another's; by name.
pub async fn of_members_between(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    first: UserId,
    last: UserId,
) -> Result<BTreeMap<UserId, Vec<GroupName>>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, String),
        tx,
        "SELECT m.user_id, g.id, g.name FROM memberships m JOIN group_members i ON i.membership_id = m.id \
         JOIN scim_groups s ON s.group_id = i.group_id JOIN groups g ON g.id = i.group_id \
         WHERE m.organization_id = $1 AND m.user_id >= $2 AND m.user_id <= $3 ORDER BY g.name",
        organization.to_string(),
        first.to_string(),
        last.to_string(),
    )?;
    let mut found = BTreeMap::<UserId, Vec<GroupName>>::new();
    for (user, id, name) in rows {
        let group = GroupName {
            id: Row::of("groups", &id).parse("id", &id)?,
            name,
        };
        let user = Row::of("memberships", &user).parse("user_id", &user)?;
        found.entry(user).or_default().push(group);
    }
    Ok(found)
}
