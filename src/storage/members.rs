//! Members as lists show them: a membership beside its person.

use super::page::{Page, prefix};
use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::BuiltInRole;
use crate::domain::email::Email;
use crate::domain::id::{MembershipId, OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::text::DisplayName;
use crate::domain::user::UserStatus;

/// A member of an organization.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who.
    pub user: UserId,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// As whom.
    pub membership: MembershipId,
    /// Whether the membership lets them act.
    pub status: MembershipStatus,
    /// The name of the membership's role, if it has one.
    pub role: Option<String>,
}

/// Which members.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this status; of any if absent.
    pub status: Option<MembershipStatus>,
    /// Whose email or name begins like this, in lower case; whoever if empty.
    pub beginning: String,
}

impl Filter {
    fn status(&self) -> &'static str {
        self.status.map_or("", MembershipStatus::as_str)
    }

    fn pattern(&self) -> String {
        prefix(&self.beginning)
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    user_id: String,
    email: String,
    name: String,
    id: String,
    status: String,
    role: Option<String>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: EntryRow) -> Result<Self, StorageError> {
        let row = Row::of("memberships", &columns.id);
        Ok(Self {
            user: row.parse("user_id", &columns.user_id)?,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            membership: row.parse("id", &columns.id)?,
            status: row.parse("status", &columns.status)?,
            role: columns.role,
        })
    }
}

/// A member, whatever the status.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<Entry>, StorageError> {
    let row = fetch!(
        fetch_optional as EntryRow,
        tx,
        "SELECT m.user_id, u.email, u.name, m.id, m.status, r.name AS role FROM memberships m \
         JOIN users u ON u.id = m.user_id LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND m.user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's members, by the person's id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT m.user_id, u.email, u.name, m.id, m.status, r.name AS role FROM memberships m \
         JOIN users u ON u.id = m.user_id LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND m.user_id > $2 AND ($4 = '' OR m.status = $4) \
         AND ($5 = '%' OR u.email_comparable LIKE $5 ESCAPE '\\' OR lower(u.name) LIKE $5 ESCAPE '\\') \
         ORDER BY m.user_id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        filter.status(),
        filter.pattern(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many members of that kind an organization has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM memberships m JOIN users u ON u.id = m.user_id \
         WHERE m.organization_id = $1 AND ($2 = '' OR m.status = $2) \
         AND ($3 = '%' OR u.email_comparable LIKE $3 ESCAPE '\\' OR lower(u.name) LIKE $3 ESCAPE '\\')",
        organization.to_string(),
        filter.status(),
        filter.pattern(),
    )?;
    Ok(count)
}

/// How many others own an organization and can act as its owner.
pub async fn other_owners(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    besides: UserId,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM memberships m JOIN users u ON u.id = m.user_id JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND m.user_id <> $2 AND m.status = $3 AND u.status = $4 \
         AND r.name = $5 AND r.organization_id IS NULL",
        organization.to_string(),
        besides.to_string(),
        MembershipStatus::Active.as_str(),
        UserStatus::Active.as_str(),
        BuiltInRole::Owner.name(),
    )?;
    Ok(count)
}
