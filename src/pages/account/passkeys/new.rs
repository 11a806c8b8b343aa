//! `/account/passkeys/new`: one more passkey or security key.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{kind_named, named, refusal};
use crate::devices::Device;
use crate::directory::credentials::enrolment::Enrolment;
use crate::directory::credentials::passkeys::{self, NewPasskey};
use crate::directory::{DirectoryError, require_self};
use crate::domain::passkey::{Ceremony, PasskeyKind};
use crate::domain::secret::Purpose;
use crate::domain::text::DisplayName;
use crate::oidc::Parameters;
use crate::pages::account::Myself;
use crate::pages::account::recovery_codes::show_once;
use crate::pages::sign_in::hand_over;
use crate::storage::Lane;
use crate::web::{AppState, Fault, FormAction, Frame, page_with_passkeys, read_form, redirect, verify_csrf};
use crate::webauthn::{Answer, Question, Refused, script};

/// The page: `templates/account/passkeys/new.html`.
#[derive(Template)]
#[template(path = "account/passkeys/new.html")]
pub struct NewPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// As what.
    pub kind: PasskeyKind,
    /// What it could be called.
    pub name: String,
    /// What the script asks the browser for; nothing where there are no passkeys.
    pub question: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
}

impl NewPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |kind, question: Option<&str>, error| Self {
            page: frame,
            action: address(kind),
            csrf: "sample".to_owned(),
            kind,
            name: suggestion(
                kind,
                "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0 Safari/537.36",
            ),
            question: question.map(str::to_owned),
            error,
        };
        let (passkey, key, asked) = (PasskeyKind::Passkey, PasskeyKind::SecurityKey, Some("{}"));
        let refused = Some(frame.t("passkeys-error-refused"));
        vec![
            ("passkey", of(passkey, asked, None)),
            ("security_key", of(key, asked, None)),
            ("refused", of(passkey, asked, refused)),
            ("off", of(passkey, None, None)),
        ]
    }

    /// Title, lead and what the button says.
    fn words(&self) -> [String; 3] {
        let keys = match self.kind {
            PasskeyKind::Passkey => [
                "passkeys-new-passkey-title",
                "passkeys-new-passkey-lead",
                "passkeys-new-passkey-submit",
            ],
            PasskeyKind::SecurityKey => [
                "passkeys-new-security-key-title",
                "passkeys-new-security-key-lead",
                "passkeys-new-security-key-submit",
            ],
        };
        keys.map(|key| self.page.t(key))
    }
}

/// `GET /account/passkeys/new?as=…`
pub async fn show(
    State(state): State<AppState>,
    myself: Myself,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let kind = asked_for(query.as_deref())?;
    let name = suggestion(kind, &myself.caller.origin.user_agent);
    render(&state, &myself, kind, name, None).await
}

/// `POST /account/passkeys/new?as=…`
pub async fn submit(
    State(state): State<AppState>,
    myself: Myself,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = asked_for(query.as_deref())?;
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let frame = Frame::english();
    let typed = form.one("name")?.unwrap_or_default();
    let Ok(name) = DisplayName::parse(typed) else {
        let wrong = Some(frame.t("passkeys-error-name"));
        let shown = render(&state, &myself, kind, typed.to_owned(), wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    };
    let browser = myself.caller.known_browser()?.hash(Purpose::Browser);
    let text = form.token("answer")?.unwrap_or_default();
    let answer = Answer::read(text, browser, myself.caller.origin.clone());
    let (Some(party), Some(answer)) = (state.prover.relying_party.clone(), answer) else {
        return refused(&state, &myself, kind, typed, Refused::Wrong("form")).await;
    };
    let visitor = myself.caller.visitor(myself.caller.known_browser()?);
    let (keyring, now) = (&myself.requester.keyring, myself.requester.now);
    let (enrolment, opened) = Enrolment::draw(keyring, myself.user.id, visitor, now);
    let codes = enrolment.codes.clone();
    let new = NewPasskey {
        enrolment,
        kind,
        name,
    };
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, party) = (requester.clone(), party.clone());
        let (new, answer) = (new.clone(), answer.clone());
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let keys = (party.as_ref(), &requester.keyring);
            passkeys::add(tx, &permit, keys, &new, &answer, requester.now).await
        })
    });
    let added: Result<Result<bool, Refused>, DirectoryError> = work.await;
    match added {
        Ok(Ok(true)) => {
            let shown = show_once(&state, &myself, &codes).await?;
            Ok(hand_over(shown, &opened, &state))
        }
        Ok(Ok(false)) => Ok(hand_over(redirect("/account/passkeys"), &opened, &state)),
        Ok(Err(why)) => refused(&state, &myself, kind, typed, why).await,
        Err(error) => Ok(refusal(error)),
    }
}

async fn refused(
    state: &AppState,
    myself: &Myself,
    kind: PasskeyKind,
    typed: &str,
    why: Refused,
) -> Result<Response, Fault> {
    let words = match why {
        Refused::NotVouchedFor => "passkeys-error-not-allowed",
        Refused::Over | Refused::Wrong(_) | Refused::Unknown | Refused::Copied => "passkeys-error-refused",
    };
    let words = Frame::english().t(words);
    let shown = render(state, myself, kind, typed.to_owned(), Some(words)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

async fn render(
    state: &AppState,
    myself: &Myself,
    kind: PasskeyKind,
    name: String,
    error: Option<String>,
) -> Result<Response, Fault> {
    let browser = myself.caller.browser();
    let question = match &state.prover.relying_party {
        None => None,
        Some(party) => {
            let network = myself.caller.visitor(&browser.secret).network();
            let (question, secret) = Question::draw(browser.secret.hash(Purpose::Browser), network);
            let (requester, party) = (myself.requester.clone(), party.clone());
            let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
                let (requester, party, question) = (requester.clone(), party.clone(), question.clone());
                Box::pin(async move {
                    let permit = require_self(tx, &requester, None).await?;
                    passkeys::begin(tx, &permit, &party, kind, &question, requester.now).await
                })
            });
            let asked: Result<Option<Value>, DirectoryError> = work.await;
            match asked {
                Ok(Some(options)) => Some(script(&secret, &options)),
                Ok(None) => return Err(Fault::TooManyTries(Ceremony::LIFETIME)),
                Err(error) => return Ok(refusal(error)),
            }
        }
    };
    let shown = NewPage {
        page: Frame::english(),
        action: address(kind),
        csrf: myself.csrf(),
        kind,
        name,
        question,
        error,
    };
    Ok(browser.remember(page_with_passkeys(&shown, &FormAction::Own), state))
}

fn asked_for(query: Option<&str>) -> Result<PasskeyKind, Fault> {
    let parameters = Parameters::parse(query.unwrap_or_default())?;
    parameters.one("as")?.and_then(kind_named).ok_or(Fault::NotFound)
}

fn address(kind: PasskeyKind) -> String {
    format!("/account/passkeys/new?as={}", named(kind))
}

/// What it could be called: after the browser that makes it, unless it is a thing of its own.
fn suggestion(kind: PasskeyKind, user_agent: &str) -> String {
    let frame = Frame::english();
    let device = Device::of(user_agent);
    match (kind, device.browser, device.os) {
        (PasskeyKind::SecurityKey, ..) => frame.t("passkeys-name-security-key"),
        (PasskeyKind::Passkey, Some(browser), Some(os)) => {
            let browser = browser.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
            format!("{browser} {} {os}", frame.t("passkeys-name-on"))
        }
        (PasskeyKind::Passkey, ..) => frame.t("passkeys-name-passkey"),
    }
}
