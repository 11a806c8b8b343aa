//! `/account/not-me/{secret}`: whoever was told of something that was not them says so, and the account is locked against
//! everybody else. Looking at the page changes nothing, so no program that follows links does.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use super::minute;
use super::not_me_over::OverPage;
use crate::delivery::{AlertInWords, device_in_words};
use crate::directory::not_me;
use crate::domain::secret::Secret;
use crate::pages::long;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};
use crate::words::Words;

/// The page: `templates/account/not_me.html`.
#[derive(Template)]
#[template(path = "account/not_me.html")]
pub struct NotMePage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Whose account it is.
    pub name: String,
    /// What they were told.
    pub told: String,
    /// When, and from where.
    pub whence: String,
}

impl NotMePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |name: &str, told: &str, whence: &str| Self {
            page: Frame::english(),
            action: "/account/not-me/sample".to_owned(),
            csrf: "sample".to_owned(),
            name: name.to_owned(),
            told: told.to_owned(),
            whence: whence.to_owned(),
        };
        let device = "New device on your account";
        vec![
            (
                "usual",
                of(
                    "Alice Archer",
                    device,
                    "2026-11-22 09:30 · Firefox 133 on Windows 10 · Berlin, DE",
                ),
            ),
            ("long", of(long::NAME, device, "2026-11-22 09:30")),
        ]
    }
}

/// `GET /account/not-me/{secret}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let link = Secret::received(secret.as_str());
    let pending = not_me::look(&state.provider.db, &link, state.clock.now()).await?;
    let Some(pending) = pending else {
        return Ok(OverPage::new().answer());
    };
    let (alert, words) = (&pending.alert, Words::english());
    let told = AlertInWords::of(&alert.kind, None, words, minute);
    let device = alert
        .address
        .as_ref()
        .and(device_in_words(&alert.user_agent, words));
    let place = alert.address.as_deref();
    let place = place.map(|address| state.config.places.of_text(address).unwrap_or(address.to_owned()));
    let whence = [Some(minute(alert.created_at)), device, place];
    let browser = caller.browser();
    let shown = NotMePage {
        page: Frame::english(),
        action: format!("/account/not-me/{secret}"),
        csrf: csrf_token(&browser.secret),
        name: pending.name,
        told: told.title,
        whence: whence.into_iter().flatten().collect::<Vec<_>>().join(" · "),
    };
    Ok(browser.remember(page(&shown, &FormAction::Own), &state))
}

/// `POST /account/not-me/{secret}`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(caller.known_browser()?, form.required("csrf")?)?;
    let (db, keyring) = (&state.provider.db, &state.provider.keyring);
    let link = Secret::received(secret);
    let locked = not_me::lock(db, keyring, &link, &caller.origin, state.clock.now()).await?;
    if locked {
        Ok(redirect("/account/locked"))
    } else {
        Ok(OverPage::new().answer())
    }
}
