//! All that access decisions need to know of everybody in an organization: what `memberships::member` and
//! `grants::of_application` tell of one, of many in a few statements.

use std::collections::HashMap;

use super::grants::GrantRow;
use super::memberships::MembershipRow;
use super::page::Page;
use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::{ApplicationSubject, Grant, GroupName, Member, MembershipFacts};
use crate::domain::email::Email;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::text::DisplayName;

/// A member with what access depends on.
#[derive(Debug, Clone)]
pub struct MemberEntry {
    /// What access depends on.
    pub member: Member,
    /// Whether they stand above organizations.
    pub superuser: bool,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
}

/// An application with what access depends on.
#[derive(Debug, Clone)]
pub struct ApplicationEntry {
    /// What access depends on.
    pub subject: ApplicationSubject,
    /// What it is called.
    pub name: DisplayName,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    #[sqlx(flatten)]
    membership: MembershipRow,
    user_id: String,
    user_status: String,
    superuser: bool,
    email: String,
    name: String,
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    holder_id: String,
    #[sqlx(flatten)]
    grant: GrantRow,
}

/// A stretch of an organization's members, by the person's id, whatever the status. One statement for the memberships,
/// one for their groups, one for their grants.
pub async fn members(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<MemberEntry>, StorageError> {
    let rows = fetch!(
        fetch_all as PersonRow,
        tx,
        "SELECT m.id, m.organization_id, m.status, m.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, m.created_at, m.user_id, u.status AS user_status, u.superuser, u.email, \
         u.name FROM memberships m JOIN users u ON u.id = m.user_id LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    let Some(last) = rows.last().map(|row| row.user_id.clone()) else {
        return Ok(Vec::new());
    };
    let groups = fetch!(
        fetch_all as (String, String, String),
        tx,
        "SELECT x.membership_id, g.id, g.name FROM memberships m \
         JOIN group_members x ON x.membership_id = m.id JOIN groups g ON g.id = x.group_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 ORDER BY g.name",
        organization.to_string(),
        &page.after,
        &last,
    )?;
    let grants = fetch!(
        fetch_all as HeldRow,
        tx,
        "SELECT m.id AS holder_id, a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM memberships m JOIN grants a ON a.membership_id = m.id \
         LEFT JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 \
         UNION ALL \
         SELECT m.id AS holder_id, a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM memberships m JOIN group_members x ON x.membership_id = m.id JOIN grants a ON a.group_id = x.group_id \
         JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 \
         ORDER BY 2",
        organization.to_string(),
        &page.after,
        &last,
    )?;
    let mut in_groups = HashMap::<String, Vec<GroupName>>::new();
    for (membership, id, name) in groups {
        let group = GroupName {
            id: Row::of("groups", &id).parse("id", &id)?,
            name,
        };
        in_groups.entry(membership).or_default().push(group);
    }
    let mut held = held_by(grants)?;
    let entry = |columns: PersonRow| {
        let row = Row::of("users", &columns.user_id);
        let key = columns.membership.id.clone();
        Ok(MemberEntry {
            superuser: columns.superuser,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            member: Member {
                user: row.parse("id", &columns.user_id)?,
                user_status: row.parse("status", &columns.user_status)?,
                membership: Some(MembershipFacts::try_from(columns.membership)?),
                groups: in_groups.remove(&key).unwrap_or_default(),
                grants: held.remove(&key).unwrap_or_default(),
            },
        })
    };
    rows.into_iter().map(entry).collect()
}

/// A stretch of an organization's applications, by id, switched on or off.
pub async fn applications(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<ApplicationEntry>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, bool),
        tx,
        "SELECT id, name, active FROM applications WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    let Some(last) = rows.last().map(|(id, ..)| id.clone()) else {
        return Ok(Vec::new());
    };
    let grants = fetch!(
        fetch_all as HeldRow,
        tx,
        "SELECT p.id AS holder_id, a.id, a.group_id, NULL AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM applications p JOIN grants a ON a.application_id = p.id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE p.organization_id = $1 AND p.id > $2 AND p.id <= $3 ORDER BY a.id",
        organization.to_string(),
        &page.after,
        &last,
    )?;
    let mut held = held_by(grants)?;
    let entry = |(id, name, active): (String, String, bool)| {
        let row = Row::of("applications", &id);
        Ok(ApplicationEntry {
            name: row.some("name", DisplayName::parse(&name).ok())?,
            subject: ApplicationSubject {
                id: row.parse("id", &id)?,
                organization,
                active,
                grants: held.remove(&id).unwrap_or_default(),
            },
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Grants by who has them, each holder's in the order of the rows.
fn held_by(rows: Vec<HeldRow>) -> Result<HashMap<String, Vec<Grant>>, StorageError> {
    let mut held = HashMap::<String, Vec<Grant>>::new();
    for row in rows {
        held.entry(row.holder_id).or_default().push(row.grant.try_into()?);
    }
    Ok(held)
}

impl MemberEntry {
    /// Who.
    pub fn user(&self) -> UserId {
        self.member.user
    }
}
