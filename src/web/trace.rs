//! A name for each request, its count, and one line in the log: the route's pattern, never the address itself, which can hold
//! codes and claims.

use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::Method;
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

/// Who asks for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// A browser with somebody in front of it.
    People,
    /// An application.
    Programs,
}

/// Names a request, counts it, and logs how it ended.
///
/// An application's back end asks thousands of times a second, and a line for each would cost more than its answer. So
/// what programs ask is at `debug` while it goes well: metrics count it, and the audit log has every token. What is
/// refused or fails, and all that people do, is at `info`.
pub async fn trace(
    State((state, asked_by)): State<(AppState, AskedBy)>,
    mut request: Request,
    next: Next,
) -> Response {
    let stopwatch = state.clock.stopwatch();
    let id = TraceId(u64::from_le_bytes(random::bytes()));
    request.extensions_mut().insert(id);
    let method = word(request.method());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let took = stopwatch.elapsed();
    let status = response.status();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    state.metrics.requests.count(route, method, status.as_u16(), took);
    let (status, millis) = (status.as_u16(), took.as_millis());
    if status < 400 && asked_by == AskedBy::Programs {
        tracing::debug!(trace = %id, method, route, status, millis, "answered");
    } else {
        tracing::info!(trace = %id, method, route, status, millis, "answered");
    }
    response
}

/// The method, if it is one that anybody knows: callers can make up any.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
