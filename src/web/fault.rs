//! What goes wrong at the edge: made where it happens, logged and shown once, in one place.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::directory::DirectoryError;
use crate::downstream::DownstreamError;
use crate::oidc::OAuthError;
use crate::oidc::logout::BadLogout;
use crate::single_logout::SingleLogoutError;
use crate::storage::StorageError;

/// A failure that a person sees as a page.
#[derive(Debug, Clone)]
pub enum Fault {
    /// `client_id` names nobody.
    UnknownClient,
    /// `redirect_uri` is not registered.
    BadRedirect,
    /// A parameter or field makes no sense.
    BadRequest(Cow<'static, str>),
    /// A sign-in or request that is over, or another browser's.
    ExpiredFlow,
    /// Not before so long.
    TooManyTries(Duration),
    /// No such page.
    NotFound,
    /// There is such a page, but not by this method.
    MethodNotAllowed,
    /// There is such a page, but not for this person.
    NotAllowed,
    /// Posted from elsewhere, or without the form's token.
    ForbiddenOrigin,
    /// A claim link that is used up or too old.
    ClaimUsed,
    /// An invitation link that leads nowhere, whatever became of it.
    InvitationOver,
    /// A set-up link that leads nowhere, whatever became of it.
    PortalOver,
    /// More than is accepted.
    TooLarge,
    /// More than can be done at this moment.
    Busy,
    /// The person can't use this application.
    NoAccess,
    /// Ours; the words are for the log only.
    Server(String),
}

impl Fault {
    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownClient | Self::BadRedirect | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::ExpiredFlow | Self::ClaimUsed | Self::InvitationOver | Self::PortalOver => StatusCode::GONE,
            Self::TooManyTries(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ForbiddenOrigin | Self::NoAccess | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Server(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The middle of the message keys, and the code on the page.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownClient => "unknown-client",
            Self::BadRedirect => "bad-redirect",
            Self::BadRequest(_) => "bad-request",
            Self::ExpiredFlow => "expired-flow",
            Self::TooManyTries(_) => "too-many-tries",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAllowed => "not-allowed",
            Self::ForbiddenOrigin => "forbidden-origin",
            Self::ClaimUsed => "claim-used",
            Self::InvitationOver => "invitation-over",
            Self::PortalOver => "portal-over",
            Self::TooLarge => "too-large",
            Self::Busy => "busy",
            Self::NoAccess => "no-access",
            Self::Server(_) => "server",
        }
    }

    /// What axum refused before any of our code ran.
    pub fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::MethodNotAllowed),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            status if status.is_client_error() => {
                Some(Self::BadRequest("the request could not be read".into()))
            }
            status if status.is_server_error() => Some(Self::Server(format!("unexplained {status}"))),
            _ => None,
        }
    }
}

/// Seconds to wait, rounded up, at least one.
pub fn seconds_to_wait(wait: Duration) -> u64 {
    wait.as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0))
        .max(1)
}

impl From<StorageError> for Fault {
    fn from(error: StorageError) -> Self {
        if error.is_busy() {
            Self::Busy
        } else {
            Self::Server(error.to_string())
        }
    }
}

impl From<OAuthError> for Fault {
    fn from(error: OAuthError) -> Self {
        Self::BadRequest(error.description)
    }
}

impl From<BadLogout> for Fault {
    fn from(error: BadLogout) -> Self {
        match error {
            BadLogout::BadRedirect => Self::BadRedirect,
            BadLogout::Parameters(error) => error.into(),
            BadLogout::Storage(error) => error.into(),
        }
    }
}

impl From<DirectoryError> for Fault {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => error.into(),
            DirectoryError::AlreadySetUp | DirectoryError::ClaimOver => Self::ClaimUsed,
            other => Self::BadRequest(other.to_string().into()),
        }
    }
}

impl From<DownstreamError> for Fault {
    fn from(error: DownstreamError) -> Self {
        match error {
            DownstreamError::Storage(error) => error.into(),
            other => Self::Server(other.to_string()),
        }
    }
}

impl From<SingleLogoutError> for Fault {
    fn from(error: SingleLogoutError) -> Self {
        match error {
            SingleLogoutError::Refused(why) => Self::BadRequest(why.to_string().into()),
            SingleLogoutError::NoSuch => Self::NotFound,
            SingleLogoutError::Message(why) => Self::Server(why),
            SingleLogoutError::Storage(error) => error.into(),
        }
    }
}

/// Carries the fault to the layer that renders it.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
