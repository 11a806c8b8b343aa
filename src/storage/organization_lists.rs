//! Organizations as lists show them, in the order of their names.

use super::page::Page;
use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// An organization, as far as anybody who belongs to it may know whatever it asks of them.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Never changes.
    pub id: OrganizationId,
    /// Unique; never changes.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    id: String,
    name: String,
    display_name: String,
    created_at: i64,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: EntryRow) -> Result<Self, StorageError> {
        let row = Row::of("organizations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            name: row.parse("name", &columns.name)?,
            display_name: row.some("display_name", DisplayName::parse(&columns.display_name).ok())?,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// The names of a page that begin alike: a stretch of the index, from the first name on, to before the second.
fn stretch(beginning: &str, page: &Page) -> (String, String) {
    let first = page.after.as_str().max(beginning).to_owned();
    // No name has a character from here on.
    (first, format!("{beginning}{{"))
}

/// All organizations whose names begin like this.
pub async fn all(tx: &mut Tx<'_>, beginning: &str, page: &Page) -> Result<Vec<Entry>, StorageError> {
    let (first, end) = stretch(beginning, page);
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT id, name, display_name, created_at FROM organizations \
         WHERE name >= $1 AND name < $2 AND name <> $3 ORDER BY name LIMIT $4",
        first,
        end,
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many there are.
pub async fn count_all(tx: &mut Tx<'_>, beginning: &str) -> Result<i64, StorageError> {
    let (first, end) = stretch(beginning, &Page::first(0));
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM organizations WHERE name >= $1 AND name < $2",
        first,
        end,
    )?;
    Ok(count)
}

/// Those where a person is an active member.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    beginning: &str,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let (first, end) = stretch(beginning, page);
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT o.id, o.name, o.display_name, o.created_at FROM memberships m \
         JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = $1 AND m.status = $2 \
         AND o.name >= $3 AND o.name < $4 AND o.name <> $5 ORDER BY o.name LIMIT $6",
        user.to_string(),
        MembershipStatus::Active.as_str(),
        first,
        end,
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many these are.
pub async fn count_of_user(tx: &mut Tx<'_>, user: UserId, beginning: &str) -> Result<i64, StorageError> {
    let (first, end) = stretch(beginning, &Page::first(0));
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM memberships m JOIN organizations o ON o.id = m.organization_id \
         WHERE m.user_id = $1 AND m.status = $2 AND o.name >= $3 AND o.name < $4",
        user.to_string(),
        MembershipStatus::Active.as_str(),
        first,
        end,
    )?;
    Ok(count)
}

/// The one of this id, if its name begins like this and comes after the page before.
pub async fn one(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    beginning: &str,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let (first, end) = stretch(beginning, page);
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT id, name, display_name, created_at FROM organizations \
         WHERE id = $1 AND name >= $2 AND name < $3 AND name <> $4",
        id.to_string(),
        first,
        end,
        &page.after,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}
