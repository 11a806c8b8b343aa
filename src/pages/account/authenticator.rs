//! `/account/authenticator`: the app that makes one's codes.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::recovery_codes::show_once;
use super::{Myself, minute, refused};
use crate::directory::credentials::enrolment::Enrolment;
use crate::directory::credentials::totp::{self, Confirmed};
use crate::directory::{DirectoryError, require_self};
use crate::domain::sign_in::AccountPage;
use crate::domain::totp::TotpSecret;
use crate::pages::long;
use crate::pages::sign_in::hand_over;
use crate::random;
use crate::storage::Lane;
use crate::web::{AppState, Fault, FormAction, Frame, QrPicture, page, read_form, redirect, verify_csrf};

/// The page: `templates/account/authenticator.html`.
#[derive(Template)]
#[template(path = "account/authenticator.html")]
pub struct AuthenticatorPage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// The app there is.
    pub app: Option<App>,
    /// The secret that waits for its first code.
    pub waiting: Option<Waiting>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The app that makes one's codes.
pub struct App {
    /// Since when.
    pub since: String,
    /// When one was last used.
    pub last_used: Option<String>,
}

/// A secret, as an app takes it.
pub struct Waiting {
    /// For its camera.
    pub picture: Option<QrPicture>,
    /// To be typed, in groups of four.
    pub key: String,
    /// For an app on this very device.
    pub address: String,
}

impl AuthenticatorPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        let waiting = |email| Some(Waiting::of(&secret, "id.example.com", email));
        let app = || {
            Some(App {
                since: "2026-11-02 08:15".to_owned(),
                last_used: Some("2026-11-22 09:30".to_owned()),
            })
        };
        let of = |app, waiting, error| Self {
            page,
            csrf: "sample".to_owned(),
            app,
            waiting,
            error,
        };
        let alice = "alice@acme.example";
        let wrong = Some(page.t("authenticator-error-code"));
        let last = "Acme asks for a second factor, and this is the last of yours that counts there; set up another first";
        vec![
            ("none", of(None, None, None)),
            ("waiting", of(None, waiting(alice), None)),
            ("wrong", of(None, waiting(alice), wrong)),
            ("there", of(app(), None, None)),
            ("replacing", of(app(), waiting(alice), None)),
            ("last", of(app(), None, Some(last.to_owned()))),
            ("long", of(None, waiting(long::EMAIL), None)),
        ]
    }
}

impl Waiting {
    fn of(secret: &TotpSecret, host: &str, email: &str) -> Self {
        let address = secret.address(host, email);
        let key = secret.to_base32();
        let groups: Vec<&str> = (0..key.len())
            .step_by(4)
            .map(|start| &key[start..key.len().min(start + 4)])
            .collect();
        Self {
            picture: QrPicture::of(&address),
            key: groups.join(" "),
            address: address.to_string(),
        }
    }
}

/// `GET /account/authenticator`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    render(&state, &myself, None).await
}

/// `POST /account/authenticator`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    match form.required("do")? {
        "begin" => begin(&state, &myself).await,
        "confirm" => confirm(&state, &myself, form.one("code")?.unwrap_or_default()).await,
        "remove" => remove(&state, &myself).await,
        _ => Err(Fault::BadRequest("the form has no such button".into())),
    }
}

async fn begin(state: &AppState, myself: &Myself) -> Result<Response, Fault> {
    let secret = Arc::new(TotpSecret::from_bytes(random::bytes()));
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, secret) = (requester.clone(), Arc::clone(&secret));
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            totp::begin(tx, &permit, &requester.keyring, &secret, requester.now).await
        })
    });
    let begun: Result<(), DirectoryError> = work.await;
    match begun {
        Ok(()) => Ok(redirect(&AccountPage::Authenticator.address())),
        Err(error) => refused(error, AccountPage::Authenticator),
    }
}

async fn confirm(state: &AppState, myself: &Myself, code: &str) -> Result<Response, Fault> {
    let visitor = myself.caller.visitor(myself.caller.known_browser()?);
    let (keyring, now) = (&myself.requester.keyring, myself.requester.now);
    let (new, opened) = Enrolment::draw(keyring, myself.user.id, visitor, now);
    let held = (myself.requester.clone(), new.clone(), code.to_owned());
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, new, code) = held.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            totp::confirm(tx, &permit, keyring, &new, &code, now).await
        })
    });
    let confirmed: Result<Confirmed, DirectoryError> = work.await;
    match confirmed {
        Ok(Confirmed::Yes { first_codes: true }) => {
            let shown = show_once(state, myself, &new.codes).await?;
            Ok(hand_over(shown, &opened, state))
        }
        Ok(Confirmed::Yes { first_codes: false }) => {
            let back = redirect(&AccountPage::Authenticator.address());
            Ok(hand_over(back, &opened, state))
        }
        Ok(Confirmed::Over) => Ok(redirect(&AccountPage::Authenticator.address())),
        Ok(Confirmed::Wrong) => {
            let wrong = Frame::english().t("authenticator-error-code");
            let shown = render(state, myself, Some(wrong)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        Err(error) => refused(error, AccountPage::Authenticator),
    }
}

async fn remove(state: &AppState, myself: &Myself) -> Result<Response, Fault> {
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            totp::remove(tx, &permit, &requester.keyring, requester.now).await
        })
    });
    let removed: Result<(), DirectoryError> = work.await;
    match removed {
        Ok(()) => Ok(redirect(&AccountPage::Authenticator.address())),
        Err(error @ DirectoryError::Unmet(_)) => {
            let shown = render(state, myself, Some(error.to_string())).await?;
            Ok((StatusCode::CONFLICT, shown).into_response())
        }
        Err(error) => refused(error, AccountPage::Authenticator),
    }
}

async fn render(state: &AppState, myself: &Myself, error: Option<String>) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let (keyring, now) = (&myself.requester.keyring, myself.requester.now);
    let permit = require_self(tx, &myself.requester, None).await?;
    let app = totp::find(tx, &permit).await?;
    // To whoever did not prove themselves lately, it is as if none waited.
    let waiting = totp::waiting(tx, &permit, keyring, now).await.unwrap_or_default();
    let host = state.config.public_url.host();
    let shown = AuthenticatorPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        app: app.map(|app| App {
            since: minute(app.created_at),
            last_used: app.last_used_at.map(minute),
        }),
        waiting: waiting.map(|secret| Waiting::of(&secret, host, myself.user.email.as_str())),
        error,
    };
    Ok(page(&shown, &FormAction::Own))
}
