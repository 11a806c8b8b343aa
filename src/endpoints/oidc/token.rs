//! `POST /oauth2/token`

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::domain::network::Network;
use crate::oidc::token::{TokenError, TokenRequest, respond};
use crate::oidc::{ErrorCode, MAX_ENCODED_BYTES, OAuthError};
use crate::web::{AppState, TraceId, authorization, origin};

/// Answers a token request. Parameters in the query are not read: secrets don't belong there.
pub async fn token(State(state): State<AppState>, trace: TraceId, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_form(&parts.headers) {
        let wanted = "the body must be application/x-www-form-urlencoded";
        return refused(&ErrorCode::InvalidRequest.because(wanted));
    }
    let Ok(body) = axum::body::to_bytes(body, MAX_ENCODED_BYTES).await else {
        return refused(&ErrorCode::InvalidRequest.because("the request is too long"));
    };
    let asked = TokenRequest {
        authorization: authorization(&parts.headers),
        body: &String::from_utf8_lossy(&body),
        origin: origin(&parts, &state),
    };
    let (network, now) = (Network::of(asked.origin.address), state.clock.now());
    match respond(&state.provider, asked, now).await {
        Ok(tokens) => (never_stored(), Json(tokens)).into_response(),
        Err(TokenError::Refused(error)) => {
            if error.code == ErrorCode::InvalidClient {
                let kind = "application.authentication_failed";
                state.observations.refused(kind, network, None, now).await;
            }
            refused(&error)
        }
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

/// The media type, without parameters and in any case (RFC 9110 §8.3.1).
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| {
        kind.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// RFC 6749 §5.2: 401 where the client was not recognised, with a challenge (RFC 9110 §15.5.2); else 400.
fn refused(error: &OAuthError) -> Response {
    if error.code != ErrorCode::InvalidClient {
        return (StatusCode::BAD_REQUEST, never_stored(), Json(told(error))).into_response();
    }
    let mut response = (StatusCode::UNAUTHORIZED, never_stored(), Json(told(error))).into_response();
    let challenge = HeaderValue::from_static("Basic realm=\"Doorward\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

fn told(error: &OAuthError) -> serde_json::Value {
    json!({ "error": error.code.as_str(), "error_description": error.description })
}

fn never_stored() -> [(axum::http::HeaderName, HeaderValue); 1] {
    [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]
}
