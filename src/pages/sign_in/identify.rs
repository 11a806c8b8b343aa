//! `/sign-in`: who are you?

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::domain::email::Email;
use crate::domain::sign_in::{AccountPage, Onward, SignIn};
use crate::oidc::Parameters;
use crate::pages::long;
use crate::sign_in::{Identified, identify};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/sign_in/identify.html`.
#[derive(Template)]
#[template(path = "sign_in/identify.html")]
pub struct IdentifyPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// What was typed, or hinted at.
    pub email: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Which application waits.
    pub application: Option<String>,
    /// Why one signs in again.
    pub notice: Option<String>,
}

impl IdentifyPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |email: &str, error, application: Option<&str>, notice| Self {
            page: frame,
            action: address(Onward::Home),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            error,
            application: application.map(str::to_owned),
            notice,
        };
        let fleet = Some("Acme Fleet");
        let wrong = Some(frame.t("sign-in-error-email"));
        let fresh = Some(frame.t1("sign-in-notice-fresh", "application", "Acme Fleet"));
        let expired = Some(frame.t("sign-in-notice-expired"));
        let again = Some(frame.t("sign-in-notice-again"));
        vec![
            ("alone", of("", None, None, None)),
            ("application", of("", None, fleet, None)),
            ("wrong", of("alice at acme", wrong, fleet, None)),
            ("fresh", of("alice@acme.example", None, fleet, fresh)),
            ("expired", of("", None, fleet, expired)),
            ("again", of("alice@acme.example", None, None, again)),
            ("long", of(long::EMAIL, None, Some(long::APPLICATION), None)),
        ]
    }
}

/// `GET /sign-in?request=…&reason=…`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let onward = onward_of(&parameters)?;
    if onward == Onward::Home && caller.signed_in.is_some() {
        return Ok(redirect("/"));
    }
    let browser = caller.browser();
    let waiting = Waiting::find(&state, &caller, onward.request()).await?;
    let frame = Frame::english();
    let application = waiting
        .as_ref()
        .map(|waiting| waiting.application.name.to_string());
    let notice = match (parameters.one("reason")?, &application) {
        (Some("fresh"), Some(name)) => Some(frame.t1("sign-in-notice-fresh", "application", name)),
        (Some("too-old"), _) => Some(frame.t("sign-in-notice-expired")),
        (Some("again"), _) => Some(frame.t("sign-in-notice-again")),
        _ => None,
    };
    let hint = waiting.and_then(|waiting| waiting.row.request.login_hint);
    let own = caller.signed_in.as_ref().map(|own| own.user.email.to_string());
    let hint = hint.or(own);
    let shown = IdentifyPage {
        page: frame,
        action: address(onward),
        csrf: csrf_token(&browser.secret),
        email: hint.unwrap_or_default(),
        error: None,
        application,
        notice,
    };
    Ok(browser.remember(page(&shown, &FormAction::Own), &state))
}

/// `POST /sign-in?request=…`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let onward = onward_of(&Parameters::parse(query.as_deref().unwrap_or_default())?)?;
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let waiting = Waiting::find(&state, &caller, onward.request()).await?;
    let typed = form.one("email")?.unwrap_or_default();
    let Ok(email) = Email::parse(typed) else {
        let frame = Frame::english();
        let shown = IdentifyPage {
            page: frame,
            action: address(onward),
            csrf: csrf_token(browser),
            email: typed.to_owned(),
            error: Some(frame.t("sign-in-error-email")),
            application: waiting.map(|waiting| waiting.application.name.to_string()),
            notice: None,
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown, &FormAction::Own)).into_response());
    };
    let now = state.clock.now();
    match identify(&state.provider.db, &caller.visitor(browser), email, onward, now).await? {
        Identified::Next(sign_in) => Ok(redirect(&format!("/sign-in/{sign_in}"))),
        Identified::TooMany => Err(Fault::TooManyTries(SignIn::LIFETIME)),
    }
}

/// The page's address, with what waits.
pub fn address(onward: Onward) -> String {
    match onward {
        Onward::Home => "/sign-in".to_owned(),
        Onward::Request(id) => format!("/sign-in?request={id}"),
        Onward::Account(page) => format!("/sign-in?to={}", page.as_str()),
    }
}

fn onward_of(parameters: &Parameters) -> Result<Onward, Fault> {
    match (parameters.one("request")?, parameters.one("to")?) {
        (Some(request), _) => request
            .parse()
            .map(Onward::Request)
            .map_err(|_| Fault::ExpiredFlow),
        (None, to) => Ok(to
            .and_then(AccountPage::parse)
            .map_or(Onward::Home, Onward::Account)),
    }
}
