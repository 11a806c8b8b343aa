//! Grants: what gives members, groups and applications roles and permissions.

use super::query::{execute, fetch};
use super::roles::role_from;
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::access::{Gives, Grant, GrantOrigin, Schedule};
use crate::domain::id::{ApplicationId, GrantId, GroupId, MembershipId, OrganizationId};
use crate::domain::time::Timestamp;

/// Who gets a grant.
#[derive(Debug, Clone, Copy)]
pub enum GrantSubject {
    /// One member.
    Member(MembershipId),
    /// All members of a group.
    Group(GroupId),
    /// An application acting for itself.
    Application(ApplicationId),
}

impl GrantSubject {
    /// What stands in the columns for a member, a group and an application, of which one is filled.
    pub(super) fn columns(self) -> [Option<String>; 3] {
        match self {
            Self::Member(id) => [Some(id.to_string()), None, None],
            Self::Group(id) => [None, Some(id.to_string()), None],
            Self::Application(id) => [None, None, Some(id.to_string())],
        }
    }
}

/// The columns of a grant with what is joined to it.
#[derive(sqlx::FromRow)]
pub(super) struct GrantRow {
    pub(super) id: String,
    pub(super) group_id: Option<String>,
    group_name: Option<String>,
    role_id: Option<String>,
    role_name: Option<String>,
    role_permissions: Option<String>,
    permissions: Option<String>,
    product_id: Option<String>,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    schedule: Option<String>,
}

impl TryFrom<GrantRow> for Grant {
    type Error = StorageError;

    fn try_from(columns: GrantRow) -> Result<Self, StorageError> {
        let row = Row::of("grants", &columns.id);
        let origin = match (&columns.group_id, columns.group_name) {
            (Some(id), Some(name)) => GrantOrigin::Group {
                id: row.parse("group_id", id)?,
                name,
            },
            _ => GrantOrigin::Direct,
        };
        let gives = match (
            &columns.role_id,
            columns.role_name,
            &columns.role_permissions,
            &columns.permissions,
        ) {
            (Some(id), Some(name), Some(permissions), None) => Gives::Role(role_from(id, name, permissions)?),
            (None, None, None, Some(permissions)) => {
                Gives::Permissions(row.parse("permissions", permissions)?)
            }
            _ => return Err(row.corrupt("role_id")),
        };
        let schedule = columns.schedule.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            origin,
            gives,
            product: row.parse_optional("product_id", columns.product_id.as_deref())?,
            starts_at: timestamp(columns.starts_at),
            ends_at: timestamp(columns.ends_at),
            schedule: schedule.map_err(|_| row.corrupt("schedule"))?,
        })
    }
}

/// Stores a new grant.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    subject: GrantSubject,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), StorageError> {
    let [member, group, application] = subject.columns();
    let (role, permissions) = match &grant.gives {
        Gives::Role(role) => (Some(role.id.to_string()), None),
        Gives::Permissions(permissions) => (None, Some(permissions.to_string())),
    };
    execute!(
        tx,
        "INSERT INTO grants (id, organization_id, membership_id, group_id, application_id, role_id, permissions, \
         product_id, starts_at, ends_at, schedule, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        grant.id.to_string(),
        organization.to_string(),
        member,
        group,
        application,
        role,
        permissions,
        grant.product.map(|id| id.to_string()),
        grant.starts_at.map(Timestamp::millis),
        grant.ends_at.map(Timestamp::millis),
        grant.schedule.as_ref().map(written),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// The grants of a member, their groups' among them. Read at every decision: each half goes by an index of its own,
/// however many grants the organization has.
pub async fn of_membership(tx: &mut Tx<'_>, member: MembershipId) -> Result<Vec<Grant>, StorageError> {
    let rows = fetch!(
        fetch_all as GrantRow,
        tx,
        "SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM grants a LEFT JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE a.membership_id = $1 \
         UNION ALL \
         SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM group_members m JOIN grants a ON a.group_id = m.group_id \
         JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE m.membership_id = $1 \
         ORDER BY 1",
        member.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The grants of a group.
pub async fn of_group(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<Grant>, StorageError> {
    let rows = fetch!(
        fetch_all as GrantRow,
        tx,
        "SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM grants a JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE a.group_id = $1 ORDER BY a.id",
        group.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The grants of an application acting for itself.
pub async fn of_application(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<Grant>, StorageError> {
    let rows = fetch!(
        fetch_all as GrantRow,
        tx,
        "SELECT a.id, a.group_id, NULL AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM grants a LEFT JOIN roles r ON r.id = a.role_id WHERE a.application_id = $1 ORDER BY a.id",
        application.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Changes when a grant is in force.
pub async fn set_times(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    grant: &Grant,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE grants SET starts_at = $3, ends_at = $4, schedule = $5 WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        grant.id.to_string(),
        grant.starts_at.map(Timestamp::millis),
        grant.ends_at.map(Timestamp::millis),
        grant.schedule.as_ref().map(written),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Takes a grant back.
pub async fn delete(tx: &mut Tx<'_>, organization: OrganizationId, id: GrantId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM grants WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

fn written(schedule: &Schedule) -> String {
    serde_json::to_string(schedule).expect("a schedule is made of strings")
}
