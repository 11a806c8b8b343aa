//! Roles: six built in, others an organization's own.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::access::{BuiltInRole, PermissionSet, Role, RoleName};
use crate::domain::description::Description;
use crate::domain::id::{OrganizationId, RoleId};
use crate::domain::time::Timestamp;

/// A role as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRole {
    /// The role itself.
    pub role: Role,
    /// What it is for; nothing for a built-in one.
    pub description: Description,
    /// Whether it is one of the six.
    pub built_in: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an organization's own role is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRole {
    /// Its id.
    pub id: RoleId,
    /// Unique in its organization.
    pub name: RoleName,
    /// What it is for.
    pub description: Description,
    /// What it gives.
    pub permissions: PermissionSet,
}

/// How often a role is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Uses {
    /// Members who have it.
    pub members: i64,
    /// Grants that give it.
    pub grants: i64,
    /// Pending invitations to it.
    pub invitations: i64,
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    id: String,
    organization_id: Option<String>,
    name: String,
    description: String,
    permissions: String,
    created_at: i64,
}

impl TryFrom<RoleRow> for StoredRole {
    type Error = StorageError;

    fn try_from(columns: RoleRow) -> Result<Self, StorageError> {
        let row = Row::of("roles", &columns.id);
        Ok(Self {
            description: row.some("description", Description::parse(&columns.description).ok())?,
            built_in: columns.organization_id.is_none(),
            created_at: Timestamp::from_millis(columns.created_at),
            role: role_from(&columns.id, columns.name, &columns.permissions)?,
        })
    }
}

/// A role's columns wherever they are joined in.
pub(super) fn role_from(id: &str, name: String, permissions: &str) -> Result<Role, StorageError> {
    let row = Row::of("roles", id);
    Ok(Role {
        id: row.parse("id", id)?,
        name,
        permissions: row.parse("permissions", permissions)?,
    })
}

/// Stores a built-in role.
pub async fn insert_built_in(tx: &mut Tx<'_>, role: &Role, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO roles (id, organization_id, name, permissions, created_at) VALUES ($1, NULL, $2, $3, $4)",
        role.id.to_string(),
        &role.name,
        role.permissions.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// A built-in role as stored at set-up.
pub async fn built_in(tx: &mut Tx<'_>, role: BuiltInRole) -> Result<Role, StorageError> {
    let (id, name, permissions) = fetch!(
        fetch_one as (String, String, String),
        tx,
        "SELECT id, name, permissions FROM roles WHERE organization_id IS NULL AND name = $1",
        role.name(),
    )?;
    role_from(&id, name, &permissions)
}

/// A role that an organization can give: its own, or a built-in one.
pub async fn available(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: RoleId,
) -> Result<Option<Role>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String, String),
        tx,
        "SELECT id, name, permissions FROM roles \
         WHERE id = $1 AND (organization_id IS NULL OR organization_id = $2)",
        id.to_string(),
        organization.to_string(),
    )?;
    row.map(|(id, name, permissions)| role_from(&id, name, &permissions))
        .transpose()
}

/// A role of this name that an organization can give: its own, or a built-in one, whose names are taken everywhere.
pub async fn named(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    name: &str,
) -> Result<Option<Role>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String, String),
        tx,
        "SELECT id, name, permissions FROM roles \
         WHERE name = $1 AND (organization_id IS NULL OR organization_id = $2) ORDER BY organization_id IS NOT NULL LIMIT 1",
        name,
        organization.to_string(),
    )?;
    row.map(|(id, name, permissions)| role_from(&id, name, &permissions))
        .transpose()
}

/// Stores a role of an organization's own; answers `false` if the name is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    role: &OwnRole,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO roles (id, organization_id, name, description, permissions, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, name) DO NOTHING",
        role.id.to_string(),
        organization.to_string(),
        role.name.as_str(),
        role.description.as_str(),
        role.permissions.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(inserted == 1)
}

/// The same as [`available`], as lists show it.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: RoleId,
) -> Result<Option<StoredRole>, StorageError> {
    let row = fetch!(
        fetch_optional as RoleRow,
        tx,
        "SELECT id, organization_id, name, description, permissions, created_at FROM roles \
         WHERE id = $1 AND (organization_id IS NULL OR organization_id = $2)",
        id.to_string(),
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The roles that an organization can give, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<StoredRole>, StorageError> {
    let rows = fetch!(
        fetch_all as RoleRow,
        tx,
        "SELECT id, organization_id, name, description, permissions, created_at FROM \
         (SELECT * FROM roles WHERE organization_id IS NULL \
         UNION ALL SELECT * FROM roles WHERE organization_id = $1) r \
         WHERE id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many roles an organization can give.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM roles WHERE organization_id IS NULL OR organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// How often a role of an organization's own is in use.
pub async fn uses(tx: &mut Tx<'_>, organization: OrganizationId, id: RoleId) -> Result<Uses, StorageError> {
    fetch!(
        fetch_one as Uses,
        tx,
        "SELECT (SELECT COUNT(*) FROM memberships WHERE organization_id = $1 AND role_id = $2) AS members, \
         (SELECT COUNT(*) FROM grants WHERE role_id = $2) AS grants, \
         (SELECT COUNT(*) FROM invitations \
         WHERE organization_id = $1 AND state = 'pending' AND role_id = $2) AS invitations",
        organization.to_string(),
        id.to_string(),
    )
}

/// Changes a role of an organization's own, and with it whatever everybody holds by it. The name is not anybody else's.
pub async fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    role: &OwnRole,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE roles SET name = $3, description = $4, permissions = $5 WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        role.id.to_string(),
        role.name.as_str(),
        role.description.as_str(),
        role.permissions.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Deletes a role of an organization's own that nothing uses. Invitations that are over forget it.
pub async fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: RoleId) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE invitations SET role_id = NULL WHERE organization_id = $1 AND role_id = $2 AND state <> 'pending'",
        organization.to_string(),
        id.to_string(),
    )?;
    execute!(
        tx,
        "DELETE FROM roles WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}
