//! Problems (RFC 9457): whatever the API refuses or fails at, in one form, logged once.

use std::borrow::Cow;
use std::fmt;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::code::Code;
use crate::directory::DirectoryError;
use crate::domain::access::{Permission, Reason};
use crate::domain::id::OrganizationId;
use crate::storage::StorageError;
use crate::web::{AppState, TraceId};

/// Why a request was refused or failed.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    permission: Option<Permission>,
    existing: Option<String>,
    /// The session may act for this organization, which has to be noted before the request is tried again.
    pub(super) to_activate: Option<OrganizationId>,
    /// For the log alone.
    cause: Option<String>,
}

/// What is wrong with one part of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer (RFC 6901); or the query parameter's name.
    #[schema(example = "/display_name")]
    pub pointer: String,
    /// What kind of wrong, for programs.
    #[schema(example = "invalid")]
    pub code: &'static str,
    /// For people.
    #[schema(example = "a name can't be empty")]
    pub detail: String,
}

/// A problem as it is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Told {
    /// Where the code is explained.
    #[schema(example = "https://id.example.com/docs#permission_denied")]
    r#type: String,
    /// The code in words.
    #[schema(example = "Permission denied")]
    title: &'static str,
    /// The status again.
    #[schema(example = 403)]
    status: u16,
    /// For programs; never changes.
    #[schema(example = "permission_denied")]
    code: &'static str,
    /// What happened this time.
    detail: Cow<'static, str>,
    /// Which parts of the request are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// The permission that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    permission: Option<&'static str>,
    /// What was made when the same request came first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    id: Option<String>,
    /// The request's name in the server's log.
    #[schema(example = "51d2ab049c3e77f0")]
    trace_id: String,
}

impl Problem {
    /// A problem with what to say about it.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            permission: None,
            existing: None,
            to_activate: None,
            cause: None,
        }
    }

    /// One field that makes no sense.
    pub fn field(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::fields(vec![FieldError::invalid(pointer, detail)])
    }

    /// Fields that make no sense, at least one.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(String::new, |error| {
            format!("{}: {}", error.pointer, error.detail)
        });
        Self {
            errors,
            ..Self::new(Code::Invalid, detail)
        }
    }

    /// Nobody was recognised.
    pub fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "send an API key or an access token as `Authorization: Bearer …`, or sign in",
        )
    }

    /// The same request has made this already, and what it showed is shown once.
    pub fn already_created(id: String) -> Self {
        Self {
            existing: Some(id),
            ..Self::new(
                Code::AlreadyCreated,
                "this was made by the same request before; its secret is shown once",
            )
        }
    }

    /// One more part that is wrong.
    pub(super) fn add(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Which kind.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What happened this time.
    pub(in crate::endpoints) fn detail(&self) -> &str {
        &self.detail
    }

    /// What axum refused before any of our code ran.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(Code::NotFound, "there is no such route"),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(Code::MethodNotAllowed, "this route has other methods; see Allow")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(Code::TooLarge, "the request is too large"),
            StatusCode::REQUEST_TIMEOUT => Self::new(Code::Timeout, "the request took too long"),
            status if status.is_client_error() => {
                Self::new(Code::InvalidRequest, "the request could not be read")
            }
            status => Self {
                cause: Some(format!("unexplained {status}")),
                ..Self::new(Code::Internal, SORRY)
            },
        }
    }

    /// Writes down what is ours to know, once.
    pub(super) fn log(&self, trace: TraceId) {
        if let Some(cause) = &self.cause {
            tracing::error!(%trace, cause, "a request of the API failed");
        }
    }

    /// As it is told.
    pub(super) fn told(self, docs: &str, trace: TraceId) -> Told {
        Told {
            r#type: format!("{docs}#{}", self.code.name()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.name(),
            detail: self.detail,
            errors: self.errors,
            permission: self.permission.map(Permission::as_str),
            id: self.existing,
            trace_id: trace.to_string(),
        }
    }
}

/// All that is told of what went wrong here.
const SORRY: &str = "something went wrong here; ask whoever runs this Doorward, and name the trace_id";

impl FieldError {
    /// A value that is not what the field takes.
    pub fn invalid(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::coded("invalid", pointer, detail)
    }

