//! Who is in a group, and who leads it.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::email::Email;
use crate::domain::id::{GroupId, MembershipId, OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::text::DisplayName;

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub user: UserId,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// As whom.
    pub membership: MembershipId,
    /// Whether their membership of the organization lets them act.
    pub status: MembershipStatus,
    /// Whether they lead the group.
    pub lead: bool,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    user_id: String,
    email: String,
    name: String,
    membership_id: String,
    status: String,
    lead: bool,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: EntryRow) -> Result<Self, StorageError> {
        let row = Row::of("group_members", &columns.membership_id);
        Ok(Self {
            user: row.parse("user_id", &columns.user_id)?,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            membership: row.parse("membership_id", &columns.membership_id)?,
            status: row.parse("status", &columns.status)?,
            lead: columns.lead,
        })
    }
}

/// Puts a member into a group of the same organization, as a lead or not; one who is in it already becomes that.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: GroupId,
    member: MembershipId,
    lead: bool,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO group_members (organization_id, group_id, membership_id, lead) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (group_id, membership_id) DO UPDATE SET lead = excluded.lead",
        organization.to_string(),
        group.to_string(),
        member.to_string(),
        lead,
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Takes a member out of a group.
pub async fn remove(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    group: GroupId,
    member: MembershipId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM group_members WHERE organization_id = $1 AND group_id = $2 AND membership_id = $3",
        organization.to_string(),
        group.to_string(),
        member.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// A member of a group, whatever the status.
pub async fn find(
    tx: &mut Tx<'_>,
    group: GroupId,
    member: MembershipId,
) -> Result<Option<Entry>, StorageError> {
    let row = fetch!(
        fetch_optional as EntryRow,
        tx,
        "SELECT m.user_id, u.email, u.name, gm.membership_id, m.status, gm.lead FROM group_members gm \
         JOIN memberships m ON m.id = gm.membership_id JOIN users u ON u.id = m.user_id \
         WHERE gm.group_id = $1 AND gm.membership_id = $2",
        group.to_string(),
        member.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The members of a group, by their membership's id.
pub async fn list(tx: &mut Tx<'_>, group: GroupId, page: &Page) -> Result<Vec<Entry>, StorageError> {
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT m.user_id, u.email, u.name, gm.membership_id, m.status, gm.lead FROM group_members gm \
         JOIN memberships m ON m.id = gm.membership_id JOIN users u ON u.id = m.user_id \
         WHERE gm.group_id = $1 AND gm.membership_id > $2 ORDER BY gm.membership_id LIMIT $3",
        group.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many members a group has.
pub async fn count(tx: &mut Tx<'_>, group: GroupId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM group_members WHERE group_id = $1",
        group.to_string(),
    )?;
    Ok(count)
}
