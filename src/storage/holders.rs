//! Members with all that access decisions need to know of them, many at once: what reviews and reports are made from.

use std::collections::BTreeMap;

use super::grants::GrantRow;
use super::members::{self, Entry, Filter};
use super::page::Page;
use super::query::fetch;
use super::roles::role_from;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::{Grant, GroupName, Member, MembershipFacts, Role};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::user::UserStatus;

/// A member of an organization.
#[derive(Debug, Clone)]
pub struct Holder {
    /// As lists show them.
    pub entry: Entry,
    /// As access decisions know them.
    pub member: Member,
}

#[derive(sqlx::FromRow)]
struct FactsRow {
    user_id: String,
    user_status: String,
    role_id: Option<String>,
    role_name: Option<String>,
    role_permissions: Option<String>,
}

#[derive(sqlx::FromRow)]
struct HeldGrantRow {
    user_id: String,
    #[sqlx(flatten)]
    grant: GrantRow,
}

/// An organization's members, by the person's id: a page costs four statements, however many are on it.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Holder>, StorageError> {
    let entries = members::list(tx, organization, &Filter::default(), page).await?;
    let Some(last) = entries.last().map(|entry| entry.user.to_string()) else {
        return Ok(Vec::new());
    };
    let mut facts = facts(tx, organization, &page.after, &last).await?;
    let mut groups = groups(tx, organization, &page.after, &last).await?;
    let mut grants = grants(tx, organization, &page.after, &last).await?;
    let mut holders = Vec::with_capacity(entries.len());
    for entry in entries {
        let found = facts.remove(&entry.user);
        let (user_status, role) = Row::of("memberships", &entry.user.to_string()).some("user_id", found)?;
        let member = Member {
            user: entry.user,
            user_status,
            membership: Some(MembershipFacts {
                id: entry.membership,
                organization,
                status: entry.state.status(),
                role,
                since: entry.joined_at,
            }),
            groups: groups.remove(&entry.user).unwrap_or_default(),
            grants: grants.remove(&entry.user).unwrap_or_default(),
        };
        holders.push(Holder { entry, member });
    }
    Ok(holders)
}

/// The state of each person's account, and the role of their membership.
async fn facts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: &str,
    last: &str,
) -> Result<BTreeMap<UserId, (UserStatus, Option<Role>)>, StorageError> {
    let rows = fetch!(
        fetch_all as FactsRow,
        tx,
        "SELECT m.user_id, u.status AS user_status, r.id AS role_id, r.name AS role_name, \
         r.permissions AS role_permissions FROM memberships m JOIN users u ON u.id = m.user_id \
         LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3",
        organization.to_string(),
        after,
        last,
    )?;
    let each = rows.into_iter().map(|columns| {
        let row = Row::of("memberships", &columns.user_id);
        let role = match (&columns.role_id, columns.role_name, &columns.role_permissions) {
            (Some(id), Some(name), Some(permissions)) => Some(role_from(id, name, permissions)?),
            _ => None,
        };
        let user = row.parse("user_id", &columns.user_id)?;
        Ok((user, (row.parse("status", &columns.user_status)?, role)))
    });
    each.collect()
}

/// Each person's groups, by name.
async fn groups(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: &str,
    last: &str,
) -> Result<BTreeMap<UserId, Vec<GroupName>>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, String),
        tx,
        "SELECT m.user_id, g.id, g.name FROM memberships m JOIN group_members i ON i.membership_id = m.id \
         JOIN groups g ON g.id = i.group_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 ORDER BY g.name",
        organization.to_string(),
        after,
        last,
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

/// What reaches each person, by their own grants and by their groups', by id.
async fn grants(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: &str,
    last: &str,
) -> Result<BTreeMap<UserId, Vec<Grant>>, StorageError> {
    let rows = fetch!(
        fetch_all as HeldGrantRow,
        tx,
        "SELECT m.user_id, a.id, NULL AS group_id, NULL AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM memberships m JOIN grants a ON a.membership_id = m.id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 \
         UNION ALL \
         SELECT m.user_id, a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule \
         FROM memberships m JOIN group_members i ON i.membership_id = m.id JOIN grants a ON a.group_id = i.group_id \
         JOIN groups g ON g.id = a.group_id LEFT JOIN roles r ON r.id = a.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3 \
         ORDER BY 2",
        organization.to_string(),
        after,
        last,
    )?;
    let mut found = BTreeMap::<UserId, Vec<Grant>>::new();
    for row in rows {
        let user = Row::of("memberships", &row.user_id).parse("user_id", &row.user_id)?;
        found.entry(user).or_default().push(row.grant.try_into()?);
    }
    Ok(found)
}
