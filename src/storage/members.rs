//! Members as lists show them: a membership beside its person.

use super::page::Page;
use super::query::fetch;
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::access::BuiltInRole;
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::id::{AvatarId, MembershipId, OrganizationId, UserId};
use crate::domain::membership::{Ended, MembershipState, MembershipStatus};
use crate::domain::search::Search;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
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
    /// Their picture.
    pub avatar: Option<AvatarId>,
    /// Whether this organization was noted as managing them.
    pub managed: bool,
    /// When they last signed in to act for this organization, if ever. What they do elsewhere is not told here.
    pub last_sign_in_at: Option<Timestamp>,
    /// As whom.
    pub membership: MembershipId,
    /// Whether the membership lets them act, and if not, since when and why.
    pub state: MembershipState,
    /// Since when they belong to the organization.
    pub joined_at: Timestamp,
    /// The name of the membership's role, if it has one.
    pub role: Option<String>,
}

/// Which members.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this status; of any if absent.
    pub status: Option<MembershipStatus>,
    /// Whose membership's role has this name; of any or none if empty.
    pub role: String,
    /// Whom this finds.
    pub search: Search,
    /// Who has not signed in for this organization since then; whoever never did counts from joining.
    pub idle_since: Option<Timestamp>,
    /// Whose membership has not let them act since then.
    pub ended_since: Option<Timestamp>,
}

impl Filter {
    fn status(&self) -> &'static str {
        self.status.map_or("", MembershipStatus::as_str)
    }

    /// Both times in milliseconds; 0, when nobody was anywhere yet, for none.
    fn times(&self) -> [i64; 2] {
        [self.idle_since, self.ended_since].map(|time| time.map_or(0, Timestamp::millis))
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    user_id: String,
    email: String,
    name: String,
    avatar: Option<String>,
    managed_by: Option<String>,
    last_sign_in_at: Option<i64>,
    id: String,
    organization_id: String,
    status: String,
    status_changed_at: Option<i64>,
    status_reason: String,
    created_at: i64,
    role: Option<String>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: EntryRow) -> Result<Self, StorageError> {
        let row = Row::of("memberships", &columns.id);
        let ended = || {
            Ok::<_, StorageError>(Ended {
                since: row.some("status_changed_at", timestamp(columns.status_changed_at))?,
                reason: row.some("status_reason", Description::parse(&columns.status_reason).ok())?,
            })
        };
        let state = match row.parse("status", &columns.status)? {
            MembershipStatus::Active => MembershipState::Active,
            MembershipStatus::Inactive => MembershipState::Inactive(ended()?),
            MembershipStatus::Suspended => MembershipState::Suspended(ended()?),
        };
        Ok(Self {
            user: row.parse("user_id", &columns.user_id)?,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            avatar: row.parse_optional("avatar", columns.avatar.as_deref())?,
            managed: columns.managed_by.as_ref() == Some(&columns.organization_id),
            last_sign_in_at: timestamp(columns.last_sign_in_at),
            membership: row.parse("id", &columns.id)?,
            state,
            joined_at: Timestamp::from_millis(columns.created_at),
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
        "SELECT m.user_id, u.email, u.name, a.id AS avatar, u.managed_by, m.last_sign_in_at, m.id, m.organization_id, \
         m.status, m.status_changed_at, m.status_reason, m.created_at, r.name AS role FROM memberships m \
         JOIN users u ON u.id = m.user_id LEFT JOIN avatars a ON a.user_id = m.user_id \
         LEFT JOIN roles r ON r.id = m.role_id WHERE m.organization_id = $1 AND m.user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's members, by the person's id. One of many is found by walking the members, each looked up by their
/// own words: an organization's list costs what that organization is, however many people there are elsewhere.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let [first, second, third] = filter.search.parts();
    let [idle, ended] = filter.times();
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT m.user_id, u.email, u.name, a.id AS avatar, u.managed_by, m.last_sign_in_at, m.id, m.organization_id, \
         m.status, m.status_changed_at, m.status_reason, m.created_at, r.name AS role FROM memberships m \
         JOIN users u ON u.id = m.user_id LEFT JOIN avatars a ON a.user_id = m.user_id \
         LEFT JOIN roles r ON r.id = m.role_id WHERE m.organization_id = $1 AND m.user_id > $2 \
         AND ($4 = '' OR m.status = $4) AND ($5 = '' OR r.name = $5) \
         AND ($6 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $6 AND w.word < $6 || '\u{10FFFF}')) \
         AND ($7 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $7 AND w.word < $7 || '\u{10FFFF}')) \
         AND ($8 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $8 AND w.word < $8 || '\u{10FFFF}')) \
         AND ($9 = 0 OR COALESCE(m.last_sign_in_at, m.created_at) <= $9) \
         AND ($10 = 0 OR m.status <> 'active' AND m.status_changed_at <= $10) \
         ORDER BY m.user_id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        filter.status(),
        &filter.role,
        first,
        second,
        third,
        idle,
        ended,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many members of that kind an organization has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<i64, StorageError> {
    let [first, second, third] = filter.search.parts();
    let [idle, ended] = filter.times();
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM memberships m LEFT JOIN roles r ON r.id = m.role_id \
         WHERE m.organization_id = $1 AND ($2 = '' OR m.status = $2) AND ($3 = '' OR r.name = $3) \
         AND ($4 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $4 AND w.word < $4 || '\u{10FFFF}')) \
         AND ($5 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $5 AND w.word < $5 || '\u{10FFFF}')) \
         AND ($6 = '' OR EXISTS (SELECT 1 FROM user_words w \
         WHERE w.user_id = m.user_id AND w.word >= $6 AND w.word < $6 || '\u{10FFFF}')) \
         AND ($7 = 0 OR COALESCE(m.last_sign_in_at, m.created_at) <= $7) \
         AND ($8 = 0 OR m.status <> 'active' AND m.status_changed_at <= $8)",
        organization.to_string(),
        filter.status(),
        &filter.role,
        first,
        second,
        third,
        idle,
        ended,
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
