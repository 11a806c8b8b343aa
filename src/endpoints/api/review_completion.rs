//! `POST /v2/organizations/{org}/access-reviews/{review}/complete`: what was decided is done, each in its own transaction.

use axum::extract::Path;
use axum::response::Response;

use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use super::review::AccessReview;
use crate::directory::require;
use crate::directory::reviews;
use crate::domain::access::Permission;
use crate::domain::id::ItemId;
use crate::storage::Lane;

/// Complete an access review
///
/// Its verdicts are final now; whoever nobody decided on is kept or revoked as the review was made. Then each revoked
/// membership is removed or suspended, as if it had been asked alone by whoever completes the review: the last owner stays,
/// nobody revokes somebody who holds more, or themselves, and items say what could not be done and why. Asked again, it goes on where it
/// stopped and tries again what was refused. Needs `member:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/access-reviews/{review}/complete", tag = "access-reviews",
    operation_id = "complete_access_review",
    responses((status = 200, description = "The review as it is now", body = AccessReview)))]
pub async fn complete(call: Call, Path((org, review)): Path<(String, String)>) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let closed = call.write(
        lane,
        (org.clone(), review.clone()),
        |tx, requester, (org, review)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
                let found = reviews::find(tx, &permit, id_named(review)?).await?;
                Ok(reviews::close(tx, &permit, &requester.keyring, &found, requester.now).await?)
            })
        },
    );
    closed.await?;
    let mut after = String::new();
    loop {
        let (found, last) = waiting(&call, &org, &review, after).await?;
        let Some(last) = last else { break };
        after = last;
        for item in found {
            carry_out(&call, lane, org.clone(), review.clone(), item).await?;
        }
    }
    let now = call.now();
    let found = call.read((org, review), |tx, requester, (org, review)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            Ok(reviews::find(tx, &permit, id_named(review)?).await?)
        })
    });
    Ok(Conditions::default().answer(&AccessReview::of(&found.await?, now)))
}

/// Some of those whose membership is still to be revoked, and after whom the next of them come.
async fn waiting(
    call: &Call,
    org: &str,
    review: &str,
    after: String,
) -> Result<(Vec<ItemId>, Option<String>), Problem> {
    let input = (org.to_owned(), review.to_owned(), after);
    let found = call.read(input, |tx, requester, (org, review, after)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let review = reviews::find(tx, &permit, id_named(review)?).await?.review;
            let found = reviews::to_carry_out(tx, &permit, &review, after).await?;
            let last = found.last().map(|entry| entry.item.user.to_string());
            Ok((found.iter().map(|entry| entry.item.id).collect(), last))
        })
    });
    found.await
}

async fn carry_out(
    call: &Call,
    lane: Lane,
    org: String,
    review: String,
    item: ItemId,
) -> Result<(), Problem> {
    let input = (org, review, item);
    let done = call.write(lane, input, |tx, requester, (org, review, item)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let review = reviews::find(tx, &permit, id_named(review)?).await?.review;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(reviews::carry_out(tx, &permit, keyring, &review, *item, now).await?)
        })
    });
    done.await
}
