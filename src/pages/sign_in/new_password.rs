//! `/sign-in/{sign_in}/new-password`: another password for whoever must change theirs.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Invitation, find, hand_over, next_page, on_to};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::{SignIn, Step};
use crate::pages::long;
use crate::pages::password::bad_password;
use crate::sign_in::{BadPassword, NewPassword, NewlyChosen, Outcome};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/sign_in/new_password.html`.
#[derive(Template)]
#[template(path = "sign_in/new_password.html")]
pub struct NewPasswordPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who is signing in.
    pub email: String,
    /// The fewest characters.
    pub least: usize,
    /// What is wrong with what was chosen.
    pub error: Option<String>,
}

impl NewPasswordPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |email: &str, error: Option<BadPassword>| Self {
            page: frame,
            action: "/sign-in/sample/new-password".to_owned(),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            least: NewPassword::MIN_CHARS,
            error: error.map(|bad| bad_password(&frame, bad)),
        };
        let alice = "alice@acme.example";
        vec![
            ("blank", of(alice, None)),
            ("used", of(alice, Some(BadPassword::Used))),
            ("long", of(long::EMAIL, None)),
        ]
    }
}

/// `GET /sign-in/{sign_in}/new-password?invitation=…`
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

/// `POST /sign-in/{sign_in}/new-password?invitation=…`
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
    let chosen = form.one("password")?.unwrap_or_default();
    let visitor = caller.visitor(browser);
    let went = state
        .prover
        .choose_new(&visitor, sign_in.id, chosen, state.clock.now())
        .await?;
    match went {
        NewlyChosen::Bad(bad) => {
            let shown = render(&state, &caller, browser, &sign_in, &back, Some(bad)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        NewlyChosen::Went(Outcome::SignedIn(opened, onward)) => {
            Ok(hand_over(redirect(&on_to(onward, &back)), &opened, &state))
        }
        NewlyChosen::Went(Outcome::Next) => next_page(&state, browser, &id, &back).await,
        NewlyChosen::Went(Outcome::Busy) => Err(Fault::Busy),
        NewlyChosen::Went(_) => Err(Fault::ExpiredFlow),
    }
}

async fn render(
    state: &AppState,
    caller: &Caller,
    browser: &Secret,
    sign_in: &SignIn,
    back: &Invitation,
    bad: Option<BadPassword>,
) -> Result<Response, Fault> {
    let Step::NewPassword { email, .. } = &sign_in.step else {
        return Err(Fault::ExpiredFlow);
    };
    let hash = browser.hash(Purpose::Browser);
    let least = state
        .prover
        .least_for(&hash, sign_in.id, state.clock.now())
        .await?;
    let least = least.ok_or(Fault::ExpiredFlow)?;
    let waiting = Waiting::find(state, caller, sign_in.onward.request()).await?;
    let form_action = match &waiting {
        Some(waiting) => FormAction::AndOnTo(waiting.destination.form_action()),
        None => FormAction::Own,
    };
    let frame = Frame::english();
    let shown = NewPasswordPage {
        page: frame,
        action: format!("/sign-in/{}/new-password{}", sign_in.id, back.query()),
        csrf: csrf_token(browser),
        email: email.to_string(),
        least,
        error: bad.map(|bad| bad_password(&frame, bad)),
    };
    Ok(page(&shown, &form_action))
}
