//! `/email/{secret}`: whoever reads mail at a new address says that the account is to use it. The link shows that they do;
//! who asked showed whose the account is. Looking at the page changes nothing, so no program that follows links does.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use super::over::{OverPage, Why};
use crate::directory::email_change::{self, Followed};
use crate::domain::secret::Secret;
use crate::pages::long;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/email/confirm.html`.
#[derive(Template)]
#[template(path = "email/confirm.html")]
pub struct ConfirmPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Whose address changes.
    pub name: String,
    /// The new address.
    pub email: String,
}

impl ConfirmPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |name: &str, email: &str| Self {
            page: Frame::english(),
            action: "/email/sample".to_owned(),
            csrf: "sample".to_owned(),
            name: name.to_owned(),
            email: email.to_owned(),
        };
        vec![
            ("usual", of("Alice Archer", "alice@new.example")),
            ("long", of(long::NAME, long::EMAIL)),
        ]
    }
}

/// `GET /email/{secret}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let link = Secret::received(secret.as_str());
    let pending = email_change::look(&state.provider.db, &link, state.clock.now()).await?;
    let Some(pending) = pending else {
        return Ok(OverPage::of(Why::Used).answer());
    };
    let browser = caller.browser();
    let shown = ConfirmPage {
        page: Frame::english(),
        action: format!("/email/{secret}"),
        csrf: csrf_token(&browser.secret),
        name: pending.name,
        email: pending.email.as_str().to_owned(),
    };
    Ok(browser.remember(page(&shown, &FormAction::Own), &state))
}

/// `POST /email/{secret}`
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
    let followed = email_change::follow(db, keyring, &link, &caller.origin, state.clock.now()).await?;
    Ok(match followed {
        Followed::Changed => redirect("/email/changed"),
        Followed::Over => OverPage::of(Why::Used).answer(),
        Followed::Taken => OverPage::of(Why::Taken).answer(),
    })
}
