//! Bodies and answers: strict JSON of bounded size.

use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::failure::Failure;
use super::{BODY_BYTES, BULK_BYTES};
use crate::endpoints::api::{is_one_of, parse_strictly};
use crate::web::AppState;

/// A body; `application/scim+json`, or plain JSON.
pub struct Body(pub Value);

/// The body of a bulk request, which may be longer.
pub struct BulkBody(pub Value);

impl FromRequest<AppState> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Failure> {
        read(request, BODY_BYTES).await.map(Self)
    }
}

impl FromRequest<AppState> for BulkBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Failure> {
        read(request, BULK_BYTES).await.map(Self)
    }
}

async fn read(request: Request, most: usize) -> Result<Value, Failure> {
    let (parts, body) = request.into_parts();
    if !is_one_of(&parts.headers, &["application/scim+json", "application/json"]) {
        let wanted = "the body must be application/scim+json";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, wanted));
    }
    let bytes = axum::body::to_bytes(body, most).await.map_err(|_| {
        let long = format!("the body is longer than {} KiB, or broke off", most / 1024);
        Failure::new(StatusCode::PAYLOAD_TOO_LARGE, long)
    })?;
    parse_strictly(&bytes).map_err(|problem| Failure::syntax(problem.detail().to_owned()))
}

/// An answer with a body.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let json = [(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"))];
    (status, json, body.to_string()).into_response()
}

/// An answer with one resource, its version and where it is.
pub(super) fn resource(status: StatusCode, resource: &Value, version: &str, location: &str) -> Response {
    let mut response = answer(status, resource);
    let mut tell = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    tell(ETAG, version);
    tell(LOCATION, location);
    response
}
