//! `/.well-known/…` and `/oauth2/jwks`: what clients read before anything else. Open to any origin: nothing in it is
//! anybody's secret.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::web::AppState;

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`
pub async fn configuration(State(state): State<AppState>) -> Response {
    public(state.documents.metadata.clone())
}

/// `GET /oauth2/jwks`. Five minutes: a key is published long before it signs.
pub async fn jwks(State(state): State<AppState>) -> Response {
    let keys = state.provider.keyring.jwks(state.clock.now());
    public(Bytes::from_owner(keys))
}

fn public(document: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, document).into_response()
}
