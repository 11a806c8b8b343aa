//! Groups and who is in them.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::access::GroupName;
use crate::domain::id::{GroupId, MembershipId, OrganizationId};
use crate::domain::time::Timestamp;

/// Stores a new group of a kind: `group`, `team` or `department`.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: &GroupName,
    kind: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO groups (id, organization_id, name, kind, created_at) VALUES ($1, $2, $3, $4, $5)",
        group.id.to_string(),
        organization.to_string(),
        &group.name,
        kind,
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Puts a member into a group of the same organization; once is enough.
pub async fn add_member(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: GroupId,
    member: MembershipId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO group_members (organization_id, group_id, membership_id, lead) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
        organization.to_string(),
        group.to_string(),
        member.to_string(),
        false,
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
