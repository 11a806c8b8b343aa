//! A name for each request, its count, and one line in the log: the route's pattern, never the address itself, which
//! can hold codes and claims.

use std::convert::Infallible;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};

use crate::metrics::Metrics;

/// The name of a request: 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u64);

/// What is known of a request before anything is read of it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// The request's name.
    pub id: TraceId,
}

/// Who asks for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// A browser with somebody in front of it.
    People,
    /// An application.
    Programs,
}

/// A request, as far as it is counted and logged.
pub(super) struct Trace {
    id: TraceId,
    method: &'static str,
    route: Option<MatchedPath>,
    asked_by: AskedBy,
}

impl Arrival {
    /// A request that comes now.
    pub fn from(peer: SocketAddr) -> Self {
        Self {
            peer,
            id: TraceId::next(),
        }
    }
}

impl TraceId {
    /// One that no request has, for samples.
    pub fn sample() -> Self {
        Self(0x51d2_ab04_9c3e_77f0)
    }

    /// A name that no other request of this process has, and that another process hardly has: each counts on from a
    /// number that every process has another of, and the count is stirred (`splitmix64`) so that names look nothing
    /// alike. They are no secrets, so the first request doesn't wait for the randomness that those are made of.
    fn next() -> Self {
        static COUNT: OnceLock<AtomicU64> = OnceLock::new();
        let count = COUNT.get_or_init(|| AtomicU64::new(RandomState::new().hash_one("requests")));
        let mut name = count.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        name = (name ^ (name >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        name = (name ^ (name >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(name ^ (name >> 31))
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
        let arrival = parts.extensions.get::<Arrival>();
        Ok(arrival.map_or(Self(0), |arrival| arrival.id))
    }
}

impl Trace {
    pub(super) fn of(request: &Request, asked_by: AskedBy) -> Self {
        let extensions = request.extensions();
        Self {
            id: extensions
                .get::<Arrival>()
                .map_or(TraceId(0), |arrival| arrival.id),
            method: word(request.method()),
            route: extensions.get::<MatchedPath>().cloned(),
            asked_by,
        }
    }

    /// Counts a request that was answered, and logs it.
    ///
    /// An application's back end asks thousands of times a second, and a line for each would cost more than its answer.
    /// So what programs ask is at `debug` while it goes well: metrics count it, and the audit log has every token. What
    /// is refused or fails, and all that people do, is at `info`.
    pub(super) fn answered(&self, status: StatusCode, took: Duration, metrics: &Metrics) {
        let (trace, method, status) = (self.id, self.method, status.as_u16());
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        metrics.requests.count(route, method, status, took);
        let millis = took.as_millis();
        if status < 400 && self.asked_by == AskedBy::Programs {
            tracing::debug!(%trace, method, route, status, millis, "answered");
        } else {
            tracing::info!(%trace, method, route, status, millis, "answered");
        }
    }

    /// Logs that its handler panicked.
    pub(super) fn panicked(&self) {
        tracing::error!(trace = %self.id, "a handler panicked");
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_requests_have_one_name() {
        let names: BTreeSet<String> = (0..10_000).map(|_| TraceId::next().to_string()).collect();
        assert_eq!(names.len(), 10_000);
        assert!(names.iter().all(|name| name.len() == 16));
    }
}
