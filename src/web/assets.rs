//! The stylesheet, the emblem and our scripts, out of the binary, at addresses that change with their content.

use std::sync::OnceLock;

use aws_lc_rs::digest;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const STYLESHEET: &str = include_str!("../../templates/assets/doorward.css");
const WEBAUTHN: &str = include_str!("../../templates/assets/webauthn.js");
const ONWARD: &str = include_str!("../../templates/assets/onward.js");
const EMBLEM: &str = include_str!("../../templates/assets/emblem.svg");

/// Where the stylesheet is.
pub fn stylesheet_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| versioned("/assets/doorward.css", STYLESHEET))
}

/// Where the emblem is.
pub fn emblem_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| versioned("/assets/emblem.svg", EMBLEM))
}

/// Where the script for passkeys is.
pub fn webauthn_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| versioned("/assets/webauthn.js", WEBAUTHN))
}

/// Where the script is that sends a page's form on.
pub fn onward_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| versioned("/assets/onward.js", ONWARD))
}

fn versioned(path: &str, content: &str) -> String {
    let hash = digest::digest(&digest::SHA256, content.as_bytes());
    format!("{path}?v={}", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..9]))
}

/// `GET /assets/doorward.css`
pub async fn stylesheet() -> Response {
    asset("text/css; charset=utf-8", STYLESHEET)
}

/// `GET /assets/webauthn.js`
pub async fn webauthn() -> Response {
    asset("text/javascript; charset=utf-8", WEBAUTHN)
}

/// `GET /assets/onward.js`
pub async fn onward() -> Response {
    asset("text/javascript; charset=utf-8", ONWARD)
}

/// `GET /assets/emblem.svg`
pub async fn emblem() -> Response {
    asset("image/svg+xml", EMBLEM)
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, content).into_response()
}
