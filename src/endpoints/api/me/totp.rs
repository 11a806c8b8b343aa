//! `/v2/users/me/totp`: one's authenticator app. It is set up in the browser, where one sees its secret.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::credentials::totp;
use crate::directory::require_self;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;

/// One's authenticator app.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnTotp {
    /// Whether there is one.
    enabled: bool,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When one of its codes was last used after the first.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// Get one's authenticator app
///
/// That there is one, and never its secret.
#[utoipa::path(get, path = "/v2/users/me/totp", tag = "me", operation_id = "get_own_totp",
    responses((status = 200, description = "The app", body = OwnTotp)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            let found = totp::find(tx, &permit).await?;
            Ok(OwnTotp {
                enabled: found.is_some(),
                created_at: found.as_ref().map(|app| app.created_at.to_string()),
                last_used_at: found.and_then(|app| app.last_used_at).map(|at| at.to_string()),
            })
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Take one's authenticator app away
///
/// Refused with `last_second_factor` where an organization asks for one and this is the last that counts there. In the
/// browser only, within 15 minutes of proving oneself with it.
#[utoipa::path(delete, path = "/v2/users/me/totp", tag = "me", operation_id = "remove_own_totp",
    responses((status = 204, description = "Its codes are good for nothing")))]
pub async fn remove(call: Call) -> Result<StatusCode, Problem> {
    let removed = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(totp::remove(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
