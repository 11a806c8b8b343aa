//! Sessions and their proofs.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{ConnectionId, SessionId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::session::{Method, Proof, ProofSource, Session};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    user_id: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct ProofRow {
    pub(super) session_id: String,
    method: String,
    credential_id: Option<String>,
    connection_id: Option<String>,
    connection_organization_id: Option<String>,
    at: i64,
    remembered: bool,
    until: Option<i64>,
}

impl TryFrom<ProofRow> for Proof {
    type Error = StorageError;

    fn try_from(columns: ProofRow) -> Result<Self, StorageError> {
        let row = Row::of("session_proofs", &columns.session_id);
        let source = match (
            &columns.credential_id,
            &columns.connection_id,
            &columns.connection_organization_id,
        ) {
            (Some(own), None, None) => ProofSource::Own(row.parse("credential_id", own)?),
            (None, Some(connection), Some(owner)) => ProofSource::Connection {
                id: row.parse("connection_id", connection)?,
                organization: row.parse("connection_organization_id", owner)?,
                until: timestamp(columns.until),
            },
            _ => return Err(row.corrupt("credential_id")),
        };
        Ok(Self {
            method: row.some("method", Method::parse(&columns.method))?,
            source,
            at: Timestamp::from_millis(columns.at),
            remembered: columns.remembered,
        })
    }
}

/// Where a session was made, as its person is shown it.
#[derive(Debug, Clone)]
pub struct SessionOrigin {
    /// The address it came from.
    pub address: String,
    /// What the browser says it is.
    pub user_agent: String,
}

/// Stores a new session and its proofs.
pub async fn insert(
    tx: &mut Tx<'_>,
    session: &Session,
    secret: &SecretHash,
    origin: &SessionOrigin,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        session.id.to_string(),
        secret.as_bytes(),
        session.user.to_string(),
        session.created_at.millis(),
        session.last_seen_at.millis(),
        session.expires_at.millis(),
        &origin.address,
        &origin.user_agent,
    )?;
    tx.changed(Topic::Session(session.id));
    for (number, proof) in (0i64..).zip(&session.proofs) {
        insert_proof(tx, session.id, number, proof).await?;
    }
    Ok(())
}

async fn insert_proof(
    tx: &mut Tx<'_>,
    session: SessionId,
    number: i64,
    proof: &Proof,
) -> Result<(), StorageError> {
    let (own, connection, owner, until) = match proof.source {
        ProofSource::Own(id) => (Some(id.to_string()), None, None, None),
        ProofSource::Connection {
            id,
            organization,
            until,
        } => (None, Some(id.to_string()), Some(organization.to_string()), until),
    };
    execute!(
        tx,
        "INSERT INTO session_proofs \
             (session_id, number, method, credential_id, connection_id, connection_organization_id, at, remembered, \
              until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        session.to_string(),
        number,
        proof.method.as_str(),
        own,
        connection,
        owner,
        proof.at.millis(),
        proof.remembered,
        until.map(Timestamp::millis),
    )?;
    tx.changed(Topic::Session(session));
    Ok(())
}

/// Takes a connection's word from every session, or from one person's: none acts by it any more.
pub async fn forget_word(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    of: Option<UserId>,
) -> Result<(), StorageError> {
    let gone = match of {
        Some(user) => fetch!(
            fetch_all as (String,),
            tx,
            "DELETE FROM session_proofs WHERE connection_id = $1 \
             AND session_id IN (SELECT id FROM sessions WHERE user_id = $2) RETURNING session_id",
            connection.to_string(),
            user.to_string(),
        )?,
        None => fetch!(
            fetch_all as (String,),
            tx,
            "DELETE FROM session_proofs WHERE connection_id = $1 RETURNING session_id",
            connection.to_string(),
        )?,
    };
    for (session,) in &gone {
        let row = Row::of("session_proofs", session);
        tx.changed(Topic::Session(row.parse("session_id", session)?));
    }
    Ok(())
}

