//! `/saml/…`: what providers and applications that speak SAML call.

pub mod idp;
pub mod slo;
pub mod sp;

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use crate::web::Fault;

/// The longest form that carries a message, in bytes: base64 of the longest document, with percent signs in it.
pub const MOST_BYTES: usize = 512 * 1024;

/// A field of a form, which is there once at most.
fn field(body: &Bytes, name: &str) -> Result<Option<String>, Fault> {
    let mut found = form_urlencoded::parse(body).filter(|(key, _)| key == name);
    let first = found.next().map(|(_, value)| value.into_owned());
    match found.next() {
        None => Ok(first.filter(|value| !value.is_empty())),
        Some(_) => Err(Fault::BadRequest("a field of the form is there twice".into())),
    }
}

/// Metadata as an answer.
fn metadata(written: String) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/samlmetadata+xml"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, written).into_response()
}
