//! `POST /v2/organizations/{org}/invitations/batch`: many invited, sent again or taken back at once, each for itself.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::batch::{Batch, Results};
use super::body::Body;
use super::call::Call;
use super::etag::Conditions;
use super::idempotency::Once;
use super::invitations::{Invitation, InvitationToMake, invite, send_again, take_back};
use super::problem::Problem;
use crate::domain::access::Permission;
use crate::storage::Lane;

/// One of many invitations.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationItem {
    /// Which.
    #[schema(example = "inv_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
}

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

/// Send many invitations again
///
/// Each item as if it had been asked alone, in its own transaction. Needs `invitation:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/invitations/batch/resend", tag = "invitations",
    operation_id = "resend_invitations", request_body = Batch<InvitationItem>,
    responses((status = 200, description = "What became of each", body = Results<Invitation>)))]
pub async fn resend(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<Batch<InvitationItem>>,
) -> Result<Json<Results<Value>>, Problem> {
    let attempt = once.tie(&digest)?;
    let items = value.items()?;
    let lane = Lane::Organization(call.admit(&org, Permission::InvitationWrite).await?);
    let mut results = Results::none();
    for (place, item) in items.into_iter().enumerate() {
        let sent = send_again(&call, lane, org.clone(), &item.id, attempt.nth(place)).await;
        let sent = sent.map(|made| (StatusCode::CREATED, Some(made.into_value())));
        results.push(&call, sent)?;
    }
    Ok(Json(results))
}

/// Cancel many invitations
///
/// Each item as if it had been asked alone, in its own transaction. Needs `invitation:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/invitations/batch/cancel", tag = "invitations",
    operation_id = "cancel_invitations", request_body = Batch<InvitationItem>,
    responses((status = 200, description = "What became of each", body = Results<Invitation>)))]
pub async fn cancel(
    call: Call,
    Path(org): Path<String>,
    Body { value, .. }: Body<Batch<InvitationItem>>,
) -> Result<Json<Results<Value>>, Problem> {
    let items = value.items()?;
    let lane = Lane::Organization(call.admit(&org, Permission::InvitationWrite).await?);
    let mut results = Results::none();
    for item in items {
        let taken = take_back(&call, lane, org.clone(), item.id, Conditions::default()).await;
        results.push(&call, taken.map(|()| (StatusCode::NO_CONTENT, None)))?;
    }
    Ok(Json(results))
}
