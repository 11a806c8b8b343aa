//! Alerts: what people were told of their accounts, newest first, and the links by which they say that it was somebody
//! else.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::alert::AlertKind;
use crate::domain::email::Email;
use crate::domain::id::{AlertId, OrganizationId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Who is told.
    pub user: UserId,
    /// Whose administrators are told, too.
    pub organization: Option<OrganizationId>,
    /// What happened.
    pub kind: AlertKind,
    /// From which address, if the person themselves seemed to do it.
    pub address: Option<String>,
    /// By which program.
    pub user_agent: String,
    /// When.
    pub created_at: Timestamp,
    /// When the person said that they saw it.
    pub seen_at: Option<Timestamp>,
}

/// An alert as administrators are told, with the person it is about.
#[derive(Debug, Clone)]
pub struct Told {
    /// What.
    pub alert: Alert,
    /// Where the person is written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
}

#[derive(sqlx::FromRow)]
struct AlertRow {
    id: String,
    user_id: String,
    organization_id: Option<String>,
    kind: String,
    detail: String,
    address: Option<String>,
    user_agent: String,
    created_at: i64,
    seen_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    #[sqlx(flatten)]
    alert: AlertRow,
    email: String,
    name: String,
}

impl TryFrom<AlertRow> for Alert {
    type Error = StorageError;

    fn try_from(columns: AlertRow) -> Result<Self, StorageError> {
        let row = Row::of("alerts", &columns.id);
        let detail = serde_json::from_str(&columns.detail).map_err(|_| row.corrupt("detail"))?;
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            user: row.parse("user_id", &columns.user_id)?,
            organization: row.parse_optional("organization_id", columns.organization_id.as_deref())?,
            kind: row.some("kind", AlertKind::read(&columns.kind, detail))?,
            address: columns.address,
            user_agent: columns.user_agent,
            created_at: Timestamp::from_millis(columns.created_at),
            seen_at: timestamp(columns.seen_at),
        })
    }
}

impl TryFrom<ToldRow> for Told {
    type Error = StorageError;

    fn try_from(columns: ToldRow) -> Result<Self, StorageError> {
        let key = columns.alert.user_id.clone();
        let row = Row::of("users", &key);
        Ok(Self {
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            alert: columns.alert.try_into()?,
        })
    }
}

/// Stores an alert, and until when which link says that it was somebody else.
pub async fn insert(
    tx: &mut Tx<'_>,
    alert: &Alert,
    link: Option<(&SecretHash, Timestamp)>,
) -> Result<(), StorageError> {
    let detail = serde_json::Value::Object(alert.kind.detail());
    execute!(
        tx,
        "INSERT INTO alerts (id, user_id, organization_id, kind, detail, address, user_agent, created_at, link_hash, \
         link_expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        alert.id.to_string(),
        alert.user.to_string(),
        alert.organization.map(|id| id.to_string()),
        alert.kind.name(),
        detail.to_string(),
        &alert.address,
        &alert.user_agent,
        alert.created_at.millis(),
        link.map(|(hash, _)| hash.as_bytes()),
        link.map(|(_, until)| until.millis()),
    )?;
    Ok(())
}

/// Whether a person was told of this kind since a moment.
pub async fn was_raised(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: &str,
    since: Timestamp,
) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT created_at FROM alerts WHERE user_id = $1 AND kind = $2 AND created_at > $3 LIMIT 1",
        user.to_string(),
        kind,
        since.millis(),
    )?;
    Ok(row.is_some())
}

/// Whether a person was told just this since a moment.
pub async fn was_told(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: &AlertKind,
    since: Timestamp,
) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT created_at FROM alerts WHERE user_id = $1 AND kind = $2 AND created_at >= $3 AND detail = $4 LIMIT 1",
        user.to_string(),
        kind.name(),
        since.millis(),
        serde_json::Value::Object(kind.detail()).to_string(),
    )?;
    Ok(row.is_some())
}

