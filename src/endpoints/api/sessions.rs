//! `/v2/organizations/{org}/sessions`: sessions, as far as they act for an organization.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::{Person, Whence};
use crate::directory::{DirectoryError, members, require, sessions};
use crate::domain::access::Permission;
use crate::places::Places;
use crate::storage::session_lists::Acting;

/// Somebody's session, as far as it acts for the organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The `sid` of its tokens.
    #[schema(example = "act_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Whose it is.
    user: Person,
    /// When it first acted for the organization.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last did, up to a minute late.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// From where it was opened, and by what.
    #[serde(flatten)]
    whence: Whence,
}

impl Session {
    fn of(acting: &Acting, places: &Places) -> Self {
        Self {
            id: acting.id.to_string(),
            user: Person {
                id: acting.user.to_string(),
                email: acting.email.as_str().to_owned(),
                name: acting.name.as_str().to_owned(),
            },
            created_at: acting.created_at.to_string(),
            last_seen_at: acting.last_seen_at.to_string(),
            whence: Whence::of(&acting.origin.address, &acting.origin.user_agent, places),
        }
    }
}

/// List sessions
///
/// Those that act for the organization. Needs `session:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/sessions", tag = "sessions", operation_id = "list_sessions",
    params(("user" = Option<String>, Query, description = "Those of this member only, by id or email address")),
    responses((status = 200, description = "A page of sessions", body = List<Session>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Session>>, Problem> {
    asked.knows(&["user"])?;
    let places = call.state.config.places.clone();
    let found = call.read((org, asked, places), |tx, requester, (org, asked, places)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::SessionWrite).await?;
            let list = asked.of(requester, format!("sessions {organization}"))?;
            let user = match asked.get("user") {
                None => None,
                Some(user) => match members::find(tx, &permit, user).await {
                    Ok(member) => Some(member.user),
                    Err(DirectoryError::NotFound) => return Ok(list.nothing()),
                    Err(other) => return Err(other.into()),
                },
            };
            let found = sessions::list(tx, &permit, user, requester.now, &list.page).await?;
            let shown = |acting: &Acting| Session::of(acting, places);
            Ok(list.show(found, |row| row.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Get a session
///
/// Needs `session:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/sessions/{session}", tag = "sessions", operation_id = "get_session",
    responses((status = 200, description = "The session", body = Session)))]
pub async fn get(
    call: Call,
    Path((org, session)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, session), |tx, requester, (org, session)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::SessionWrite).await?;
            Ok(sessions::find(tx, &permit, id_named(session)?, requester.now).await?)
        })
    });
    let found = found.await?;
    Ok(conditions.answer(&Session::of(&found, &call.state.config.places)))
}

/// Revoke a session
///
/// It acts for the organization again only after its person has signed in anew, and its tokens are dead. What it does
/// elsewhere is not touched. Needs `session:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/sessions/{session}", tag = "sessions",
    operation_id = "revoke_session",
    responses((status = 204, description = "The session no longer acts for the organization")))]
pub async fn revoke(call: Call, Path((org, session)): Path<(String, String)>) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let revoked = call.write(lane, (org, session), |tx, requester, (org, session)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::SessionWrite).await?;
            let found = sessions::find(tx, &permit, id_named(session)?, requester.now).await?;
            Ok(sessions::revoke(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revoke a member's sessions
///
/// All that act for the organization in their name, and their tokens. What they do elsewhere is not touched. Needs
/// `session:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/members/{user}/sessions", tag = "sessions",
    operation_id = "revoke_member_sessions",
    responses((status = 204, description = "No session of theirs acts for the organization any more")))]
pub async fn revoke_of_member(
    call: Call,
    Path((org, user)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let revoked = call.write(lane, (org, user), |tx, requester, (org, user)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::SessionWrite).await?;
            let member = members::find(tx, &permit, user).await?.user;
            Ok(sessions::revoke_of_member(tx, &permit, &requester.keyring, member, requester.now).await?)
        })
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}
