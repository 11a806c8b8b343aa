//! `/v2/users/me/password`: changing one's own password.

use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::directory::credentials::password::{self, NotChanged};
use crate::directory::require_self;
use crate::domain::secret::Purpose;
use crate::endpoints::api::body::Body;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::code::Code;
use crate::endpoints::api::problem::Problem;
use crate::web::{CookieKind, Cookies, seconds_to_wait};

/// The password that one has, and the one that one wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordToChange {
    /// The present one; left out by those who have none.
    #[schema(format = Password, nullable = false, example = "teapot lantern gravel")]
    #[serde(default)]
    old_password: String,
    /// 15 to 128 characters of any kind, or as few as 8 where one has a second factor; more if an organization of one's own
    /// asks. What is easy to guess, was stolen, or was one's own not long ago is refused.
    #[schema(format = Password, min_length = 8, max_length = 128, example = "gravel teapot lantern")]
    password: String,
}

/// Change one's password
///
/// Every other session ends, with every token that hangs on one or was to outlive it; this session goes on by the new cookie
/// of the answer. A wrong old password counts like one at sign-in, and after some tries there is a time to wait (429). In
/// the browser only, within 15 minutes of signing in.
#[utoipa::path(put, path = "/v2/users/me/password", tag = "me", operation_id = "change_password",
    request_body = PasswordToChange,
    responses((status = 204, description = "The password is changed")))]
pub async fn put(
    call: Call,
    headers: HeaderMap,
    Body { value, .. }: Body<PasswordToChange>,
) -> Result<Response, Problem> {
    call.is_in_earnest()?;
    // Whoever may not is told so before anything is said of what they sent.
    let admitted = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(permit.is_fresh()?)
        })
    });
    admitted.await?;
    let url = &call.state.config.public_url;
    let device = Cookies::of(&headers, url).get(CookieKind::Device);
    let device = device.map(|device| device.hash(Purpose::Device));
    let (prover, requester) = (&call.state.prover, &call.requester);
    let (old, new) = (&value.old_password, &value.password);
    match password::change(prover, requester, device.as_ref(), old, new).await {
        Ok(cookie) => {
            let cookie = CookieKind::Session.set(&cookie, url);
            Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
        }
        Err(NotChanged::TooSoon(wait)) => {
            let told = "the old password was wrong too often; wait as long as Retry-After says";
            let retry = [(RETRY_AFTER, HeaderValue::from(seconds_to_wait(wait)))];
            Ok((retry, Problem::new(Code::TooManyRequests, told)).into_response())
        }
        Err(NotChanged::Refused(error)) => Err(error.into()),
        Err(NotChanged::Wrong) => Err(Problem::field("/old_password", "this is not your password")),
        Err(NotChanged::Bad(bad)) => Err(Problem::field("/password", bad)),
        Err(busy @ NotChanged::Busy) => Err(Problem::new(Code::Busy, busy.to_string())),
    }
}
