//! Failures in SCIM's own form (RFC 7644 §3.12): whatever is refused or goes wrong, logged once.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::MESSAGES;
use crate::directory::DirectoryError;
use crate::domain::scim::{BadFilter, PatchError};
use crate::endpoints::api::Problem;
use crate::storage::StorageError;
use crate::web::TraceId;

/// Why a request was refused or failed.
#[derive(Debug, Clone)]
pub struct Failure {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: Cow<'static, str>,
    /// For the log alone.
    cause: Option<String>,
}

/// All that is told of what went wrong here.
const SORRY: &str = "something went wrong here; whoever runs this Doorward finds it in the log";

impl Failure {
    /// A refusal with what to say about it.
    pub(super) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
            cause: None,
        }
    }

    /// One that RFC 7644 has a word for.
    pub(super) fn typed(
        status: StatusCode,
        scim_type: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            scim_type: Some(scim_type),
            ..Self::new(status, detail)
        }
    }

    /// A value that makes no sense.
    pub(super) fn value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::typed(StatusCode::BAD_REQUEST, "invalidValue", detail)
    }

    /// A body that can't be read.
    pub(super) fn syntax(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::typed(StatusCode::BAD_REQUEST, "invalidSyntax", detail)
    }

    /// Nobody was recognised.
    pub(super) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "send a SCIM token as `Authorization: Bearer dws_…`; an administrator makes one",
        )
    }

    /// There is no such resource, or none of the token's organization.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such resource")
    }

    /// What it is told with.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// As it is told.
    pub(super) fn told(&self) -> Value {
        let mut told = json!({
            "schemas": [format!("{MESSAGES}:Error")],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        if let Some(scim_type) = self.scim_type {
            told["scimType"] = json!(scim_type);
        }
        told
    }

    /// Writes down what is ours to know, once.
    pub(super) fn log(&self, trace: TraceId) {
        if let Some(cause) = &self.cause {
            tracing::error!(%trace, cause, "a SCIM request failed");
        }
    }

    fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => "there is no such route",
            StatusCode::METHOD_NOT_ALLOWED => "this route has other methods; see Allow",
            StatusCode::REQUEST_TIMEOUT => "the request took too long",
            StatusCode::PAYLOAD_TOO_LARGE => "the request is too large",
            status if status.is_client_error() => "the request could not be read",
            _ => SORRY,
        };
        Self::new(status, detail)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(problem.code().status(), problem.detail().to_owned())
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        if error.is_busy() {
            let busy = "too much is asked at this moment; try again";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, busy);
        }
        Self {
            cause: Some(error.to_string()),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, SORRY)
        }
    }
}

impl From<BadFilter> for Failure {
    fn from(error: BadFilter) -> Self {
        Self::typed(StatusCode::BAD_REQUEST, "invalidFilter", error.to_string())
    }
}

impl From<PatchError> for Failure {
    fn from(error: PatchError) -> Self {
        let scim_type = match error {
            PatchError::Syntax(_) => "invalidSyntax",
            PatchError::Path => "invalidPath",
            PatchError::Filter(_) => "invalidFilter",
            PatchError::NoTarget => "noTarget",
            PatchError::Mutability(_) => "mutability",
            PatchError::Value(_) => "invalidValue",
        };
        Self::typed(StatusCode::BAD_REQUEST, scim_type, error.to_string())
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => error.into(),
            DirectoryError::Unauthenticated => Self::unauthenticated(),
            DirectoryError::NotFound => Self::not_found(),
            DirectoryError::Taken(_) | DirectoryError::Already(_) => {
                Self::typed(StatusCode::CONFLICT, "uniqueness", error.to_string())
            }
            DirectoryError::LastOwner | DirectoryError::InUse(_) => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            DirectoryError::Field(..) | DirectoryError::Fields(_) | DirectoryError::Invalid(_) => {
                Self::value(error.to_string())
            }
            DirectoryError::Unmet(_) => Self::typed(StatusCode::BAD_REQUEST, "mutability", error.to_string()),
            DirectoryError::LimitReached { .. } => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            DirectoryError::Exceeds(_) => {
                let why =
                    "this takes more than the token's maker could hand on: an administrator does it instead";
                Self::new(StatusCode::FORBIDDEN, why)
            }
            _ => Self::new(StatusCode::FORBIDDEN, "this is not for a SCIM token"),
        }
    }
}

/// Carries the failure to the layer that tells it.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Tells failures, and whatever was refused before any handler ran; logs what is ours, once. No answer is stored anywhere.
pub async fn tell_failures(trace: TraceId, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let extensions = response.extensions_mut();
    let failure = extensions.remove::<Failure>();
    let failure = failure.or_else(|| extensions.remove::<Problem>().map(Failure::from));
    let bare = status.is_client_error() || status.is_server_error();
    if let Some(failure) = failure.or_else(|| bare.then(|| Failure::of_status(status))) {
        failure.log(trace);
        let mut told = (failure.status, failure.told().to_string()).into_response();
        // What was said of methods, limits and the like stays.
        let said = response.headers().iter();
        let said = said.filter(|(name, _)| !["content-type", "content-length"].contains(&name.as_str()));
        told.headers_mut()
            .extend(said.map(|(name, value)| (name.clone(), value.clone())));
        response = told;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
        if failure.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"Doorward SCIM\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if failure.status == StatusCode::SERVICE_UNAVAILABLE {
            headers
                .entry(RETRY_AFTER)
                .or_insert(HeaderValue::from_static("2"));
        }
    }
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
