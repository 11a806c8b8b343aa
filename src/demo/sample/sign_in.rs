//! Leaving for the provider and coming back: `GET /login` and `GET /callback`.
//!
//! An answer is believed only after its `state` and its `iss`, and each sign-in takes one answer.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect};
use openidconnect::AuthorizationCode;
use serde::Deserialize;

use super::Application;
use super::problem::Problem;

/// The provider's answer (RFC 6749 §4.1.2, RFC 9207 §2). A parameter that comes twice is refused.
#[derive(Deserialize)]
pub(super) struct Answer {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /login`: begins anew, whatever was under way, and sends the browser to the provider.
pub(super) async fn login(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let (address, pending) = application.provider().await?.authorization_request();
    application.sessions.forget(&headers);
    let cookie = application.sessions.begin(pending);
    Ok(([(SET_COOKIE, cookie)], Redirect::to(address.as_str())))
}

/// `GET /callback`: takes the provider's answer and, if all of it holds, remembers who came.
pub(super) async fn callback(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let unknown = || Problem::UnknownSignIn {
        start: application.settings.base_url.clone(),
    };
    let Query(answer) = answer.map_err(|_| unknown())?;
    let pending = application.sessions.take_pending(&headers).ok_or_else(unknown)?;
    if answer.state.as_ref() != Some(pending.state.secret()) {
        return Err(unknown());
    }
    let code = code_from(answer, &application.settings.issuer)?;
    let person = application
        .provider()
        .await?
        .redeem(code, pending, &application.http)
        .await?;
    Ok((
        [(SET_COOKIE, application.sessions.sign_in(person))],
        Redirect::to("/tokens"),
    ))
}

/// The code of an answer that our provider gave; another's answer is not even read (RFC 9207 §2.4).
fn code_from(answer: Answer, issuer: &str) -> Result<AuthorizationCode, Problem> {
    if answer.iss.as_deref() != Some(issuer) {
        return Err(Problem::WrongIssuer {
            said: answer.iss,
            expected: issuer.to_owned(),
        });
    }
    if let Some(error) = answer.error {
        return Err(Problem::Refused {
            error,
            description: answer.error_description,
        });
    }
    answer
        .code
        .map(AuthorizationCode::new)
        .ok_or_else(|| Problem::Refused {
            error: "no code and no error".to_owned(),
            description: None,
        })
}
