//! `/v2/users/me/memberships` and `/managed-by`: where one belongs, and whose account one's own is.

use axum::extract::Path;
use axum::http::StatusCode;

use crate::directory::{people, profile, require_self};
use crate::domain::access::Permission;
use crate::endpoints::api::call::{Call, organization_named};
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;

/// Leave an organization
///
/// For good, with one's sessions, tokens and keys there. The last active owner stays. By a token or key only if
/// `member:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/memberships/{org}", tag = "me", operation_id = "leave_organization",
    responses((status = 204, description = "One no longer belongs to the organization")))]
pub async fn leave(call: Call, Path(org): Path<String>) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let left = call.write(lane, org, |tx, requester, org| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            let organization = organization_named(tx, org).await?;
            Ok(profile::leave(tx, &permit, &requester.keyring, organization, requester.now).await?)
        })
    });
    left.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let an organization manage one's account
///
/// The organization that one's verified email domain belongs to, if one belongs to no other: its administrators may then
/// change one's name and address, and delete the account. In the browser only, within 15 minutes of signing in.
#[utoipa::path(put, path = "/v2/users/me/managed-by/{org}", tag = "me", operation_id = "agree_to_be_managed",
    responses((status = 204, description = "The organization manages one's account")))]
pub async fn agree_to_be_managed(call: Call, Path(org): Path<String>) -> Result<StatusCode, Problem> {
    let agreed = call.write(Lane::Free, org, |tx, requester, org| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            let organization = organization_named(tx, org).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(people::agree_to_be_managed(tx, &permit, keyring, organization, now).await?)
        })
    });
    agreed.await?;
    Ok(StatusCode::NO_CONTENT)
}
