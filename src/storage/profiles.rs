//! Users whole, as they and those who administer them see them: what requests are decided by, and everything else.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::description::Description;
use crate::domain::id::{AvatarId, OrganizationId, UserId};
use crate::domain::membership::Ended;
use crate::domain::profile::{Preferences, Profile};
use crate::domain::search::Search;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserState, UserStatus};

/// A user with everything that is known of them but how they sign in.
#[derive(Debug, Clone)]
pub struct Whole {
    /// What requests are decided by.
    pub user: User,
    /// Whether the account may be used, and if not, since when and why.
    pub state: UserState,
    /// What they tell of themselves.
    pub profile: Profile,
    /// Who was noted as managing them.
    pub managed_by: Option<OrganizationId>,
    /// Since when there is the account.
    pub created_at: Timestamp,
    /// When they last signed in, if ever.
    pub last_sign_in_at: Option<Timestamp>,
    /// Their picture.
    pub avatar: Option<AvatarId>,
}

/// A user whom a search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who.
    pub whole: Whole,
    /// Where in the list: a page may begin after it.
    pub place: String,
}

#[derive(sqlx::FromRow)]
struct WholeRow {
    place: String,
    id: String,
    email: String,
    email_verified: bool,
    name: String,
    status: String,
    status_changed_at: Option<i64>,
    status_reason: String,
    superuser: bool,
    managed_by: Option<String>,
    default_organization_id: Option<String>,
    timezone: String,
    language: String,
    phone: String,
    address: String,
    preferences: String,
    created_at: i64,
    last_sign_in_at: Option<i64>,
    avatar: Option<String>,
}

impl TryFrom<WholeRow> for Found {
    type Error = StorageError;

    fn try_from(columns: WholeRow) -> Result<Self, StorageError> {
        let row = Row::of("users", &columns.id);
        let status: UserStatus = row.parse("status", &columns.status)?;
        let since = || row.some("status_changed_at", timestamp(columns.status_changed_at));
        let state = match status {
            UserStatus::Active => UserState::Active,
            UserStatus::Suspended => UserState::Suspended(Ended {
                since: since()?,
                reason: row.some("status_reason", Description::parse(&columns.status_reason).ok())?,
            }),
            UserStatus::Deleted => UserState::Deleted(since()?),
        };
        let user = User {
            id: row.parse("id", &columns.id)?,
            email: row.parse("email", &columns.email)?,
            email_verified: columns.email_verified,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            status,
            superuser: columns.superuser,
            default_organization: row.parse_optional(
                "default_organization_id",
                columns.default_organization_id.as_deref(),
            )?,
        };
        let profile = Profile {
            timezone: row.parse_optional("timezone", given(&columns.timezone))?,
            language: row.parse_optional("language", given(&columns.language))?,
            phone: row.parse_optional("phone", given(&columns.phone))?,
            address: row.parse("address", &columns.address)?,
            preferences: row.some("preferences", Preferences::from_json(&columns.preferences))?,
        };
        Ok(Self {
            whole: Whole {
                user,
                state,
                profile,
                managed_by: row.parse_optional("managed_by", columns.managed_by.as_deref())?,
                created_at: Timestamp::from_millis(columns.created_at),
                last_sign_in_at: timestamp(columns.last_sign_in_at),
                avatar: row.parse_optional("avatar", columns.avatar.as_deref())?,
            },
            place: columns.place,
        })
    }
}

/// A text column that may be empty.
fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The user of an id, whole.
pub async fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Whole>, StorageError> {
    let row = fetch!(
        fetch_optional as WholeRow,
        tx,
        "SELECT u.id AS place, u.id, u.email, u.email_verified, u.name, u.status, u.status_changed_at, \
         u.status_reason, u.superuser, u.managed_by, u.default_organization_id, u.timezone, u.language, u.phone, \
         u.address, u.preferences, u.created_at, u.last_sign_in_at, a.id AS avatar \
         FROM users u LEFT JOIN avatars a ON a.user_id = u.id WHERE u.id = $1",
        id.to_string(),
    )?;
    row.map(|row| Found::try_from(row).map(|found| found.whole))
        .transpose()
}

