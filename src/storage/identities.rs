//! Identities: users' accounts at upstream providers. One is found by its connection and the provider's own name for
//! somebody, and by nothing else.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::arrival::{Identity, Subject};
use crate::domain::id::{ConnectionId, IdentityId, UserId};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct IdentityRow {
    id: String,
    user_id: String,
    connection_id: String,
    subject: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<IdentityRow> for Identity {
    type Error = StorageError;

    fn try_from(columns: IdentityRow) -> Result<Self, StorageError> {
        let row = Row::of("identities", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            user: row.parse("user_id", &columns.user_id)?,
            connection: row.parse("connection_id", &columns.connection_id)?,
            subject: row.some("subject", Subject::try_from(columns.subject).ok())?,
            created_at: Timestamp::from_millis(columns.created_at),
            last_used_at: timestamp(columns.last_used_at),
        })
    }
}

/// Links one; answers `false` if that account is somebody's here already. Of many who try, one is answered `true`.
pub async fn insert(tx: &mut Tx<'_>, identity: &Identity) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO identities (id, user_id, connection_id, subject, created_at, last_used_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (connection_id, subject) DO NOTHING",
        identity.id.to_string(),
        identity.user.to_string(),
        identity.connection.to_string(),
        identity.subject.as_str(),
        identity.created_at.millis(),
        identity.last_used_at.map(Timestamp::millis),
    )?;
    Ok(inserted == 1)
}

/// Whoever somebody is by a connection.
pub async fn by_subject(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    subject: &Subject,
) -> Result<Option<Identity>, StorageError> {
    let row = fetch!(
        fetch_optional as IdentityRow,
        tx,
        "SELECT id, user_id, connection_id, subject, created_at, last_used_at FROM identities \
         WHERE connection_id = $1 AND subject = $2",
        connection.to_string(),
        subject.as_str(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The one of an id, whosever it is.
pub async fn by_id(tx: &mut Tx<'_>, id: IdentityId) -> Result<Option<Identity>, StorageError> {
    let row = fetch!(
        fetch_optional as IdentityRow,
        tx,
        "SELECT id, user_id, connection_id, subject, created_at, last_used_at FROM identities WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A user's, the oldest first.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId, page: &Page) -> Result<Vec<Identity>, StorageError> {
    let rows = fetch!(
        fetch_all as IdentityRow,
        tx,
        "SELECT id, user_id, connection_id, subject, created_at, last_used_at FROM identities \
         WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many a user has.
pub async fn count_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM identities WHERE user_id = $1",
        user.to_string(),
    )?;
    Ok(count)
}

/// Somebody came by it.
pub async fn used(tx: &mut Tx<'_>, id: IdentityId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE identities SET last_used_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Unlinks one, if it is that user's; answers whether it was.
pub async fn delete(tx: &mut Tx<'_>, user: UserId, id: IdentityId) -> Result<bool, StorageError> {
    let deleted = execute!(
        tx,
        "DELETE FROM identities WHERE id = $1 AND user_id = $2",
        id.to_string(),
        user.to_string(),
    )?;
    Ok(deleted == 1)
}

/// Unlinks all of a user's.
pub async fn forget(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM identities WHERE user_id = $1", user.to_string())?;
    Ok(())
}
