//! Sessions as lists show them: to an organization, those that act for it; to a person, all of their own.

use super::page::Page;
use super::query::fetch;
use super::row::Row;
use super::sessions::SessionOrigin;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::{ActivationId, OrganizationId, SessionId, UserId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A session that acts for an organization, as that organization sees it.
#[derive(Debug, Clone)]
pub struct Acting {
    /// The activation: `sid` in tokens.
    pub id: ActivationId,
    /// Whose session it is.
    pub user: UserId,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// When it first acted for the organization.
    pub created_at: Timestamp,
    /// When it last did, up to a minute late.
    pub last_seen_at: Timestamp,
    /// Where the session was opened.
    pub origin: SessionOrigin,
}

/// A session, as its person sees it.
#[derive(Debug, Clone)]
pub struct Own {
    /// Its id.
    pub id: SessionId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, up to a minute late.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Where it was opened.
    pub origin: SessionOrigin,
}

#[derive(sqlx::FromRow)]
struct ActingRow {
    id: String,
    user_id: String,
    email: String,
    name: String,
    created_at: i64,
    last_seen_at: i64,
    address: String,
    user_agent: String,
}

impl TryFrom<ActingRow> for Acting {
    type Error = StorageError;

    fn try_from(columns: ActingRow) -> Result<Self, StorageError> {
        let row = Row::of("activations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            user: row.parse("user_id", &columns.user_id)?,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            created_at: Timestamp::from_millis(columns.created_at),
            last_seen_at: Timestamp::from_millis(columns.last_seen_at),
            origin: SessionOrigin {
                address: columns.address,
                user_agent: columns.user_agent,
            },
        })
    }
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    id: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    address: String,
    user_agent: String,
}

impl TryFrom<OwnRow> for Own {
    type Error = StorageError;

    fn try_from(columns: OwnRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: Row::of("sessions", &columns.id).parse("id", &columns.id)?,
            created_at: Timestamp::from_millis(columns.created_at),
            last_seen_at: Timestamp::from_millis(columns.last_seen_at),
            expires_at: Timestamp::from_millis(columns.expires_at),
            origin: SessionOrigin {
                address: columns.address,
                user_agent: columns.user_agent,
            },
        })
    }
}

/// The sessions that act for an organization, by the activation's id.
pub async fn acting_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
    page: &Page,
) -> Result<Vec<Acting>, StorageError> {
    let rows = fetch!(
        fetch_all as ActingRow,
        tx,
        "SELECT a.id, s.user_id, u.email, u.name, a.created_at, a.last_seen_at, s.address, s.user_agent \
         FROM activations a JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id \
         WHERE a.organization_id = $1 AND a.id > $2 AND a.ended_at IS NULL AND s.ended_at IS NULL \
         AND s.expires_at > $4 ORDER BY a.id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        now.millis(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many sessions act for an organization.
pub async fn count_acting_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM activations a JOIN sessions s ON s.id = a.session_id \
         WHERE a.organization_id = $1 AND a.ended_at IS NULL AND s.ended_at IS NULL AND s.expires_at > $2",
        organization.to_string(),
        now.millis(),
    )?;
    Ok(count)
}

/// A person's sessions that act for an organization, by the activation's id.
pub async fn acting_for_by(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
    page: &Page,
) -> Result<Vec<Acting>, StorageError> {
    let rows = fetch!(
        fetch_all as ActingRow,
        tx,
        "SELECT a.id, s.user_id, u.email, u.name, a.created_at, a.last_seen_at, s.address, s.user_agent \
         FROM sessions s JOIN activations a ON a.session_id = s.id JOIN users u ON u.id = s.user_id \
         WHERE s.user_id = $5 AND a.organization_id = $1 AND a.id > $2 AND a.ended_at IS NULL AND s.ended_at IS NULL \
         AND s.expires_at > $4 ORDER BY a.id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        now.millis(),
        user.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many sessions of a person act for an organization.
pub async fn count_acting_for_by(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM sessions s JOIN activations a ON a.session_id = s.id \
         WHERE s.user_id = $3 AND a.organization_id = $1 AND a.ended_at IS NULL AND s.ended_at IS NULL \
         AND s.expires_at > $2",
        organization.to_string(),
        now.millis(),
        user.to_string(),
    )?;
    Ok(count)
}

/// One session that acts for an organization.
pub async fn one_acting_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ActivationId,
    now: Timestamp,
) -> Result<Option<Acting>, StorageError> {
    let row = fetch!(
        fetch_optional as ActingRow,
        tx,
        "SELECT a.id, s.user_id, u.email, u.name, a.created_at, a.last_seen_at, s.address, s.user_agent \
         FROM activations a JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id \
         WHERE a.organization_id = $1 AND a.id = $2 AND a.ended_at IS NULL AND s.ended_at IS NULL \
         AND s.expires_at > $3",
        organization.to_string(),
        id.to_string(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A person's open sessions, by id.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
    page: &Page,
) -> Result<Vec<Own>, StorageError> {
    let rows = fetch!(
        fetch_all as OwnRow,
        tx,
        "SELECT id, created_at, last_seen_at, expires_at, address, user_agent FROM sessions \
         WHERE user_id = $1 AND id > $2 AND ended_at IS NULL AND expires_at > $4 ORDER BY id LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
        now.millis(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many open sessions a person has.
pub async fn count_of_user(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2",
        user.to_string(),
        now.millis(),
    )?;
    Ok(count)
}
