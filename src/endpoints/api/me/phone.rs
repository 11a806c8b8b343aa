//! `/v2/users/me/phone`: the phone that one's codes are sent to. It is set up in the browser.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::credentials::phone;
use crate::directory::require_self;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;

/// The phone that one's codes are sent to.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPhone {
    /// Whether there is one.
    enabled: bool,
    /// Enough of its number to know it by.
    #[schema(example = "+49 ••• ••42")]
    number: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When a code that was sent to it was last used after the first.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// Get the phone that one's codes are sent to
#[utoipa::path(get, path = "/v2/users/me/phone", tag = "me", operation_id = "get_own_phone",
    responses((status = 200, description = "The phone", body = OwnPhone)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            let found = phone::find(tx, &permit).await?;
            Ok(OwnPhone {
                enabled: found.is_some(),
                number: found.as_ref().map(|phone| phone.number.masked()),
                created_at: found.as_ref().map(|phone| phone.created_at.to_string()),
                last_used_at: found
                    .and_then(|phone| phone.last_used_at)
                    .map(|at| at.to_string()),
            })
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Take one's phone away
///
/// Its number is told so, too. Refused with `last_second_factor` where an organization asks for one and this is the last
/// that counts there. In the browser only, within 15 minutes of proving oneself with a second factor.
#[utoipa::path(delete, path = "/v2/users/me/phone", tag = "me", operation_id = "remove_own_phone",
    responses((status = 204, description = "Nothing is sent to it any more")))]
pub async fn remove(call: Call) -> Result<StatusCode, Problem> {
    let removed = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(phone::remove(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    let removed = removed.await?;
    if let Some(messenger) = &call.state.messenger {
        messenger.say_good_bye(&removed).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
