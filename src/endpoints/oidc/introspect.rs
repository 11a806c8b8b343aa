//! `POST /oauth2/introspect`

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use super::client_request::{Received, never_stored, refused};
use crate::oidc::introspect;
use crate::web::{AppState, TraceId};

/// Answers what a token is worth.
pub async fn show(State(state): State<AppState>, trace: TraceId, request: Request) -> Response {
    let received = match Received::read(request, &state).await {
        Ok(received) => received,
        Err(error) => return refused(&error),
    };
    match introspect(&state.provider, received.as_request(), state.clock.now()).await {
        Ok(token) => (never_stored(), Json(token)).into_response(),
        Err(error) => received.failed(error, &state, trace).await,
    }
}
