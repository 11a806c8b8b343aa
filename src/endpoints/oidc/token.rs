//! `POST /oauth2/token`

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use super::client_request::{Received, never_stored, refused};
use crate::oidc::token::respond;
use crate::web::{AppState, TraceId};

/// Answers a token request.
pub async fn token(State(state): State<AppState>, trace: TraceId, request: Request) -> Response {
    let received = match Received::read(request, &state).await {
        Ok(received) => received,
        Err(error) => return refused(&error),
    };
    match respond(&state.provider, received.as_request(), state.clock.now()).await {
        Ok(tokens) => {
            state.metrics.tokens.count(tokens.grant_type);
            (never_stored(), Json(tokens)).into_response()
        }
        Err(error) => received.failed(error, &state, trace).await,
    }
}
