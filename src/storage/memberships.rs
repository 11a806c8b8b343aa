//! Memberships, and all that access decisions need to know of a member.

use super::query::{execute, fetch};
use super::roles::role_from;
use super::row::Row;
use super::{StorageError, Topic, Tx, grants, groups, managed_users, organizations, scim_leavers, users};
use crate::domain::access::{Member, MembershipFacts};
use crate::domain::id::{MembershipId, OrganizationId, RoleId, UserId};
use crate::domain::membership::{MembershipState, MembershipStatus};
use crate::domain::organization::Organization;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
pub(super) struct MembershipRow {
    pub(super) id: String,
    organization_id: String,
    status: String,
    role_id: Option<String>,
    role_name: Option<String>,
    role_permissions: Option<String>,
    created_at: i64,
}

impl TryFrom<MembershipRow> for MembershipFacts {
    type Error = StorageError;

    fn try_from(columns: MembershipRow) -> Result<Self, StorageError> {
        let row = Row::of("memberships", &columns.id);
        let role = match (&columns.role_id, columns.role_name, &columns.role_permissions) {
            (Some(id), Some(name), Some(permissions)) => Some(role_from(id, name, permissions)?),
            (None, None, None) => None,
            _ => return Err(row.corrupt("role_id")),
        };
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            status: row.parse("status", &columns.status)?,
            role,
            since: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// A membership to store.
pub struct NewMembership {
    /// Its id.
    pub id: MembershipId,
    /// Where.
    pub organization: OrganizationId,
    /// Who.
    pub user: UserId,
    /// As what, if anything.
    pub role: Option<RoleId>,
}

/// Stores a new, active membership. Nobody manages a person from their second one on.
pub async fn insert(tx: &mut Tx<'_>, new: &NewMembership, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO memberships (id, organization_id, user_id, role_id, status, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.id.to_string(),
        new.organization.to_string(),
        new.user.to_string(),
        new.role.map(|id| id.to_string()),
        MembershipStatus::Active.as_str(),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(new.organization));
    tx.changed(Topic::User(new.user));
    scim_leavers::forget(tx, new.organization, new.user).await?;
    managed_users::second_membership_accepted(tx, new.user).await
}

/// Whether a membership lets its user act; nothing if there is none.
pub async fn status(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<MembershipStatus>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "SELECT id, status FROM memberships WHERE organization_id = $1 AND user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    row.map(|(id, status)| Row::of("memberships", &id).parse("status", &status))
        .transpose()
}

/// Changes whether a membership lets its user act, and notes since when and why not.
pub async fn set_state(
    tx: &mut Tx<'_>,
    id: MembershipId,
    state: &MembershipState,
) -> Result<(), StorageError> {
    let ended = state.ended();
    let whose = fetch!(
        fetch_optional as (String, String),
        tx,
        "UPDATE memberships SET status = $2, status_changed_at = $3, status_reason = $4 WHERE id = $1 \
         RETURNING organization_id, user_id",
        id.to_string(),
        state.status().as_str(),
        ended.map(|ended| ended.since.millis()),
        ended.map_or("", |ended| ended.reason.as_str()),
    )?;
    if let Some((organization, user)) = whose {
        let key = id.to_string();
        let row = Row::of("memberships", &key);
        tx.changed(Topic::Organization(row.parse("organization_id", &organization)?));
        tx.changed(Topic::User(row.parse("user_id", &user)?));
    }
    Ok(())
}

/// Gives a membership another role, or none.
pub async fn set_role(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MembershipId,
    role: Option<RoleId>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE memberships SET role_id = $3 WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
        role.map(|id| id.to_string()),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Ends a membership for good, and with it the grants and groups of the member.
pub async fn delete(tx: &mut Tx<'_>, organization: OrganizationId, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    execute!(
        tx,
        "UPDATE users SET default_organization_id = NULL WHERE id = $2 AND default_organization_id = $1",
        organization.to_string(),
        user.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    tx.changed(Topic::User(user));
    Ok(())
}

/// All that access decisions need to know of a user in an organization; nothing if there is no such user.
pub async fn member(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
) -> Result<Option<Member>, StorageError> {
    let Some(user) = users::by_id(tx, user).await? else {
        return Ok(None);
    };
    let row = fetch!(
        fetch_optional as MembershipRow,
        tx,
        "SELECT m.id, m.organization_id, m.status, m.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, m.created_at \
         FROM memberships m LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.user_id = $1 AND m.organization_id = $2",
        user.id.to_string(),
        organization.to_string(),
    )?;
    let membership: Option<MembershipFacts> = row.map(TryInto::try_into).transpose()?;
    let (groups, grants) = match &membership {
        Some(membership) => (
            groups::of_membership(tx, membership.id).await?,
            grants::of_membership(tx, membership.id).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    Ok(Some(Member {
        user: user.id,
        user_status: user.status,
        membership,
        groups,
        grants,
    }))
}

/// The organizations a user belongs to, whatever the status, by name; with the role's name.
pub async fn organizations_of(
    tx: &mut Tx<'_>,
    user: UserId,
) -> Result<Vec<(Organization, MembershipFacts)>, StorageError> {
    let rows = fetch!(
        fetch_all as MembershipRow,
        tx,
        "SELECT m.id, m.organization_id, m.status, m.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, m.created_at \
         FROM memberships m JOIN organizations o ON o.id = m.organization_id \
         LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.user_id = $1 ORDER BY o.name",
        user.to_string(),
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let membership = MembershipFacts::try_from(row)?;
        if let Some(organization) = organizations::by_id(tx, membership.organization).await? {
            found.push((organization, membership));
        }
    }
    Ok(found)
}
