//! `POST /oauth2/revoke`

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use super::client_request::{Received, never_stored, refused};
use crate::oidc::revoke;
use crate::web::{AppState, TraceId};

/// Revokes a token. An empty 200, whether there was anything to revoke or not (RFC 7009 §2.2).
pub async fn end(State(state): State<AppState>, trace: TraceId, request: Request) -> Response {
    let received = match Received::read(request, &state).await {
        Ok(received) => received,
        Err(error) => return refused(&error),
    };
    match revoke(&state.provider, received.as_request(), state.clock.now()).await {
        Ok(()) => never_stored().into_response(),
        Err(error) => received.failed(error, &state, trace).await,
    }
}
