//! What the endpoints that clients authenticate at have in common: a bounded form, and errors in JSON.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::audit::Origin;
use crate::domain::network::Network;
use crate::oidc::{ClientRequest, ErrorCode, MAX_ENCODED_BYTES, OAuthError, ProtocolError};
use crate::web::{AppState, TraceId, authorization, origin};

/// A client's request as it came, read whole.
pub(super) struct Received {
    headers: HeaderMap,
    body: String,
    origin: Origin,
}

impl Received {
    /// Reads a form. Parameters in the query are not read: secrets don't belong there.
    pub(super) async fn read(request: Request, state: &AppState) -> Result<Self, OAuthError> {
        let (parts, body) = request.into_parts();
        if !is_form(&parts.headers) {
            let wanted = "the body must be application/x-www-form-urlencoded";
            return Err(ErrorCode::InvalidRequest.because(wanted));
        }
        let Ok(body) = to_bytes(body, MAX_ENCODED_BYTES).await else {
            return Err(ErrorCode::InvalidRequest.because("the request is too long"));
        };
        Ok(Self {
            origin: origin(&parts, state),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// The request as the protocol sees it.
    pub(super) fn as_request(&self) -> ClientRequest<'_> {
        ClientRequest {
            authorization: authorization(&self.headers),
            body: &self.body,
            origin: self.origin.clone(),
        }
    }

    /// The error as it is told. What is not told is logged; a client that was not recognised is observed.
    pub(super) async fn failed(&self, error: ProtocolError, state: &AppState, trace: TraceId) -> Response {
        match error {
            ProtocolError::Refused(error) => {
                if error.code == ErrorCode::InvalidClient {
                    let (network, now) = (Network::of(self.origin.address), state.clock.now());
                    let kind = "application.authentication_failed";
                    state.observations.refused(kind, network, None, now).await;
                }
                refused(&error)
            }
            ProtocolError::Storage(cause) => {
                tracing::error!(%trace, %cause, "a client's request failed");
                let error = ErrorCode::ServerError.because(format!("try again; reference {trace}"));
                let answer = (never_stored(), Json(told(&error)));
                (StatusCode::SERVICE_UNAVAILABLE, answer).into_response()
            }
        }
    }
}

/// RFC 6749 §5.2: 401 where the client was not recognised, with a challenge (RFC 9110 §15.5.2); else 400.
pub(super) fn refused(error: &OAuthError) -> Response {
    if error.code != ErrorCode::InvalidClient {
        return (StatusCode::BAD_REQUEST, never_stored(), Json(told(error))).into_response();
    }
    let mut response = (StatusCode::UNAUTHORIZED, never_stored(), Json(told(error))).into_response();
    let challenge = HeaderValue::from_static("Basic realm=\"Doorward\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// What is for its client alone is kept by no cache on the way.
pub(super) fn never_stored() -> [(HeaderName, HeaderValue); 1] {
    [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]
}

fn told(error: &OAuthError) -> serde_json::Value {
    json!({ "error": error.code.as_str(), "error_description": error.description })
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
