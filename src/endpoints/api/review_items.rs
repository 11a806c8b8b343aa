//! `/v2/organizations/{org}/access-reviews/{review}/items`: the people in a review, and what is decided about them.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::batch::{Batch, Results};
use super::body::{Body, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::review_item::{DecisionItem, DecisionToMake, OutcomeName, ReviewItem, VerdictFilter};
use crate::directory::require;
use crate::directory::reviews::{self, DecisionChange};
use crate::domain::access::Permission;
use crate::domain::id::{ItemId, OrganizationId};
use crate::storage::Lane;
use crate::storage::review_items::Filter;

/// List the people in an access review
///
/// By the person's id, each with what they held when the review started. Needs `member:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/access-reviews/{review}/items", tag = "access-reviews",
    operation_id = "list_access_review_items",
    params(
        ("verdict" = Option<VerdictFilter>, Query, description = "With this verdict only"),
        ("outcome" = Option<OutcomeName>, Query, description = "Of which this came only"),
    ),
    responses((status = 200, description = "A page of people", body = List<ReviewItem>)))]
pub async fn list(
    call: Call,
    Path((org, review)): Path<(String, String)>,
    asked: Listing,
) -> Result<Json<List<ReviewItem>>, Problem> {
    asked.knows(&["verdict", "outcome"])?;
    let filter = Filter {
        verdict: asked.one_of("verdict", VerdictFilter::named)?,
        outcome: asked.one_of("outcome", OutcomeName::named)?,
    };
    let input = (org, review, asked, filter);
    let found = call.read(input, |tx, requester, (org, review, asked, filter)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let review = reviews::find(tx, &permit, id_named(review)?).await?.review;
            let list = asked.of(requester, format!("access review {}", review.id))?;
            let found = reviews::items(tx, &permit, &review, *filter, &list.page, requester.now).await?;
            Ok(list.show(found, |row| row.entry.item.user.to_string(), ReviewItem::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get somebody in an access review
///
/// Needs `member:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/access-reviews/{review}/items/{item}", tag = "access-reviews",
    operation_id = "get_access_review_item",
    responses((status = 200, description = "The person and what was decided", body = ReviewItem)))]
pub async fn get(
    call: Call,
    Path((org, review, item)): Path<(String, String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, review, item), |tx, requester, (org, review, item)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let review = reviews::find(tx, &permit, id_named(review)?).await?.review;
            Ok(reviews::find_item(tx, &permit, &review, id_named(item)?, requester.now).await?)
        })
    });
    Ok(conditions.answer(&ReviewItem::of(&found.await?)))
}

/// Decide about somebody in an access review
///
/// As long as the review is open; nothing is revoked before it is completed. Nobody decides about themselves. Needs
/// `member:write`, and to revoke also all that they hold.
#[utoipa::path(patch, path = "/v2/organizations/{org}/access-reviews/{review}/items/{item}", tag = "access-reviews",
    operation_id = "update_access_review_item",
    request_body(content = DecisionToMake, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The person with what is decided now", body = ReviewItem)))]
pub async fn update(
    call: Call,
    Path((org, review, item)): Path<(String, String, String)>,
    conditions: Conditions,
    Patch(decision): Patch<DecisionToMake>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let change = decision.read()?;
    let decided = decide(&call, lane, org, review, item, conditions, change).await?;
    Ok(Conditions::default().answer(&decided))
}

/// Decide about many people in an access review
///
/// Each as if asked alone, in its own transaction. Needs `member:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/access-reviews/{review}/items/batch", tag = "access-reviews",
    operation_id = "update_access_review_items", request_body = Batch<DecisionItem>,
    responses((status = 200, description = "What became of each", body = Results<ReviewItem>)))]
pub async fn batch(
    call: Call,
    Path((org, review)): Path<(String, String)>,
    Body { value, .. }: Body<Batch<DecisionItem>>,
) -> Result<Json<Results<ReviewItem>>, Problem> {
    let items = value.items()?;
    let organization = admit(&call, &org, &review).await?;
    let lane = Lane::Organization(organization);
    let mut results = Results::none();
    for item in items {
        let decided = match item.read() {
            Ok((id, change)) => {
                let (org, review) = (org.clone(), review.clone());
                decide(&call, lane, org, review, id, Conditions::default(), change).await
            }
            Err(problem) => Err(problem),
        };
        results.push(&call, decided.map(|item| (StatusCode::OK, Some(item))))?;
    }
    Ok(Json(results))
}

/// Whether whoever asks may decide in the review at all: what refuses each item alike refuses the whole batch.
async fn admit(call: &Call, org: &str, review: &str) -> Result<OrganizationId, Problem> {
    let input = (org.to_owned(), review.to_owned());
    let admitted = call.read(input, |tx, requester, (org, review)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            reviews::find(tx, &permit, id_named(review)?).await?;
            Ok(permit.organization())
        })
    });
    admitted.await
}

async fn decide(
    call: &Call,
    lane: Lane,
    org: String,
    review: String,
    item: String,
    conditions: Conditions,
    change: DecisionChange,
) -> Result<ReviewItem, Problem> {
    let input = (org, review, item, conditions, change);
    let decided = call.write(
        lane,
        input,
        |tx, requester, (org, review, item, conditions, change)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
                let review = reviews::find(tx, &permit, id_named(review)?).await?.review;
                let (keyring, now) = (&requester.keyring, requester.now);
                let id: ItemId = id_named(item)?;
                let found = reviews::find_item(tx, &permit, &review, id, now).await?;
                conditions.admit(&ReviewItem::of(&found))?;
                reviews::decide(tx, &permit, keyring, &review, &found.entry.item, change, now).await?;
                Ok(reviews::find_item(tx, &permit, &review, id, now).await?)
            })
        },
    );
    Ok(ReviewItem::of(&decided.await?))
}
