//! The SSO log: how each attempt to come by a connection went.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{AttemptId, ConnectionId, OrganizationId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Attempt, Reference, Stage};

/// An attempt as it is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Names it.
    pub id: AttemptId,
    /// When.
    pub at: Timestamp,
    /// What the person read.
    pub reference: Reference,
    /// How far it came.
    pub stage: Stage,
    /// Why not further.
    pub refusal: Option<String>,
    /// The same in a sentence.
    pub detail: String,
    /// The provider's name for who came.
    pub subject: Option<String>,
    /// Whom they were taken for.
    pub user: Option<UserId>,
    /// Whether it was a try.
    pub test: bool,
    /// From where.
    pub address: String,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: String,
    at: i64,
    reference: String,
    stage: String,
    refusal: Option<String>,
    detail: String,
    subject: Option<String>,
    user_id: Option<String>,
    test: bool,
    address: String,
}

impl TryFrom<LineRow> for Line {
    type Error = StorageError;

    fn try_from(columns: LineRow) -> Result<Self, StorageError> {
        let row = Row::of("sso_attempts", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            at: Timestamp::from_millis(columns.at),
            reference: row.parse("reference", &columns.reference)?,
            stage: row.parse("stage", &columns.stage)?,
            user: row.parse_optional("user_id", columns.user_id.as_deref())?,
            refusal: columns.refusal,
            detail: columns.detail,
            subject: columns.subject,
            test: columns.test,
            address: columns.address,
        })
    }
}

/// Notes how one went.
pub async fn insert(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sso_attempts (id, organization_id, connection_id, at, reference, stage, refusal, detail, subject, \
         user_id, test, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        attempt.id.to_string(),
        attempt.organization.to_string(),
        attempt.connection.to_string(),
        attempt.at.millis(),
        attempt.reference.as_str(),
        attempt.stage.as_str(),
        attempt.refusal,
        &attempt.detail,
        attempt.subject.as_deref(),
        attempt.user.map(|user| user.to_string()),
        attempt.test,
        attempt.address.to_string(),
    )?;
    Ok(())
}

/// A connection's, the newest first; `page.after` is the last one that was seen.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    connection: ConnectionId,
    page: &Page,
) -> Result<Vec<Line>, StorageError> {
    let before = if page.after.is_empty() {
        "~"
    } else {
        page.after.as_str()
    };
    let rows = fetch!(
        fetch_all as LineRow,
        tx,
        "SELECT id, at, reference, stage, refusal, detail, subject, user_id, test, address FROM sso_attempts \
         WHERE connection_id = $1 AND organization_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        connection.to_string(),
        organization.to_string(),
        before,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many a connection has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    connection: ConnectionId,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM sso_attempts WHERE connection_id = $1 AND organization_id = $2",
        connection.to_string(),
        organization.to_string(),
    )?;
    Ok(count)
}

/// Forgets those from before.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM sso_attempts WHERE at < $1", before.millis())
}
