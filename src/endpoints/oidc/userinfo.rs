//! `GET` and `POST /oauth2/userinfo`

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::oidc::{ErrorCode, OAuthError, ProtocolError, userinfo};
use crate::web::{AppState, TraceId, authorization, bearer};

/// Answers who the token's person is. The token comes in the header and nowhere else (RFC 6750 §2.1, RFC 9700 §4.3.2).
pub async fn show(State(state): State<AppState>, trace: TraceId, headers: HeaderMap) -> Response {
    let Some(token) = authorization(&headers).and_then(bearer) else {
        let challenge = [(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"Doorward\""),
        )];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    };
    match userinfo(&state.provider, token, state.clock.now()).await {
        Ok(person) => (
            [(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
            Json(person),
        )
            .into_response(),
        Err(ProtocolError::Refused(error)) => refused(&error),
        Err(ProtocolError::Storage(cause)) => {
            tracing::error!(%trace, %cause, "userinfo failed");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn refused(error: &OAuthError) -> Response {
    let status = match error.code {
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        _ => StatusCode::UNAUTHORIZED,
    };
    let challenge = format!(
        "Bearer realm=\"Doorward\", error=\"{}\", error_description=\"{}\"",
        error.code.as_str(),
        error.description
    );
    let challenge = HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer"));
    (status, [(WWW_AUTHENTICATE, challenge)]).into_response()
}