/// The users who are not gone, by id; a page begins after an id.
pub async fn list(tx: &mut Tx<'_>, page: &Page) -> Result<Vec<Found>, StorageError> {
    let rows = fetch!(
        fetch_all as WholeRow,
        tx,
        "SELECT u.id AS place, u.id, u.email, u.email_verified, u.name, u.status, u.status_changed_at, \
         u.status_reason, u.superuser, u.managed_by, u.default_organization_id, u.timezone, u.language, u.phone, \
         u.address, u.preferences, u.created_at, u.last_sign_in_at, a.id AS avatar \
         FROM users u LEFT JOIN avatars a ON a.user_id = u.id \
         WHERE u.id > $1 AND u.status <> $3 ORDER BY u.id LIMIT $2",
        &page.after,
        page.limit,
        UserStatus::Deleted.as_str(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many users are not gone.
pub async fn count(tx: &mut Tx<'_>) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM users WHERE status <> $1",
        UserStatus::Deleted.as_str(),
    )?;
    Ok(count)
}

/// The users whom a search finds, by the word that its first part begins, and then by id; each once. A page begins
/// after a word and an id with a space between.
pub async fn search(tx: &mut Tx<'_>, search: &Search, page: &Page) -> Result<Vec<Found>, StorageError> {
    let [first, second, third] = search.parts();
    // One lower bound, and not `w.word >= $1` beside it: of two, PostgreSQL may begin at the lesser one and walk.
    let after = page
        .after
        .rsplit_once(' ')
        .filter(|(word, _)| *word >= first.as_str());
    let (word, id) = after.unwrap_or((first.as_str(), ""));
    let rows = fetch!(
        fetch_all as WholeRow,
        tx,
        "SELECT w.word || ' ' || w.user_id AS place, u.id, u.email, u.email_verified, u.name, u.status, \
         u.status_changed_at, u.status_reason, u.superuser, u.managed_by, u.default_organization_id, u.timezone, \
         u.language, u.phone, u.address, u.preferences, u.created_at, u.last_sign_in_at, a.id AS avatar \
         FROM user_words w JOIN users u ON u.id = w.user_id LEFT JOIN avatars a ON a.user_id = u.id \
         WHERE (w.word, w.user_id) > ($4, $5) AND w.word < $1 || '\u{10FFFF}' \
         AND (SELECT e.user_id FROM user_words e \
         WHERE e.user_id = w.user_id AND e.word >= $1 AND e.word < w.word LIMIT 1) IS NULL \
         AND (SELECT s.user_id FROM user_words s \
         WHERE s.user_id = w.user_id AND s.word >= $2 AND s.word < $2 || '\u{10FFFF}' LIMIT 1) IS NOT NULL \
         AND (SELECT t.user_id FROM user_words t \
         WHERE t.user_id = w.user_id AND t.word >= $3 AND t.word < $3 || '\u{10FFFF}' LIMIT 1) IS NOT NULL \
         ORDER BY w.word, w.user_id LIMIT $6",
        first,
        second,
        third,
        word,
        id,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many users a search finds.
pub async fn count_found(tx: &mut Tx<'_>, search: &Search) -> Result<i64, StorageError> {
    let [first, second, third] = search.parts();
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM user_words w \
         WHERE w.word >= $1 AND w.word < $1 || '\u{10FFFF}' \
         AND NOT EXISTS (SELECT 1 FROM user_words e WHERE e.user_id = w.user_id AND e.word >= $1 AND e.word < w.word) \
         AND EXISTS (SELECT 1 FROM user_words s \
         WHERE s.user_id = w.user_id AND s.word >= $2 AND s.word < $2 || '\u{10FFFF}') \
         AND EXISTS (SELECT 1 FROM user_words t \
         WHERE t.user_id = w.user_id AND t.word >= $3 AND t.word < $3 || '\u{10FFFF}')",
        first,
        second,
        third,
    )?;
    Ok(count)
}

/// Changes what a user tells of themselves.
pub async fn set(tx: &mut Tx<'_>, id: UserId, profile: &Profile) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET timezone = $2, language = $3, phone = $4, address = $5, preferences = $6 WHERE id = $1",
        id.to_string(),
        profile.timezone.as_ref().map_or("", |zone| zone.as_str()),
        profile.language.as_ref().map_or("", |language| language.as_str()),
        profile.phone.as_ref().map_or("", |phone| phone.as_str()),
        profile.address.as_str(),
        profile.preferences.to_string(),
    )?;
    tx.changed(Topic::User(id));
    Ok(())
}