/// Gives a session a new cookie, more proofs and a later end.
pub async fn renew(
    tx: &mut Tx<'_>,
    session: &Session,
    secret: &SecretHash,
    proofs: &[Proof],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE sessions SET secret_hash = $2, last_seen_at = $3, expires_at = $4 WHERE id = $1",
        session.id.to_string(),
        secret.as_bytes(),
        now.millis(),
        expires_at.millis(),
    )?;
    tx.changed(Topic::Session(session.id));
    let next = i64::try_from(session.proofs.len()).unwrap_or(i64::MAX);
    for (number, proof) in (next..).zip(proofs) {
        insert_proof(tx, session.id, number, proof).await?;
    }
    Ok(())
}

/// Gives a session a new cookie and nothing else: the old one opens nothing any more.
pub async fn give_cookie(tx: &mut Tx<'_>, id: SessionId, secret: &SecretHash) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE sessions SET secret_hash = $2 WHERE id = $1",
        id.to_string(),
        secret.as_bytes(),
    )?;
    tx.changed(Topic::Session(id));
    Ok(())
}

/// The session of a cookie, if it has not been ended. Whether it is still alive is the domain's to say.
pub async fn by_secret(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<Session>, StorageError> {
    let row = fetch!(
        fetch_optional as SessionRow,
        tx,
        "SELECT id, user_id, created_at, last_seen_at, expires_at FROM sessions \
         WHERE secret_hash = $1 AND ended_at IS NULL",
        secret.as_bytes(),
    )?;
    session_of(tx, row).await
}

/// The session of an id, if it has not been ended.
pub async fn by_id(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>, StorageError> {
    let row = fetch!(
        fetch_optional as SessionRow,
        tx,
        "SELECT id, user_id, created_at, last_seen_at, expires_at FROM sessions WHERE id = $1 AND ended_at IS NULL",
        id.to_string(),
    )?;
    session_of(tx, row).await
}

async fn session_of(tx: &mut Tx<'_>, row: Option<SessionRow>) -> Result<Option<Session>, StorageError> {
    let Some(columns) = row else { return Ok(None) };
    let proofs = fetch!(
        fetch_all as ProofRow,
        tx,
        "SELECT session_id, method, credential_id, connection_id, connection_organization_id, at, remembered, until \
         FROM session_proofs WHERE session_id = $1 ORDER BY number",
        &columns.id,
    )?;
    let row = Row::of("sessions", &columns.id);
    Ok(Some(Session {
        id: row.parse("id", &columns.id)?,
        user: row.parse("user_id", &columns.user_id)?,
        created_at: Timestamp::from_millis(columns.created_at),
        last_seen_at: Timestamp::from_millis(columns.last_seen_at),
        expires_at: Timestamp::from_millis(columns.expires_at),
        proofs: proofs
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()?,
    }))
}

/// Notes that a session was used.
pub async fn seen(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE sessions SET last_seen_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis()
    )?;
    tx.changed(Topic::Session(id));
    Ok(())
}

/// Ends a session; answers whose it was, or nothing if it had ended already.
pub async fn end(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<Option<UserId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING user_id",
        id.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Session(id));
    row.map(|(user,)| Row::of("sessions", &id.to_string()).parse("user_id", &user))
        .transpose()
}

/// Forgets sessions whose last moment, ended or not, was before `before`, with their proofs and activations.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    let gone = fetch!(
        fetch_all as (String,),
        tx,
        "DELETE FROM sessions WHERE expires_at < $1 OR ended_at < $1 RETURNING id",
        before.millis(),
    )?;
    for (id,) in &gone {
        tx.changed(Topic::Session(Row::of("sessions", id).parse("id", id)?));
    }
    Ok(gone.len() as u64)
}

/// Ends every session of a person; answers which.
pub async fn end_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<SessionId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL RETURNING id",
        user.to_string(),
        now.millis(),
    )?;
    let mut ended = Vec::with_capacity(rows.len());
    for (id,) in rows {
        let session = Row::of("sessions", &id).parse("id", &id)?;
        tx.changed(Topic::Session(session));
        ended.push(session);
    }
    Ok(ended)
}
