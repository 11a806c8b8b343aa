//! Sessions that act for an organization, whole: with what decides whether they still may.

use std::collections::HashMap;

use super::page::Page;
use super::query::fetch;
use super::row::Row;
use super::sessions::ProofRow;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::OrganizationId;
use crate::domain::session::{Activation, Proof, Session};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

/// A session that acts for an organization.
#[derive(Debug, Clone)]
pub struct ActingSession {
    /// By which it does.
    pub activation: Activation,
    /// The session, with its proofs.
    pub session: Session,
    /// The address it was opened from.
    pub address: String,
    /// Where its person is written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// The state of their account.
    pub user_status: UserStatus,
    /// Whether they stand above organizations.
    pub superuser: bool,
}

#[derive(sqlx::FromRow)]
struct ActingRow {
    id: String,
    session_id: String,
    last_seen_at: i64,
    user_id: String,
    email: String,
    name: String,
    user_status: String,
    superuser: bool,
    session_created_at: i64,
    session_seen_at: i64,
    expires_at: i64,
    address: String,
}

/// A stretch of the sessions that act for an organization, by the activation's id, ended ones left out. One statement
/// for them, one for their proofs.
pub async fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
    page: &Page,
) -> Result<Vec<ActingSession>, StorageError> {
    let rows = fetch!(
        fetch_all as ActingRow,
        tx,
        "SELECT a.id, a.session_id, a.last_seen_at, s.user_id, u.email, u.name, u.status AS user_status, u.superuser, \
         s.created_at AS session_created_at, s.last_seen_at AS session_seen_at, s.expires_at, s.address \
         FROM activations a JOIN sessions s ON s.id = a.session_id JOIN users u ON u.id = s.user_id \
         WHERE a.organization_id = $1 AND a.id > $2 AND a.ended_at IS NULL AND s.ended_at IS NULL \
         AND s.expires_at > $4 ORDER BY a.id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        now.millis(),
    )?;
    let Some(last) = rows.last().map(|row| row.id.clone()) else {
        return Ok(Vec::new());
    };
    let proofs = fetch!(
        fetch_all as ProofRow,
        tx,
        "SELECT p.session_id, p.method, p.credential_id, p.connection_id, p.connection_organization_id, p.at, p.remembered, \
         p.until \
         FROM activations a JOIN session_proofs p ON p.session_id = a.session_id \
         WHERE a.organization_id = $1 AND a.id > $2 AND a.id <= $3 AND a.ended_at IS NULL \
         ORDER BY p.session_id, p.number",
        organization.to_string(),
        &page.after,
        &last,
    )?;
    let mut proofs_of = HashMap::<String, Vec<Proof>>::new();
    for row in proofs {
        let session = row.session_id.clone();
        proofs_of.entry(session).or_default().push(row.try_into()?);
    }
    let acting = |columns: ActingRow| {
        let row = Row::of("activations", &columns.id);
        let session = row.parse("session_id", &columns.session_id)?;
        Ok(ActingSession {
            activation: Activation {
                id: row.parse("id", &columns.id)?,
                session,
                organization,
                last_seen_at: Timestamp::from_millis(columns.last_seen_at),
                ended_at: None,
            },
            session: Session {
                id: session,
                user: row.parse("user_id", &columns.user_id)?,
                created_at: Timestamp::from_millis(columns.session_created_at),
                last_seen_at: Timestamp::from_millis(columns.session_seen_at),
                expires_at: Timestamp::from_millis(columns.expires_at),
                proofs: proofs_of.remove(&columns.session_id).unwrap_or_default(),
            },
            address: columns.address,
            email: row.parse("email", &columns.email)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            user_status: row.parse("status", &columns.user_status)?,
            superuser: columns.superuser,
        })
    };
    rows.into_iter().map(acting).collect()
}
