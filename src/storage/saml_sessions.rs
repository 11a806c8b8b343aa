//! Sign-ins of people at SAML applications. They go with the activation that they stand on.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{ActivationId, ApplicationId, SessionId};
use crate::domain::service_provider::SamlSession;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct SamlSessionRow {
    activation_id: String,
    application_id: String,
    name_id: String,
    format: String,
}

impl TryFrom<SamlSessionRow> for SamlSession {
    type Error = StorageError;

    fn try_from(columns: SamlSessionRow) -> Result<Self, StorageError> {
        let row = Row::of("saml_sessions", &columns.activation_id);
        Ok(Self {
            application: row.parse("application_id", &columns.application_id)?,
            activation: row.parse("activation_id", &columns.activation_id)?,
            format: row.parse("format", &columns.format)?,
            name_id: columns.name_id,
        })
    }
}

/// Notes one; the name that the application was told last is the one that it knows.
pub async fn put(tx: &mut Tx<'_>, session: &SamlSession, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO saml_sessions (activation_id, application_id, name_id, format, created_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (activation_id, application_id) \
         DO UPDATE SET name_id = excluded.name_id, format = excluded.format, created_at = excluded.created_at",
        session.activation.to_string(),
        session.application.to_string(),
        &session.name_id,
        session.format.as_str(),
        now.millis(),
    )?;
    Ok(())
}

/// The sign-in of an activation at an application.
pub async fn find(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    activation: ActivationId,
) -> Result<Option<SamlSession>, StorageError> {
    let row = fetch!(
        fetch_optional as SamlSessionRow,
        tx,
        "SELECT activation_id, application_id, name_id, format FROM saml_sessions \
         WHERE activation_id = $1 AND application_id = $2",
        activation.to_string(),
        application.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The sessions of browsers by which somebody of this name is signed in at an application.
pub async fn sessions_of(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    name_id: &str,
) -> Result<Vec<SessionId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT DISTINCT activations.session_id FROM saml_sessions \
         JOIN activations ON activations.id = saml_sessions.activation_id \
         WHERE saml_sessions.application_id = $1 AND saml_sessions.name_id = $2",
        application.to_string(),
        name_id,
    )?;
    let read = |(id,): (String,)| Row::of("saml_sessions", &id).parse("session_id", &id);
    rows.into_iter().map(read).collect()
}

/// All of a browser's session, oldest first.
pub async fn of_session(tx: &mut Tx<'_>, session: SessionId) -> Result<Vec<SamlSession>, StorageError> {
    let rows = fetch!(
        fetch_all as SamlSessionRow,
        tx,
        "SELECT saml_sessions.activation_id, saml_sessions.application_id, saml_sessions.name_id, saml_sessions.format \
         FROM activations JOIN saml_sessions ON saml_sessions.activation_id = activations.id \
         WHERE activations.session_id = $1 ORDER BY saml_sessions.created_at, saml_sessions.application_id",
        session.to_string(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}
