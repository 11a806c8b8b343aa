//! A name for each request, and one line in the log: the route's pattern, never the address itself, which can hold
//! codes and claims.

use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::AppState;
use crate::random;

/// The name of a request: 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u64);

impl TraceId {
    /// One that no request has, for samples.
    pub fn sample() -> Self {
        Self(0x51d2_ab04_9c3e_77f0)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for TraceId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(0)))
    }
}

/// Names a request and logs how it ended.
pub async fn trace(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = TraceId(u64::from_le_bytes(random::bytes()));
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let begun = state.clock.now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let millis = state.clock.now().since(begun).as_millis();
    tracing::info!(trace = %id, %method, route, status, millis, "answered");
    response
}
