//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110 §13): a tag is the hash of what is shown.

use std::convert::Infallible;

use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::code::Code;
use super::problem::Problem;

/// What a request says of the thing as its sender knows it.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            if_match: joined(&parts.headers, &IF_MATCH),
            if_none_match: joined(&parts.headers, &IF_NONE_MATCH),
        })
    }
}

/// A list header, whose lines are one list (RFC 9110 §5.2). One that is no text matches nothing.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers
        .get_all(name)
        .iter()
        .map(|line| line.to_str().unwrap_or("?"))
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

impl Conditions {
    /// Refuses to change what is no longer as its sender knows it. Called in the transaction of the change.
    pub(super) fn admit(&self, shown: &impl Serialize) -> Result<(), Problem> {
        let Some(wanted) = &self.if_match else {
            return Ok(());
        };
        if wanted.trim() == "*" || names(wanted, &tag(&json(shown))) {
            return Ok(());
        }
        let changed = "the thing was changed meanwhile; get it again";
        Err(Problem::new(Code::PreconditionFailed, changed))
    }

    /// One thing, or that it is still as its sender knows it.
    pub(super) fn answer(&self, shown: &impl Serialize) -> Response {
        let body = json(shown);
        let tag = tag(&body);
        let known = self
            .if_none_match
            .as_ref()
            .is_some_and(|known| known.trim() == "*" || names(known, &tag));
        if known {
            return (StatusCode::NOT_MODIFIED, header(&tag)).into_response();
        }
        (StatusCode::OK, header(&tag), as_json(), body).into_response()
    }
}

/// Whether a list of tags has this one. Weak tags match nothing of ours, which are strong.
fn names(list: &str, tag: &str) -> bool {
    list.split(',').any(|one| one.trim() == tag)
}

fn json(shown: &impl Serialize) -> String {
    serde_json::to_string(shown).expect("what is shown is made of strings and numbers")
}

fn tag(body: &str) -> String {
    let hash = digest::digest(&digest::SHA256, body.as_bytes());
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
}

fn header(tag: &str) -> [(HeaderName, HeaderValue); 1] {
    [(ETAG, HeaderValue::from_str(tag).expect("base64url is printable"))]
}

pub(super) fn as_json() -> [(HeaderName, HeaderValue); 1] {
    [(CONTENT_TYPE, HeaderValue::from_static("application/json"))]
}
