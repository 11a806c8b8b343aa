//! Cross-site request forgery: a token in every form, bound to a cookie, and a check of where the request comes from.

use aws_lc_rs::{constant_time, hmac};
use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{AppState, Fault};
use crate::domain::secret::Secret;

/// The token for forms of whoever holds this cookie: of the session if there is one, else of the browser.
pub fn csrf_token(cookie: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"doorward csrf"))
}

/// Refuses a form whose token is not that cookie's.
pub fn verify_csrf(cookie: &Secret, sent: &str) -> Result<(), Fault> {
    let expected = csrf_token(cookie);
    constant_time::verify_slices_are_equal(expected.as_bytes(), sent.as_bytes())
        .map_err(|_| Fault::ForbiddenOrigin)
}

/// Refuses what a browser says comes from elsewhere. Our pages send no referrer, for which browsers write
/// `Origin: null` (Fetch §3.2), so that counts as ours only where `Sec-Fetch-Site` says so; what sends neither header
/// is no browser, and has the form's token or nothing.
pub async fn require_same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ours = state.config.public_url.as_str();
    if request.method() == Method::POST && !is_same_origin(request.headers(), ours) {
        return Fault::ForbiddenOrigin.into_response();
    }
    next.run(request).await
}

/// Whether a request comes from our own pages, or from what is no browser.
pub fn is_same_origin(headers: &HeaderMap, ours: &str) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some("same-origin"), None | Some("null")) | (None, None) => true,
        (Some("same-origin") | None, Some(origin)) => origin == ours,
        (Some(_), _) => false,
    }
}
