//! `/v2/users/me/recovery-codes`: one's recovery codes. They are made in the browser, where one sees them once.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::credentials::recovery_codes;
use crate::directory::require_self;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;

/// One's recovery codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnRecoveryCodes {
    /// How many are left.
    #[schema(example = 10)]
    left: i64,
    /// When they were made.
    #[schema(format = DateTime)]
    created_at: Option<String>,
}

/// Get one's recovery codes
///
/// How many are left, and never one of them.
#[utoipa::path(get, path = "/v2/users/me/recovery-codes", tag = "me", operation_id = "get_own_recovery_codes",
    responses((status = 200, description = "The codes", body = OwnRecoveryCodes)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            let found = recovery_codes::find(tx, &permit).await?;
            Ok(OwnRecoveryCodes {
                left: found.map_or(0, |set| set.left),
                created_at: found.map(|set| set.created_at.to_string()),
            })
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Take one's recovery codes away
///
/// In the browser only, within 15 minutes of proving oneself.
#[utoipa::path(delete, path = "/v2/users/me/recovery-codes", tag = "me", operation_id = "remove_own_recovery_codes",
    responses((status = 204, description = "None of them is good for anything")))]
pub async fn remove(call: Call) -> Result<StatusCode, Problem> {
    let removed = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(recovery_codes::remove(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
