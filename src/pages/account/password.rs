//! `/account/password`: changing one's own password.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Myself, again};
use crate::directory::DirectoryError;
use crate::directory::credentials::password::{self, NotChanged, Present};
use crate::domain::sign_in::AccountPage;
use crate::oidc::Parameters;
use crate::pages::long;
use crate::pages::password::bad_password;
use crate::sign_in::{BadPassword, Guessable, NewPassword};
use crate::web::{
    AppState, CookieKind, Fault, FormAction, Frame, page, read_form, redirect, seconds_to_wait, verify_csrf,
};

/// The page: `templates/account/password.html`.
#[derive(Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// Whose password it is.
    pub email: String,
    /// Whether there is one to change.
    pub has_password: bool,
    /// The fewest characters.
    pub least: usize,
    /// Whether it was just changed.
    pub done: bool,
    /// What is wrong with the old one.
    pub wrong_old: Option<String>,
    /// What is wrong with the new one.
    pub wrong_new: Option<String>,
}

impl PasswordPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |email: &str, has_password| Self {
            page: frame,
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            has_password,
            least: NewPassword::MIN_CHARS,
            done: false,
            wrong_old: None,
            wrong_new: None,
        };
        let alice = || of("alice@acme.example", true);
        let bad = BadPassword::Guessable(Guessable::Own);
        let wait = frame.wait(Duration::from_mins(2));
        vec![
            ("blank", alice()),
            (
                "done",
                Self {
                    done: true,
                    ..alice()
                },
            ),
            (
                "wrong-old",
                Self {
                    wrong_old: Some(frame.t("account-password-error-old")),
                    ..alice()
                },
            ),
            (
                "wait",
                Self {
                    wrong_old: Some(frame.t1("sign-in-error-wait", "wait", &wait)),
                    ..alice()
                },
            ),
            (
                "wrong-new",
                Self {
                    wrong_new: Some(bad_password(&frame, bad)),
                    ..alice()
                },
            ),
            ("none", of("alice@acme.example", false)),
            ("long", of(long::EMAIL, true)),
        ]
    }

    fn of(myself: &Myself, present: &Present) -> Self {
        Self {
            page: Frame::english(),
            csrf: myself.csrf(),
            email: present.user.email.to_string(),
            has_password: present.has_password(),
            least: present.rules.least(),
            done: false,
            wrong_old: None,
            wrong_new: None,
        }
    }

    fn is_wrong(&self) -> bool {
        self.wrong_old.is_some() || self.wrong_new.is_some()
    }
}

/// `GET /account/password?done=…`
pub async fn show(
    State(state): State<AppState>,
    myself: Myself,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let asked = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let present = match password::look(&state.provider.db, &myself.requester).await {
        Ok(present) => present,
        Err(DirectoryError::NotFresh) => return Ok(again(AccountPage::Password)),
        Err(other) => return Err(other.into()),
    };
    let shown = PasswordPage {
        done: asked.one("done")?.is_some(),
        ..PasswordPage::of(&myself, &present)
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `POST /account/password`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let (old, new) = (form.one("old_password")?, form.one("password")?);
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    let visitor = myself.caller.visitor(&myself.caller.browser().secret);
    let device = visitor.device.as_ref();
    let changed = password::change(&state.prover, &myself.requester, device, old, new).await;
    let why = match changed {
        Ok(cookie) => {
            let mut answer = redirect("/account/password?done=1");
            let cookie = CookieKind::Session.set(&cookie, &state.config.public_url);
            answer.headers_mut().append(SET_COOKIE, cookie);
            return Ok(answer);
        }
        Err(NotChanged::Refused(DirectoryError::NotFresh)) => return Ok(again(AccountPage::Password)),
        // This session ended with that change.
        Err(NotChanged::Refused(DirectoryError::Already(_))) => return Ok(redirect("/sign-in")),
        Err(NotChanged::Busy) => return Err(Fault::Busy),
        Err(NotChanged::Refused(other)) => return Err(other.into()),
        Err(why) => why,
    };
    let present = password::look(&state.provider.db, &myself.requester).await?;
    Ok(refused(PasswordPage::of(&myself, &present), &why))
}

/// The page again, with what is wrong.
fn refused(blank: PasswordPage, why: &NotChanged) -> Response {
    let frame = blank.page;
    let (old, new) = match why {
        NotChanged::Bad(bad) => (None, Some(bad_password(&frame, *bad))),
        NotChanged::TooSoon(wait) => (
            Some(frame.t1("sign-in-error-wait", "wait", &frame.wait(*wait))),
            None,
        ),
        _ => (Some(frame.t("account-password-error-old")), None),
    };
    let shown = PasswordPage {
        wrong_old: old,
        wrong_new: new,
        ..blank
    };
    let shown = page(&shown, &FormAction::Own);
    if let NotChanged::TooSoon(wait) = why {
        let retry = [(RETRY_AFTER, HeaderValue::from(seconds_to_wait(*wait)))];
        return (StatusCode::TOO_MANY_REQUESTS, retry, shown).into_response();
    }
    (StatusCode::UNPROCESSABLE_ENTITY, shown).into_response()
}
