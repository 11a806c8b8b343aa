//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) on every answer of the API.

use aws_lc_rs::digest;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::code::Code;
use super::problem::Problem;
use crate::domain::network::Network;
use crate::domain::secret::Purpose;
use crate::web::{Allowance, AppState, CookieKind, Cookies, origin};

/// Counts a request for its credential once that was recognised, and for its network before.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let credential = credential(&parts.headers, &state);
    let network = Network::of(origin(&parts, &state).address).number();
    let now = state.clock.now();
    let allowance = state.rate_limit.count(credential, network, now);
    let mut response = if allowance.granted {
        let response = next.run(Request::from_parts(parts, body)).await;
        // Whoever got past the access check's first question is somebody.
        if response.status() != StatusCode::UNAUTHORIZED
            && is_answered(&response)
            && let Some(credential) = credential
        {
            state.rate_limit.recognised(credential, now);
        }
        response
    } else {
        let problem = Problem::new(Code::TooManyRequests, "wait as long as Retry-After says");
        let mut response = problem.into_response();
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(allowance.reset));
        response
    };
    tell(response.headers_mut(), allowance);
    response
}

/// Whether somebody was recognised before the answer was made: those that come before say nothing of it.
fn is_answered(response: &Response) -> bool {
    response.status().is_success()
        || response
            .extensions()
            .get::<Problem>()
            .is_some_and(|problem| [Code::PermissionDenied, Code::Taken].contains(&problem.code()))
}

fn tell(headers: &mut HeaderMap, allowance: Allowance) {
    let policy = format!("\"default\";q={};w=60", allowance.quota);
    let left = format!("\"default\";r={};t={}", allowance.remaining, allowance.reset);
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// What stands for the credential that was shown, good or not.
fn credential(headers: &HeaderMap, state: &AppState) -> Option<u128> {
    let hash = match headers.get(AUTHORIZATION) {
        Some(header) => digest::digest(&digest::SHA256, header.as_bytes())
            .as_ref()
            .to_vec(),
        None => Cookies::of(headers, &state.config.public_url)
            .get(CookieKind::Session)?
            .hash(Purpose::Session)
            .as_bytes()
            .to_vec(),
    };
    hash.first_chunk::<16>().map(|half| u128::from_le_bytes(*half))
}