    /// The same with another code.
    pub fn coded(code: &'static str, pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: format!("{detail}").chars().take(300).collect(),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        if error.is_busy() {
            return Self::new(Code::Busy, "too much is asked at this moment; try again");
        }
        Self {
            cause: Some(error.to_string()),
            ..Self::new(Code::Internal, SORRY)
        }
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => error.into(),
            DirectoryError::Unauthenticated => Self::unauthenticated(),
            DirectoryError::SignInAgain => Self::new(
                Code::SignInAgain,
                "this session no longer acts for the organization; sign in again",
            ),
            DirectoryError::NotFresh => Self::new(Code::NotFresh, error.to_string()),
            DirectoryError::NotActivated { organization, .. } => Self {
                to_activate: Some(organization),
                ..Self::new(Code::SignInAgain, "sign in again")
            },
            DirectoryError::NotFound => Self::new(Code::NotFound, "there is no such thing"),
            DirectoryError::Denied(permission, because) => Self::denied(permission, &because),
            DirectoryError::Exceeds(_) => Self::new(Code::ExceedsOwnPermissions, error.to_string()),
            DirectoryError::BuiltIn => Self::new(Code::BuiltIn, error.to_string()),
            DirectoryError::LastOwner => Self::new(Code::LastOwner, error.to_string()),
            DirectoryError::LastSuperuser => Self::new(Code::LastSuperuser, error.to_string()),
            DirectoryError::LimitReached { .. } => Self::new(Code::LimitReached, error.to_string()),
            DirectoryError::InUse(why) => Self::new(Code::InUse, why),
            DirectoryError::Unmet(ref conditions) => {
                let errors = conditions.iter();
                Self {
                    errors: errors
                        .map(|(code, told)| FieldError::coded(code, "", told))
                        .collect(),
                    ..Self::new(Code::Unmet, error.to_string())
                }
            }
            DirectoryError::Taken(_) | DirectoryError::Already(_) => {
                Self::new(Code::Taken, error.to_string())
            }
            DirectoryError::Field(pointer, detail) => Self::field(pointer, detail),
            DirectoryError::Fields(fields) => {
                let errors = fields.into_iter();
                Self::fields(
                    errors
                        .map(|(pointer, why)| FieldError::invalid(pointer, why))
                        .collect(),
                )
            }
            DirectoryError::Invalid(detail) => Self::new(Code::Invalid, detail),
            DirectoryError::Refused(_) | DirectoryError::AlreadySetUp | DirectoryError::ClaimOver => {
                Self::new(Code::Forbidden, "this is not for whoever asks")
            }
        }
    }
}

impl Problem {
    fn denied(permission: Permission, because: &[Reason]) -> Self {
        let (code, detail) = because
            .iter()
            .find_map(|reason| match reason {
                Reason::AddressNotAllowed(_) => Some((Code::AddressNotAllowed, reason.to_string())),
                Reason::ConnectionRequired => Some((Code::ConnectionRequired, reason.to_string())),
                Reason::SecondFactorMissing => Some((Code::SecondFactorMissing, reason.to_string())),
                Reason::MembershipInactive | Reason::MembershipSuspended => {
                    Some((Code::MembershipInactive, reason.to_string()))
                }
                _ => None,
            })
            .unwrap_or_else(|| {
                let above = because.contains(&Reason::AboveCeiling);
                let whose = if above {
                    "the token or key lacks"
                } else {
                    "this takes"
                };
                (
                    Code::PermissionDenied,
                    format!("{whose} the permission {permission}"),
                )
            });
        Self {
            permission: Some(permission),
            ..Self::new(code, detail)
        }
    }
}

/// Carries the problem to the layer that tells it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Tells problems, and whatever axum itself refused; logs what is ours, once. No answer of the API is stored anywhere.
pub async fn tell_problems(
    State(state): State<AppState>,
    trace: TraceId,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| {
        let bare = status.is_client_error() || status.is_server_error();
        bare.then(|| Problem::of_status(status))
    });
    if let Some(problem) = problem {
        response = told(problem, &state, trace, &response);
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// RFC 9470 §3: what to ask the authorization endpoint for. Whoever has a second factor is asked for it there.
const STEP_UP: &str = "Bearer realm=\"Doorward\", error=\"insufficient_user_authentication\", \
                       error_description=\"a more recent proof of who asks is needed\", max_age=\"900\"";

fn told(problem: Problem, state: &AppState, trace: TraceId, bare: &Response) -> Response {
    problem.log(trace);
    let (code, permission) = (problem.code, problem.permission);
    let told = problem.told(&state.config.public_url.at("/docs"), trace);
    let body = serde_json::to_string(&told).unwrap_or_default();
    let mut response = (code.status(), body).into_response();
    // What was said of methods, limits and the like stays.
    response.headers_mut().extend(
        bare.headers()
            .iter()
            .filter(|(name, _)| !["content-type", "content-length"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    match code {
        Code::Unauthenticated | Code::SignInAgain => {
            let challenge = HeaderValue::from_static("Bearer realm=\"Doorward\"");
            headers.entry(WWW_AUTHENTICATE).or_insert(challenge);
        }
        Code::NotFresh => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(STEP_UP));
        }
        Code::PermissionDenied => {
            // RFC 6750 §3.1, for those who can ask for a wider token.
            let scope = permission.map_or("", Permission::as_str);
            let challenge =
                format!("Bearer realm=\"Doorward\", error=\"insufficient_scope\", scope=\"{scope}\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
        }
        Code::Busy => {
            headers
                .entry(RETRY_AFTER)
                .or_insert(HeaderValue::from_static("2"));
        }
        _ => {}
    }
    response
}
