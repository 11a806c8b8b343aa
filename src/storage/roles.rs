//! Roles: six built in, others an organization's own.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::{BuiltInRole, Role};
use crate::domain::id::{OrganizationId, RoleId};
use crate::domain::time::Timestamp;

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
