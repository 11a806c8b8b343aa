//! The `Authorization` header, read so that nobody can slip in a second one.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// What neither method of ours takes: as good as wrong credentials.
const UNREADABLE: &str = "?";

/// The header, if there is one. It comes once (RFC 9110 §5.3); one that came twice, or is no text, is as good as a
/// wrong one.
pub fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let first = sent.next()?;
    match sent.next() {
        None => Some(first.to_str().unwrap_or(UNREADABLE)),
        Some(_) => Some(UNREADABLE),
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
