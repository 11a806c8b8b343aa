//! Groups: named members with grants. Who is in them is `group_members`.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::access::{GroupKind, GroupName};
use crate::domain::description::Description;
use crate::domain::id::{GroupId, MembershipId, OrganizationId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A group as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Unique in its organization, in whatever case.
    pub name: DisplayName,
    /// What sort of group.
    pub kind: GroupKind,
    /// What it is for.
    pub description: Description,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which groups.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind; of any if absent.
    pub kind: Option<GroupKind>,
    /// Whose name begins like this, in comparable form; any if empty.
    pub beginning: String,
    /// With this member; with any or none if absent.
    pub member: Option<MembershipId>,
}

impl Filter {
    fn kind(&self) -> &'static str {
        self.kind.map_or("", GroupKind::as_str)
    }

    fn member(&self) -> String {
        self.member.map(|id| id.to_string()).unwrap_or_default()
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct GroupRow {
    id: String,
    name: String,
    kind: String,
    description: String,
    created_at: i64,
}

impl TryFrom<GroupRow> for Group {
    type Error = StorageError;

    fn try_from(columns: GroupRow) -> Result<Self, StorageError> {
        let row = Row::of("groups", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            kind: row.parse("kind", &columns.kind)?,
            description: row.some("description", Description::parse(&columns.description).ok())?,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// Stores a new group.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: &Group,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO groups (id, organization_id, name, name_comparable, kind, description, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        group.id.to_string(),
        organization.to_string(),
        group.name.as_str(),
        GroupName::comparable(group.name.as_str()),
        group.kind.as_str(),
        group.description.as_str(),
        group.created_at.millis(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Whether another group of the organization is called like this one, in whatever case.
pub async fn is_taken(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &DisplayName,
    besides: GroupId,
) -> Result<bool, StorageError> {
    let other = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT id FROM groups WHERE organization_id = $1 AND name_comparable = $2 AND id <> $3 LIMIT 1",
        organization.to_string(),
        GroupName::comparable(name.as_str()),
        besides.to_string(),
    )?;
    Ok(other.is_some())
}

/// A group of an organization.
pub async fn by_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: GroupId,
) -> Result<Option<Group>, StorageError> {
    let row = fetch!(
        fetch_optional as GroupRow,
        tx,
        "SELECT id, name, kind, description, created_at FROM groups WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's groups, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Group>, StorageError> {
    let rows = fetch!(
        fetch_all as GroupRow,
        tx,
        "SELECT id, name, kind, description, created_at FROM groups \
         WHERE organization_id = $1 AND id > $2 AND ($4 = '' OR kind = $4) \
         AND ($5 = '' OR name_comparable >= $5 AND name_comparable < $5 || '\u{10FFFF}') \
         AND ($6 = '' OR id IN (SELECT group_id FROM group_members WHERE membership_id = $6)) \
         ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        filter.kind(),
        &filter.beginning,
        filter.member(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many groups of that sort an organization has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM groups WHERE organization_id = $1 AND ($2 = '' OR kind = $2) \
         AND ($3 = '' OR name_comparable >= $3 AND name_comparable < $3 || '\u{10FFFF}') \
         AND ($4 = '' OR id IN (SELECT group_id FROM group_members WHERE membership_id = $4))",
        organization.to_string(),
        filter.kind(),
        &filter.beginning,
        filter.member(),
    )?;
    Ok(count)
}

/// Changes name, kind and description of an organization's group.
pub async fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: &Group,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE groups SET name = $3, name_comparable = $4, kind = $5, description = $6 \
         WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        group.id.to_string(),
        group.name.as_str(),
        GroupName::comparable(group.name.as_str()),
        group.kind.as_str(),
        group.description.as_str(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Deletes an organization's group, with its grants; nobody is in it any more, or invited to it.
pub async fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: GroupId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM groups WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// The groups of a member, by name.
pub async fn of_membership(tx: &mut Tx<'_>, member: MembershipId) -> Result<Vec<GroupName>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT g.id, g.name FROM groups g JOIN group_members m ON m.group_id = g.id \
         WHERE m.membership_id = $1 ORDER BY g.name",
        member.to_string(),
    )?;
    rows.into_iter()
        .map(|(id, name)| {
            Ok(GroupName {
                id: Row::of("groups", &id).parse("id", &id)?,
                name,
            })
        })
        .collect()
}

/// A group of an organization, by id or name.
pub async fn id_named(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    named: &str,
) -> Result<Option<GroupId>, StorageError> {
    let found = match named.parse::<GroupId>() {
        Ok(id) => fetch!(
            fetch_optional as (String,),
            tx,
            "SELECT id FROM groups WHERE organization_id = $1 AND id = $2",
            organization.to_string(),
            id.to_string(),
        )?,
        Err(_) => fetch!(
            fetch_optional as (String,),
            tx,
            "SELECT id FROM groups WHERE organization_id = $1 AND name = $2",
            organization.to_string(),
            named,
        )?,
    };
    found
        .map(|(id,)| Row::of("groups", &id).parse("id", &id))
        .transpose()
}
