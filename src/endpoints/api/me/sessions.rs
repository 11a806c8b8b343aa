//! `/v2/users/me/sessions`: one's own sessions.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::{SelfPermit, profile, require_self};
use crate::domain::access::Permission;
use crate::endpoints::api::call::{Call, id_named};
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::endpoints::api::shown::Whence;
use crate::places::Places;
use crate::storage::Lane;
use crate::storage::session_lists::Own;

/// One of one's own sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSession {
    /// Never changes.
    #[schema(example = "ses_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// When one signed in.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, up to a minute late.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When it ends whatever happens.
    #[schema(format = DateTime)]
    expires_at: String,
    /// From where it was opened, and by what.
    #[serde(flatten)]
    whence: Whence,
    /// Whether it is the one that asks.
    current: bool,
}

impl OwnSession {
    fn of(own: &Own, permit: &SelfPermit<'_>, places: &Places) -> Self {
        Self {
            id: own.id.to_string(),
            created_at: own.created_at.to_string(),
            last_seen_at: own.last_seen_at.to_string(),
            expires_at: own.expires_at.to_string(),
            whence: Whence::of(&own.origin.address, &own.origin.user_agent, places),
            current: permit.session() == Some(own.id),
        }
    }
}

/// List one's own sessions
///
/// By a token or key only if `session:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/sessions", tag = "me", operation_id = "list_own_sessions",
    responses((status = 200, description = "A page of sessions", body = List<OwnSession>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<OwnSession>>, Problem> {
    asked.knows(&[])?;
    let places = call.state.config.places.clone();
    let found = call.read((asked, places), |tx, requester, (asked, places)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            let list = asked.of(requester, format!("sessions {}", permit.id()))?;
            let now = requester.now;
            let found = profile::sessions(tx, &permit, now, &list.page).await?;
            let shown = |own: &Own| OwnSession::of(own, &permit, places);
            Ok(list.show(found, |row| row.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// End one of one's own sessions
///
/// By a token or key only if `session:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/sessions/{session}", tag = "me", operation_id = "end_own_session",
    responses((status = 204, description = "The session has ended, and with it its tokens")))]
pub async fn end(call: Call, Path(session): Path<String>) -> Result<StatusCode, Problem> {
    let ended = call.write(Lane::Free, session, |tx, requester, session| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            let id = id_named(session)?;
            Ok(profile::end_session(tx, &permit, &requester.keyring, id, requester.now).await?)
        })
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all other sessions
///
/// All but the one that asks; by a token or key all, and only if `session:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/sessions", tag = "me", operation_id = "end_other_sessions",
    responses((status = 204, description = "No other session is open")))]
pub async fn end_others(call: Call) -> Result<StatusCode, Problem> {
    let ended = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            Ok(profile::end_other_sessions(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}
