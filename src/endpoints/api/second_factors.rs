//! `/v2/organizations/{org}/members/{user}/second-factors`: for a managed member who lost theirs.

use axum::extract::Path;
use axum::http::StatusCode;

use super::call::{Call, organization_named};
use super::problem::Problem;
use crate::directory::credentials::second_factors;
use crate::directory::{people, require_fresh, require_person};
use crate::domain::access::Permission;

/// Take a member's second factors away
///
/// For a member whose account the organization manages, and who lost what they prove themselves with. They are told.
/// Their password stays; where the organization asks for a second factor, they set up another on their way in. Within 15
/// minutes of signing in.
#[utoipa::path(delete, path = "/v2/organizations/{org}/members/{user}/second-factors", tag = "members",
    operation_id = "remove_second_factors",
    responses((status = 204, description = "The password alone lets them in, to set up another")))]
pub async fn remove(call: Call, Path((org, user)): Path<(String, String)>) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let removed = call.write(lane, (org, user), |tx, requester, (org, user)| {
        Box::pin(async move {
            let id = organization_named(tx, org).await?;
            require_fresh(tx, requester, id, Permission::MemberWrite).await?;
            let person = people::named(tx, user).await?;
            let permit = require_person(tx, requester, person).await?;
            let keyring = &requester.keyring;
            Ok(second_factors::remove_all(tx, &permit, keyring, id, requester.now).await?)
        })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
