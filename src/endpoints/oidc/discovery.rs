//! `/.well-known/…` and `/oauth2/jwks`: what clients read before anything else. Open to any origin: nothing in it is
//! anybody's secret.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::oidc::metadata;
use crate::web::AppState;

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`
pub async fn configuration(State(state): State<AppState>) -> Response {
    public(metadata(&state.provider.issuer))
}

/// `GET /oauth2/jwks`. Five minutes: a key is published long before it signs.
pub async fn jwks(State(state): State<AppState>) -> Response {
    public(state.provider.keyring.jwks(state.clock.now()))
}

fn public(document: Value) -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, Json(document)).into_response()
}
