//! `POST /v2/organizations/{org}/invitations/batch`: many invited at once, each for itself.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::Value;

use super::batch::{Batch, Results};
use super::body::Body;
use super::call::Call;
use super::idempotency::Once;
use super::invitations::{Invitation, InvitationToMake, invite};
use super::problem::Problem;
use crate::domain::access::Permission;
use crate::storage::Lane;

/// Invite many
///
/// Each item as if it had been asked alone, in its own transaction. Needs `invitation:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/invitations/batch", tag = "invitations",
    operation_id = "create_invitations", request_body = Batch<InvitationToMake>,
    responses((status = 200, description = "What became of each", body = Results<Invitation>)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<Batch<InvitationToMake>>,
) -> Result<Json<Results<Value>>, Problem> {
    let attempt = once.tie(&digest)?;
    let items = value.items()?;
    let organization = call.admit(&org, Permission::InvitationWrite).await?;
    let mut results = Results::none();
    for (place, item) in items.into_iter().enumerate() {
        let made = match item.parsed(call.now()) {
            Ok(new) => {
                let lane = Lane::Organization(organization);
                invite(&call, lane, org.clone(), attempt.nth(place), new).await
            }
            Err(problem) => Err(problem),
        };
        results.push(
            &call,
            made.map(|made| (StatusCode::CREATED, Some(made.into_value()))),
        )?;
    }
    Ok(Json(results))
}
