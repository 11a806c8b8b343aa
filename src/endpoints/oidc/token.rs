//! `POST /oauth2/token`

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::oidc::token::{TokenError, TokenRequest, respond};
use crate::oidc::{ErrorCode, MAX_ENCODED_BYTES, OAuthError};
use crate::web::{AppState, TraceId, origin};

/// Answers a token request. Parameters in the query are not read: secrets don't belong there.
pub async fn token(State(state): State<AppState>, trace: TraceId, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let authorization = parts.headers.get(AUTHORIZATION);
    let form = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !form.starts_with("application/x-www-form-urlencoded") {
        return refused(
            &ErrorCode::InvalidRequest.because("the body must be application/x-www-form-urlencoded"),
            false,
        );
    }
    let Ok(body) = axum::body::to_bytes(body, MAX_ENCODED_BYTES).await else {
        return refused(
            &ErrorCode::InvalidRequest.because("the request is too long"),
            false,
        );
    };
    let asked = TokenRequest {
        // A header that is no text is as good as a wrong one.
        authorization: authorization.map(|header| header.to_str().unwrap_or("?")),
        body: &String::from_utf8_lossy(&body),
        origin: origin(&parts, &state),
    };
    match respond(&state.provider, asked, state.clock.now()).await {
        Ok(tokens) => (never_stored(), Json(tokens)).into_response(),
        Err(TokenError::Refused(error)) => refused(&error, authorization.is_some()),
        Err(TokenError::Storage(cause)) => {
            tracing::error!(%trace, %cause, "a token request failed");
            let error = ErrorCode::ServerError.because(format!("try again; reference {trace}"));
            (
                StatusCode::SERVICE_UNAVAILABLE,
                never_stored(),
                Json(told(&error)),
            )
                .into_response()
        }
    }
}

/// RFC 6749 §5.2: 401 where the client was not recognised, with a challenge if it used the header; else 400.
fn refused(error: &OAuthError, by_header: bool) -> Response {
    if error.code != ErrorCode::InvalidClient {
        return (StatusCode::BAD_REQUEST, never_stored(), Json(told(error))).into_response();
    }
    let mut response = (StatusCode::UNAUTHORIZED, never_stored(), Json(told(error))).into_response();
    if by_header {
        let challenge = HeaderValue::from_static("Basic realm=\"Doorward\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn told(error: &OAuthError) -> serde_json::Value {
    json!({ "error": error.code.as_str(), "error_description": error.description })
}

fn never_stored() -> [(axum::http::HeaderName, HeaderValue); 1] {
    [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]
}
