//! `/v2/organizations/{org}/access-reviews`: who holds what, looked at and kept or revoked.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::body::{Body, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use super::review::{AccessReview, AccessReviewToChange, AccessReviewToStart, ReviewState};
use crate::directory::require;
use crate::directory::reviews::{self, AskedScope, NewReview, Snapshot};
use crate::domain::access::Permission;
use crate::storage::reviews::Entry;

/// List access reviews
///
/// Needs `member:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/access-reviews", tag = "access-reviews",
    operation_id = "list_access_reviews",
    params(("state" = Option<ReviewState>, Query, description = "In this state only")),
    responses((status = 200, description = "A page of reviews", body = List<AccessReview>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<AccessReview>>, Problem> {
    asked.knows(&["state"])?;
    let state = asked
        .parsed::<ReviewState>("state")?
        .map_or("", ReviewState::as_str);
    let found = call.read((org, asked, state), |tx, requester, (org, asked, state)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let list = asked.of(requester, format!("access reviews {organization}"))?;
            let found = reviews::list(tx, &permit, state, &list.page).await?;
            let shown = |row: &Entry| AccessReview::of(row, requester.now);
            Ok(list.show(found, |row| row.review.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Get an access review
///
/// Needs `member:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/access-reviews/{review}", tag = "access-reviews",
    operation_id = "get_access_review",
    responses((status = 200, description = "The review", body = AccessReview)))]
pub async fn get(
    call: Call,
    Path((org, review)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let now = call.now();
    let found = call.read((org, review), |tx, requester, (org, review)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            Ok(reviews::find(tx, &permit, id_named(review)?).await?)
        })
    });
    Ok(conditions.answer(&AccessReview::of(&found.await?, now)))
}

/// Start an access review
///
/// A snapshot is taken of every member, or of those of one group or role, with what each holds; the reviewer is told by
/// mail. Each is then kept or revoked, by whoever holds `member:write` but not by themselves. **Nothing is revoked before
/// the review is completed**: until then a verdict can be changed. Needs `member:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/access-reviews", tag = "access-reviews",
    operation_id = "create_access_review", request_body = AccessReviewToStart,
    responses((status = 201, description = "The review is open", body = AccessReview)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<AccessReviewToStart>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let (new, scope) = value.parsed(call.now())?;
    let snapshot = survey(&call, &org, &new, scope).await?;
    let input = (org, attempt, new, snapshot);
    let made = call.write(lane, input, |tx, requester, (org, attempt, new, snapshot)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            let (keyring, now) = (&requester.keyring, requester.now);
            reviews::start(tx, &permit, keyring, new, snapshot, now).await?;
            let made = AccessReview::of(&reviews::find(tx, &permit, new.id).await?, now);
            let location = format!("/v2/organizations/{organization}/access-reviews/{}", new.id);
            attempt.made(tx, requester, location, &made).await
        })
    });
    made.await
}

/// Looks at who is there, before anything is written.
async fn survey(call: &Call, org: &str, new: &NewReview, scope: AskedScope) -> Result<Snapshot, Problem> {
    let found = call.read((org.to_owned(), scope), |tx, requester, (org, scope)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            Ok(reviews::survey(tx, &permit, scope, requester.now).await?)
        })
    });
    Ok(found.await?.drawn(new.id, call.now()))
}

/// Change an access review
///
/// As long as it is open; how often it is held again, also after that. Needs `member:write`.
#[utoipa::path(patch, path = "/v2/organizations/{org}/access-reviews/{review}", tag = "access-reviews",
    operation_id = "update_access_review",
    request_body(content = AccessReviewToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The review as it is now", body = AccessReview)))]
pub async fn update(
    call: Call,
    Path((org, review)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<AccessReviewToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let (change, now) = (change.read()?, call.now());
    let input = (org, review, conditions, change);
    let changed = call.write(lane, input, |tx, requester, (org, review, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let found = reviews::find(tx, &permit, id_named(review)?).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            conditions.admit(&AccessReview::of(&found, now))?;
            reviews::change(tx, &permit, keyring, &found, change, now).await?;
            Ok(reviews::find(tx, &permit, found.review.id).await?)
        })
    });
    Ok(Conditions::default().answer(&AccessReview::of(&changed.await?, now)))
}

/// Cancel an access review
///
/// Nothing comes of its verdicts, and it is not held again. It stays on the list. Needs `member:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/access-reviews/{review}", tag = "access-reviews",
    operation_id = "cancel_access_review",
    responses((status = 204, description = "The review is cancelled")))]
pub async fn cancel(
    call: Call,
    Path((org, review)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, review, conditions);
    let cancelled = call.write(lane, input, |tx, requester, (org, review, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let found = reviews::find(tx, &permit, id_named(review)?).await?;
            conditions.admit(&AccessReview::of(&found, requester.now))?;
            Ok(reviews::cancel(tx, &permit, &requester.keyring, found, requester.now).await?)
        })
    });
    cancelled.await?;
    Ok(StatusCode::NO_CONTENT)
}
