//! What people's sessions are called at the upstream providers that they came by. They go with the session here.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{ConnectionId, SessionId};
use crate::domain::sign_out::UpstreamSession;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct UpstreamSessionRow {
    connection_id: String,
    subject: String,
    format: Option<String>,
    session_index: Option<String>,
    sealed_id_token: Option<Vec<u8>>,
}

impl TryFrom<UpstreamSessionRow> for UpstreamSession {
    type Error = StorageError;

    fn try_from(columns: UpstreamSessionRow) -> Result<Self, StorageError> {
        let row = Row::of("upstream_sessions", &columns.connection_id);
        Ok(Self {
            connection: row.parse("connection_id", &columns.connection_id)?,
            subject: columns.subject,
            format: columns.format,
            index: columns.session_index,
            sealed_id_token: columns.sealed_id_token,
        })
    }
}

/// Notes one; the last sign-in by a connection is the one that counts.
pub async fn put(
    tx: &mut Tx<'_>,
    session: SessionId,
    there: &UpstreamSession,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO upstream_sessions \
         (session_id, connection_id, subject, format, session_index, sealed_id_token, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (session_id, connection_id) DO UPDATE SET \
         subject = excluded.subject, format = excluded.format, session_index = excluded.session_index, \
         sealed_id_token = excluded.sealed_id_token, created_at = excluded.created_at",
        session.to_string(),
        there.connection.to_string(),
        &there.subject,
        there.format.as_deref(),
        there.index.as_deref(),
        there.sealed_id_token.as_deref(),
        now.millis(),
    )?;
    Ok(())
}

/// All of a session here.
pub async fn of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<UpstreamSession>, StorageError> {
    let rows = fetch!(
        fetch_all as UpstreamSessionRow,
        tx,
        "SELECT connection_id, subject, format, session_index, sealed_id_token FROM upstream_sessions \
         WHERE session_id = $1 ORDER BY connection_id",
        session.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The sessions here of somebody at a provider, with what each is called there.
pub async fn sessions_of(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    subject: &str,
) -> Result<Vec<(SessionId, Option<String>)>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, Option<String>),
        tx,
        "SELECT session_id, session_index FROM upstream_sessions WHERE connection_id = $1 AND subject = $2",
        connection.to_string(),
        subject,
    )?;
    let read = |(id, index): (String, Option<String>)| {
        Ok((Row::of("upstream_sessions", &id).parse("session_id", &id)?, index))
    };
    rows.into_iter().map(read).collect()
}
