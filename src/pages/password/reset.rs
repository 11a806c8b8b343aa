//! `/password/reset/{secret}`: another password, by the link of a letter. Looking at the page changes nothing, so no program
//! that follows links does.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::bad_password;
use super::over::over;
use crate::directory::credentials::password_reset::{self, Followed, Pending};
use crate::domain::secret::Secret;
use crate::pages::long;
use crate::sign_in::{BadPassword, Guessable, NewPassword};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/password/reset.html`.
#[derive(Template)]
#[template(path = "password/reset.html")]
pub struct ResetPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Whose password it is.
    pub email: String,
    /// The fewest characters.
    pub least: usize,
    /// What is wrong with what was chosen.
    pub error: Option<String>,
}

impl ResetPage {
    /// Its states: one for each thing that may be wrong with a password.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |email: &str, error: Option<BadPassword>| Self {
            page: frame,
            action: "/password/reset/sample".to_owned(),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            least: NewPassword::MIN_CHARS,
            error: error.map(|bad| bad_password(&frame, bad)),
        };
        let alice = "alice@acme.example";
        let guessable = |why| Some(BadPassword::Guessable(why));
        vec![
            ("blank", of(alice, None)),
            ("short", of(alice, Some(BadPassword::TooShort(15)))),
            ("too-long", of(alice, Some(BadPassword::TooLong))),
            ("common", of(alice, guessable(Guessable::Common))),
            ("own", of(alice, guessable(Guessable::Own))),
            ("names", of(alice, guessable(Guessable::Names))),
            ("word", of(alice, guessable(Guessable::Word))),
            ("keys", of(alice, guessable(Guessable::Keys))),
            ("repeated", of(alice, guessable(Guessable::Repeated))),
            ("sequence", of(alice, guessable(Guessable::Sequence))),
            ("date", of(alice, guessable(Guessable::Date))),
            ("little", of(alice, guessable(Guessable::Little))),
            ("stolen", of(alice, Some(BadPassword::Stolen))),
            ("used", of(alice, Some(BadPassword::Used))),
            ("long", of(long::EMAIL, None)),
        ]
    }

    fn of(secret: &str, csrf: String, pending: &Pending) -> Self {
        Self {
            page: Frame::english(),
            action: format!("/password/reset/{secret}"),
            csrf,
            email: pending.user.email.to_string(),
            least: pending.rules.least(),
            error: None,
        }
    }
}

/// `GET /password/reset/{secret}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let link = Secret::received(secret.as_str());
    let pending = password_reset::look(&state.provider.db, &link, state.clock.now()).await?;
    let Some(pending) = pending else {
        return Ok(over());
    };
    let browser = caller.browser();
    let shown = ResetPage::of(&secret, csrf_token(&browser.secret), &pending);
    Ok(browser.remember(page(&shown, &FormAction::Own), &state))
}

/// `POST /password/reset/{secret}`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let chosen = form.one("password")?.unwrap_or_default();
    let (link, now) = (Secret::received(secret.as_str()), state.clock.now());
    match password_reset::follow(&state.prover, &link, chosen, &caller.origin, now).await? {
        Followed::Changed => Ok(redirect("/password/changed")),
        Followed::Over => Ok(over()),
        Followed::Busy => Err(Fault::Busy),
        Followed::Bad(bad) => {
            let pending = password_reset::look(&state.provider.db, &link, now).await?;
            let Some(pending) = pending else {
                return Ok(over());
            };
            let blank = ResetPage::of(&secret, csrf_token(browser), &pending);
            let shown = ResetPage {
                error: Some(bad_password(&blank.page, bad)),
                ..blank
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown, &FormAction::Own)).into_response())
        }
    }
}
