//! `/password/forgot`: a letter for whoever lost their password. The answer is the same for every address.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::directory::credentials::password_reset;
use crate::domain::email::Email;
use crate::pages::long;
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/password/forgot.html`.
#[derive(Template)]
#[template(path = "password/forgot.html")]
pub struct ForgotPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// What was typed.
    pub email: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl ForgotPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let csrf = "sample".to_owned();
        vec![
            ("blank", Self::blank(csrf.clone())),
            ("wrong", Self::wrong(csrf.clone(), "alice at acme")),
            ("long", Self::wrong(csrf, long::EMAIL)),
        ]
    }

    fn blank(csrf: String) -> Self {
        Self {
            page: Frame::english(),
            csrf,
            email: String::new(),
            error: None,
        }
    }

    fn wrong(csrf: String, typed: &str) -> Self {
        let blank = Self::blank(csrf);
        Self {
            email: typed.to_owned(),
            error: Some(blank.page.t("password-forgot-error-email")),
            ..blank
        }
    }
}

/// `GET /password/forgot`
pub async fn show(State(state): State<AppState>, caller: Caller) -> Response {
    let browser = caller.browser();
    let shown = ForgotPage::blank(csrf_token(&browser.secret));
    browser.remember(page(&shown, &FormAction::Own), &state)
}

/// `POST /password/forgot`
pub async fn submit(State(state): State<AppState>, caller: Caller, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let typed = form.one("email")?.unwrap_or_default();
    let Ok(email) = Email::parse(typed) else {
        let shown = ForgotPage::wrong(csrf_token(browser), typed);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown, &FormAction::Own)).into_response());
    };
    password_reset::ask(&state.provider.db, &caller.origin, &email, state.clock.now()).await?;
    Ok(redirect("/password/sent"))
}
