//! What can go wrong here, in a person's words on the page and with its cause in the log, once.
//!
//! The page never shows a cause: that is for whoever reads the log.

use std::error::Error;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

/// Whatever a library says went wrong.
pub(super) type Cause = Box<dyn Error + Send + Sync>;

/// Where the pages find their style sheet.
pub(super) const STYLESHEET: &str = "/sample.css";

/// Why a page is not what was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// Discovery, the keys or the tokens could not be fetched.
    #[error("the provider gave no usable answer")]
    ProviderSilent(#[source] Cause),
    /// No sign-in of this browser is waiting for this answer.
    #[error("the answer belongs to no sign-in that this browser began")]
    UnknownSignIn {
        /// Where to begin one.
        start: String,
    },
    /// Somebody else's answer (a mix-up attack, RFC 9207).
    #[error("the answer says it is from {said:?}, not {expected}")]
    WrongIssuer {
        /// The `iss` it came with.
        said: Option<String>,
        /// The provider that was asked.
        expected: String,
    },
    /// The provider, or the person there, said no.
    #[error("the provider refused: {error:?} {description:?}")]
    Refused {
        /// RFC 6749 §4.1.2.1, or what was missing.
        error: String,
        /// The provider's words.
        description: Option<String>,
    },
    /// The token endpoint gave no tokens.
    #[error("the code could not be traded for tokens")]
    CodeRefused(#[source] Cause),
    /// A token failed one of its checks.
    #[error("the {token} did not pass its checks")]
    BadToken {
        /// Which of the two.
        token: &'static str,
        /// Which check.
        #[source]
        cause: Cause,
    },
    /// There is no such page.
    #[error("no such page")]
    NotFound,
    /// A template failed.
    #[error("the page could not be written")]
    Page(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "demo/sample/problem.html")]
struct ProblemPage {
    stylesheet: &'static str,
    title: &'static str,
    detail: String,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownSignIn { .. } | Self::WrongIssuer { .. } | Self::Refused { .. } => {
                StatusCode::BAD_REQUEST
            }
            Self::ProviderSilent(_) | Self::CodeRefused(_) | Self::BadToken { .. } => StatusCode::BAD_GATEWAY,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::ProviderSilent(_) => "Doorward gave no usable answer.",
            Self::UnknownSignIn { .. } => "This sign-in is not known here.",
            Self::WrongIssuer { .. } => "This answer came from somewhere else.",
            Self::Refused { .. } => "You were not signed in.",
            Self::CodeRefused(_) => "The sign-in could not be finished.",
            Self::BadToken { .. } => "The tokens did not pass.",
            Self::NotFound => "There is nothing here.",
            Self::Page(_) => "This page is broken.",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::ProviderSilent(_) => "Make sure that it is running, then sign in again. If it is, the log of this program says more.".to_owned(),
            Self::UnknownSignIn { start } => format!(
                "It may be finished already, or have begun in another browser or at another address. \
                 Begin again at {start}."
            ),
            Self::WrongIssuer { .. } => {
                "Acme Fleet asked Doorward and believes nobody else. If you came here by a link, \
                 don't use it again."
                    .to_owned()
            }
            Self::Refused { error, .. } if error == "access_denied" => {
                "Doorward, or you, said no. If that was not what you meant, sign in again.".to_owned()
            }
            Self::Refused { error, description } => match description {
                Some(words) => format!("Doorward says {error}: {}. Sign in again.", words.trim_end_matches('.')),
                None => format!("Doorward says: {error}. Sign in again."),
            },
            Self::CodeRefused(_) => "A code is good once, and for a minute. Sign in again.".to_owned(),
            Self::BadToken { token, .. } => format!(
                "The {token} failed a check, so Acme Fleet believes none of it. Sign in again; if it stays \
                 so, the log of this program says which check."
            ),
            Self::NotFound => "The address may be mistyped.".to_owned(),
            Self::Page(_) => "The log of this program says why.".to_owned(),
        }
    }

    fn log(&self) {
        if matches!(self, Self::NotFound) {
            return;
        }
        let mut causes = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            causes = format!("{causes}: {cause}");
            next = cause.source();
        }
        tracing::warn!(cause = ?causes, "sample application: {}", self.title());
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let page = ProblemPage {
            stylesheet: STYLESHEET,
            title: self.title(),
            detail: self.detail(),
        };
        match page.render() {
            Ok(page) => (self.status(), Html(page)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}
