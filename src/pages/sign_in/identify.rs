//! `/sign-in`: who are you?

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::connection::of_domain;
use super::hand_over;
use super::password::counted;
use crate::domain::email::Email;
use crate::domain::secret::Secret;
use crate::domain::sign_in::{AccountPage, Onward, SignIn};
use crate::oidc::Parameters;
use crate::pages::long;
use crate::sign_in::{Identified, Outcome, identify};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, page_with_passkeys, read_form,
    redirect, verify_csrf,
};

/// The page: `templates/sign_in/identify.html`.
#[derive(Template)]
#[template(path = "sign_in/identify.html")]
pub struct IdentifyPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// Where a passkey goes, where there are passkeys.
    pub passkey: Option<String>,
    /// The form's token.
    pub csrf: String,
    /// What was typed, or hinted at.
    pub email: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What is wrong with the passkey.
    pub passkey_error: Option<String>,
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
            passkey: Some(passkey_address(Onward::Home)),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            error,
            passkey_error: None,
            application: application.map(str::to_owned),
            notice,
        };
        let fleet = Some("Acme Fleet");
        let wrong = Some(frame.t("sign-in-error-email"));
        let fresh = Some(frame.t1("sign-in-notice-fresh", "application", "Acme Fleet"));
        let expired = Some(frame.t("sign-in-notice-expired"));
        let again = Some(frame.t("sign-in-notice-again"));
        let unknown = Some(frame.t("sign-in-notice-unknown-organization"));
        let refused = Self {
            passkey_error: Some(frame.t("passkeys-sign-in-error")),
            ..of("", None, fleet, None)
        };
        vec![
            ("alone", of("", None, None, None)),
            ("application", of("", None, fleet, None)),
            ("wrong", of("alice at acme", wrong, fleet, None)),
            ("passkey_wrong", refused),
            ("fresh", of("alice@acme.example", None, fleet, fresh)),
            ("expired", of("", None, fleet, expired)),
            ("again", of("alice@acme.example", None, None, again)),
            ("unknown_organization", of("", None, None, unknown)),
            ("long", of(long::EMAIL, None, Some(long::APPLICATION), None)),
        ]
    }

    /// The page as it is first seen.
    fn blank(state: &AppState, browser: &Secret, onward: Onward, waiting: Option<&Waiting>) -> Self {
        Self {
            page: Frame::english(),
            action: address(onward),
            passkey: state
                .prover
                .relying_party
                .is_some()
                .then(|| passkey_address(onward)),
            csrf: csrf_token(browser),
            email: String::new(),
            error: None,
            passkey_error: None,
            application: waiting.map(|waiting| waiting.application.name.to_string()),
            notice: None,
        }
    }

    /// A passkey leads from here to wherever the request that waits goes on.
    fn answer(&self, waiting: Option<&Waiting>) -> Response {
        let form_action = match waiting {
            Some(waiting) => FormAction::AndOnTo(waiting.destination.form_action()),
            None => FormAction::Own,
        };
        if self.passkey.is_some() {
            page_with_passkeys(self, &form_action)
        } else {
            page(self, &form_action)
        }
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
    let waiting = waiting.as_ref();
    let mut shown = IdentifyPage::blank(&state, &browser.secret, onward, waiting);
    let frame = shown.page;
    shown.notice = match (parameters.one("reason")?, &shown.application) {
        (Some("fresh"), Some(name)) => Some(frame.t1("sign-in-notice-fresh", "application", name)),
        (Some("too-old"), _) => Some(frame.t("sign-in-notice-expired")),
        (Some("again"), _) => Some(frame.t("sign-in-notice-again")),
        _ => None,
    };
    let hint = waiting.and_then(|waiting| waiting.row.request.login_hint.clone());
    let own = caller.signed_in.as_ref().map(|own| own.user.email.to_string());
    shown.email = hint.or(own).unwrap_or_default();
    Ok(browser.remember(shown.answer(waiting), &state))
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
        let mut shown = IdentifyPage::blank(&state, browser, onward, waiting.as_ref());
        typed.clone_into(&mut shown.email);
        shown.error = Some(shown.page.t("sign-in-error-email"));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.answer(waiting.as_ref())).into_response());
    };
    let now = state.clock.now();
    let led = leads_to_a_connection(&state, &email, onward).await?;
    match identify(&state.provider.db, &caller.visitor(browser), email, onward, now).await? {
        Identified::Next(sign_in) if led => Ok(redirect(&format!("/sign-in/{sign_in}/connection"))),
        Identified::Next(sign_in) => Ok(redirect(&format!("/sign-in/{sign_in}"))),
        Identified::TooMany => Err(Fault::TooManyTries(SignIn::LIFETIME)),
    }
}

/// Whether an address is in a domain whose people come by a provider: of the address alone, whether or not anybody has it.
/// Whoever is to link one proves themselves by a credential of their own.
async fn leads_to_a_connection(state: &AppState, email: &Email, onward: Onward) -> Result<bool, Fault> {
    let to_link = onward == Onward::Account(AccountPage::Connections);
    Ok(!to_link && !of_domain(state, email).await?.is_empty())
}

/// The first question, for whoever came by the address of an organization that has no way in of its own, or of none.
pub fn unknown_organization(state: &AppState, caller: &Caller) -> Response {
    let browser = caller.browser();
    let mut shown = IdentifyPage::blank(state, &browser.secret, Onward::Home, None);
    shown.notice = Some(shown.page.t("sign-in-notice-unknown-organization"));
    browser.remember(shown.answer(None), state)
}

/// `POST /sign-in/passkey?request=…`: who somebody is, by their passkey alone.
pub async fn submit_passkey(
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
    let (visitor, now) = (caller.visitor(browser), state.clock.now());
    let answer = form.token("answer")?.unwrap_or_default();
    let outcome = state.prover.prove_passkey(&visitor, answer, onward, now).await?;
    state.metrics.sign_ins.count(counted(&outcome));
    if let Outcome::SignedIn(opened, onward) = outcome {
        return Ok(hand_over(redirect(&onward.address()), &opened, &state));
    }
    let mut shown = IdentifyPage::blank(&state, browser, onward, waiting.as_ref());
    shown.passkey_error = Some(shown.page.t("passkeys-sign-in-error"));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.answer(waiting.as_ref())).into_response())
}

/// The page's address, with what waits.
pub fn address(onward: Onward) -> String {
    match onward {
        Onward::Home => "/sign-in".to_owned(),
        Onward::Request(id) => format!("/sign-in?request={id}"),
        Onward::Account(page) => format!("/sign-in?to={}", page.as_str()),
    }
}

fn passkey_address(onward: Onward) -> String {
    address(onward).replacen("/sign-in", "/sign-in/passkey", 1)
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