/// A person's alerts, newest first: all, or those that they did not see yet; of one organization, or of all and none.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
    unseen: bool,
    page: &Page,
) -> Result<Vec<Alert>, StorageError> {
    let rows = fetch!(
        fetch_all as AlertRow,
        tx,
        "SELECT id, user_id, organization_id, kind, detail, address, user_agent, created_at, seen_at FROM alerts \
         WHERE user_id = $1 AND ($2 = '' OR id < $2) AND ($4 = '' OR seen_at IS NULL) \
         AND ($5 = '' OR organization_id = $5) ORDER BY id DESC LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
        only(unseen),
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many alerts those are.
pub async fn count_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
    unseen: bool,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM alerts WHERE user_id = $1 AND ($2 = '' OR seen_at IS NULL) \
         AND ($3 = '' OR organization_id = $3)",
        user.to_string(),
        only(unseen),
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    Ok(count)
}

fn only(unseen: bool) -> &'static str {
    if unseen { "unseen" } else { "" }
}

/// What an organization's administrators are told, newest first.
pub async fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Told>, StorageError> {
    let rows = fetch!(
        fetch_all as ToldRow,
        tx,
        "SELECT a.id, a.user_id, a.organization_id, a.kind, a.detail, a.address, a.user_agent, a.created_at, a.seen_at, \
         u.email, u.name FROM alerts a JOIN users u ON u.id = a.user_id \
         WHERE a.organization_id = $1 AND ($2 = '' OR a.id < $2) ORDER BY a.id DESC LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many those are.
pub async fn count_of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM alerts WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// One of a person's alerts.
pub async fn find(tx: &mut Tx<'_>, user: UserId, id: AlertId) -> Result<Option<Alert>, StorageError> {
    let row = fetch!(
        fetch_optional as AlertRow,
        tx,
        "SELECT id, user_id, organization_id, kind, detail, address, user_agent, created_at, seen_at FROM alerts \
         WHERE user_id = $1 AND id = $2",
        user.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Notes whether a person saw one of their alerts, and when.
pub async fn set_seen(
    tx: &mut Tx<'_>,
    user: UserId,
    id: AlertId,
    seen_at: Option<Timestamp>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE alerts SET seen_at = $3 WHERE user_id = $1 AND id = $2",
        user.to_string(),
        id.to_string(),
        seen_at.map(Timestamp::millis),
    )?;
    Ok(())
}

/// Notes that a person saw all of their alerts; of one organization, or of all and none.
pub async fn see_all(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE alerts SET seen_at = $2 WHERE user_id = $1 AND seen_at IS NULL AND ($3 = '' OR organization_id = $3)",
        user.to_string(),
        now.millis(),
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    Ok(())
}

/// The alert of a link, if that is still good.
pub async fn by_link(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<Alert>, StorageError> {
    let row = fetch!(
        fetch_optional as AlertRow,
        tx,
        "SELECT id, user_id, organization_id, kind, detail, address, user_agent, created_at, seen_at FROM alerts \
         WHERE link_hash = $1 AND link_used_at IS NULL AND link_expires_at > $2",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Uses a link up; answers its alert, or nothing if it was good no more.
pub async fn take_link(
    tx: &mut Tx<'_>,
    link: &SecretHash,
    now: Timestamp,
) -> Result<Option<Alert>, StorageError> {
    let row = fetch!(
        fetch_optional as AlertRow,
        tx,
        "UPDATE alerts SET link_used_at = $2 WHERE link_hash = $1 AND link_used_at IS NULL AND link_expires_at > $2 \
         RETURNING id, user_id, organization_id, kind, detail, address, user_agent, created_at, seen_at",
        link.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Ends every link that a person has.
pub async fn end_links_of_user(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE alerts SET link_used_at = $2 WHERE user_id = $1 AND link_hash IS NOT NULL AND link_used_at IS NULL",
        user.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Forgets a person's alerts.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM alerts WHERE user_id = $1", user.to_string())?;
    Ok(())
}

/// Forgets alerts of before a moment.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM alerts WHERE created_at < $1", before.millis())
}
