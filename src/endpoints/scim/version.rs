//! Versions of resources (RFC 7644 §3.14): the hash of all that is shown of one, as a weak tag.

use std::convert::Infallible;

use aws_lc_rs::digest;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::failure::Failure;

/// What a request says of the resource as its sender knows it.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let sent = |name| {
            let lines: Vec<&str> = parts
                .headers
                .get_all(name)
                .iter()
                .map(|line| line.to_str().unwrap_or("?"))
                .collect();
            (!lines.is_empty()).then(|| lines.join(","))
        };
        Ok(Self {
            if_match: sent(IF_MATCH),
            if_none_match: sent(IF_NONE_MATCH),
        })
    }
}

impl Conditions {
    /// The condition of one operation of a bulk request.
    pub(super) fn of_operation(version: Option<&str>) -> Self {
        Self {
            if_match: version.map(str::to_owned),
            if_none_match: None,
        }
    }

    /// Refuses to change what is no longer as its sender knows it. Called in the transaction of the change.
    pub(super) fn admit(&self, resource: &Value) -> Result<(), Failure> {
        let Some(wanted) = &self.if_match else {
            return Ok(());
        };
        if names(wanted, version(resource)) {
            return Ok(());
        }
        let changed = "the resource was changed meanwhile; get it again";
        Err(Failure::new(StatusCode::PRECONDITION_FAILED, changed))
    }

    /// Whether the sender knows the resource as it is.
    pub(super) fn knows(&self, resource: &Value) -> bool {
        let known = self.if_none_match.as_ref();
        known.is_some_and(|known| names(known, version(resource)))
    }
}

/// Whether a list of tags has this one, or says that any will do. SCIM compares them as weak ones.
fn names(list: &str, version: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.split(',')
        .any(|one| one.trim() == "*" || opaque(one) == opaque(version))
}

/// The version that a whole resource tells of itself.
pub(super) fn version(resource: &Value) -> &str {
    resource["meta"]["version"].as_str().unwrap_or_default()
}

/// Notes the version of a resource in it: the hash of everything else.
pub(super) fn seal(mut resource: Value) -> Value {
    let hash = digest::digest(&digest::SHA256, resource.to_string().as_bytes());
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    resource["meta"]["version"] = Value::String(tag);
    resource
}
