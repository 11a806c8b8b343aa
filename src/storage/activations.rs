//! Activations: sessions acting for organizations.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{ActivationId, OrganizationId, SessionId, UserId};
use crate::domain::session::Activation;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct ActivationRow {
    id: String,
    session_id: String,
    organization_id: String,
    last_seen_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<ActivationRow> for Activation {
    type Error = StorageError;

    fn try_from(columns: ActivationRow) -> Result<Self, StorageError> {
        let row = Row::of("activations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            session: row.parse("session_id", &columns.session_id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            last_seen_at: Timestamp::from_millis(columns.last_seen_at),
            ended_at: timestamp(columns.ended_at),
        })
    }
}

/// The newest activation of a session for an organization, revoked or not.
pub async fn latest(
    tx: &mut Tx<'_>,
    session: SessionId,
    organization: OrganizationId,
) -> Result<Option<Activation>, StorageError> {
    let row = fetch!(
        fetch_optional as ActivationRow,
        tx,
        "SELECT id, session_id, organization_id, last_seen_at, ended_at FROM activations \
         WHERE session_id = $1 AND organization_id = $2",
        session.to_string(),
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The activation of an id, unless it was revoked.
pub async fn by_id(tx: &mut Tx<'_>, id: ActivationId) -> Result<Option<Activation>, StorageError> {
    let row = fetch!(
        fetch_optional as ActivationRow,
        tx,
        "SELECT id, session_id, organization_id, last_seen_at, ended_at FROM activations \
         WHERE id = $1 AND ended_at IS NULL",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Lets a session act for an organization, or notes that it does so again. Answers the activation's id: the given one
/// if there was none, or if the earlier one was revoked before the person last proved themselves; nothing if it was
/// revoked since. With a new one the person has signed in for that organization, which their membership notes: no access
/// depends on that.
pub async fn activate(
    tx: &mut Tx<'_>,
    new: ActivationId,
    session: SessionId,
    organization: OrganizationId,
    authenticated_at: Timestamp,
    now: Timestamp,
) -> Result<Option<ActivationId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "INSERT INTO activations (id, session_id, organization_id, created_at, last_seen_at) \
         VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (session_id, organization_id) DO UPDATE SET \
         id = CASE WHEN activations.ended_at IS NULL THEN activations.id ELSE excluded.id END, \
         created_at = CASE WHEN activations.ended_at IS NULL THEN activations.created_at ELSE excluded.created_at END, \
         last_seen_at = excluded.last_seen_at, ended_at = NULL \
         WHERE activations.ended_at IS NULL OR activations.ended_at < $5 RETURNING id",
        new.to_string(),
        session.to_string(),
        organization.to_string(),
        now.millis(),
        authenticated_at.millis(),
    )?;
    tx.changed(Topic::Session(session));
    let Some((id,)) = row else { return Ok(None) };
    let activation = Row::of("activations", &id).parse("id", &id)?;
    tx.changed(Topic::Activation(activation));
    if activation == new {
        execute!(
            tx,
            "UPDATE memberships SET last_sign_in_at = $3 WHERE organization_id = $2 \
             AND user_id = (SELECT user_id FROM sessions WHERE id = $1)",
            session.to_string(),
            organization.to_string(),
            now.millis(),
        )?;
    }
    Ok(Some(activation))
}

/// Notes that an activation was used.
pub async fn seen(tx: &mut Tx<'_>, id: ActivationId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE activations SET last_seen_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis()
    )?;
    tx.changed(Topic::Activation(id));
    Ok(())
}

/// Ends one activation, and with it its tokens.
pub async fn end(tx: &mut Tx<'_>, id: ActivationId, now: Timestamp) -> Result<bool, StorageError> {
    let ended = execute!(
        tx,
        "UPDATE activations SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        id.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Activation(id));
    Ok(ended == 1)
}

/// Ends every activation of a session.
pub async fn end_of_session(tx: &mut Tx<'_>, session: SessionId, now: Timestamp) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE activations SET ended_at = $2 WHERE session_id = $1 AND ended_at IS NULL RETURNING id",
        session.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Session(session));
    for (id,) in &ended {
        tx.changed(Topic::Activation(Row::of("activations", id).parse("id", id)?));
    }
    Ok(())
}

/// Ends every activation of a person for an organization.
pub async fn end_of_member(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String, String),
        tx,
        "UPDATE activations SET ended_at = $3 WHERE organization_id = $2 AND ended_at IS NULL \
         AND session_id IN (SELECT id FROM sessions WHERE user_id = $1) RETURNING id, session_id",
        user.to_string(),
        organization.to_string(),
        now.millis(),
    )?;
    for (id, session) in &ended {
        let row = Row::of("activations", id);
        tx.changed(Topic::Activation(row.parse("id", id)?));
        tx.changed(Topic::Session(row.parse("session_id", session)?));
    }
    Ok(())
}
