//! `/sign-in/{sign_in}`: the password of whoever that is.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Invitation, find, hand_over, identify, next_page, on_to};
use crate::domain::secret::Secret;
use crate::domain::sign_in::{SignIn, Step};
use crate::metrics::SignInOutcome;
use crate::pages::long;
use crate::sign_in::Outcome;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect,
    seconds_to_wait, verify_csrf,
};

/// The page: `templates/sign_in/password.html`.
#[derive(Template)]
#[template(path = "sign_in/password.html")]
pub struct PasswordPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who is signing in.
    pub email: String,
    /// What went wrong.
    pub error: Option<String>,
    /// Which application waits.
    pub application: Option<String>,
}

impl PasswordPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |email: &str, error, application: Option<&str>| Self {
            page: frame,
            action: "/sign-in/sample".to_owned(),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            error,
            application: application.map(str::to_owned),
        };
        let (alice, fleet) = ("alice@acme.example", Some("Acme Fleet"));
        let wrong = Some(frame.t("sign-in-error-wrong"));
        let empty = Some(frame.t("sign-in-error-password-empty"));
        let wait = Some(frame.t1("sign-in-error-wait", "wait", &frame.wait(Duration::from_secs(30))));
        vec![
            ("alone", of(alice, None, None)),
            ("application", of(alice, None, fleet)),
            ("wrong", of(alice, wrong, fleet)),
            ("empty", of(alice, empty, fleet)),
            ("wait", of(alice, wait, fleet)),
            ("long", of(long::EMAIL, None, Some(long::APPLICATION))),
        ]
    }
}

/// `GET /sign-in/{sign_in}?invitation=…`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let back = Invitation::named(query.as_deref())?;
    let browser = caller.known_browser()?;
    let sign_in = find(&state, browser, &id).await?;
    render(&state, &caller, browser, &sign_in, &back, None).await
}

/// `POST /sign-in/{sign_in}?invitation=…`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let back = Invitation::named(query.as_deref())?;
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let sign_in = find(&state, browser, &id).await?;
    if form.one("back")?.is_some() {
        return Ok(redirect(&identify::address(sign_in.onward)));
    }
    let frame = Frame::english();
    let Some(password) = form.one("password")? else {
        let empty = frame.t("sign-in-error-password-empty");
        let shown = render(&state, &caller, browser, &sign_in, &back, Some(empty)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    };
    let visitor = caller.visitor(browser);
    let outcome = state
        .prover
        .prove(&visitor, sign_in.id, password, state.clock.now())
        .await?;
    state.metrics.sign_ins.count(counted(&outcome));
    match outcome {
        Outcome::SignedIn(opened, onward) => Ok(hand_over(redirect(&on_to(onward, &back)), &opened, &state)),
        Outcome::Next => next_page(&state, browser, &id, &back).await,
        Outcome::Wrong => {
            let wrong = frame.t("sign-in-error-wrong");
            let shown = render(&state, &caller, browser, &sign_in, &back, Some(wrong)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        Outcome::TooSoon(wait) => {
            let seconds = seconds_to_wait(wait);
            let words = frame.t1("sign-in-error-wait", "wait", &frame.wait(wait));
            let shown = render(&state, &caller, browser, &sign_in, &back, Some(words)).await?;
            let retry = [(RETRY_AFTER, HeaderValue::from(seconds))];
            Ok((StatusCode::TOO_MANY_REQUESTS, retry, shown).into_response())
        }
        Outcome::Over => Err(Fault::ExpiredFlow),
        Outcome::Busy => Err(Fault::Busy),
    }
}

/// What metrics count an outcome as.
pub(super) fn counted(outcome: &Outcome) -> SignInOutcome {
    match outcome {
        Outcome::SignedIn(..) | Outcome::Next => SignInOutcome::SignedIn,
        Outcome::Wrong => SignInOutcome::Wrong,
        Outcome::TooSoon(_) => SignInOutcome::TooSoon,
        Outcome::Over => SignInOutcome::Over,
        Outcome::Busy => SignInOutcome::Busy,
    }
}

async fn render(
    state: &AppState,
    caller: &Caller,
    browser: &Secret,
    sign_in: &SignIn,
    back: &Invitation,
    error: Option<String>,
) -> Result<Response, Fault> {
    let Step::Password { email } = &sign_in.step else {
        return Err(Fault::ExpiredFlow);
    };
    let waiting = Waiting::find(state, caller, sign_in.onward.request()).await?;
    let form_action = match &waiting {
        Some(waiting) => FormAction::AndOnTo(waiting.destination.form_action()),
        None => FormAction::Own,
    };
    let shown = PasswordPage {
        page: Frame::english(),
        action: format!("/sign-in/{}{}", sign_in.id, back.query()),
        csrf: csrf_token(browser),
        email: email.to_string(),
        error,
        application: waiting.map(|waiting| waiting.application.name.to_string()),
    };
    Ok(page(&shown, &form_action))
}
