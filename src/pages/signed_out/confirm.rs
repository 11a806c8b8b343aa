//! `/sign-out`: really?

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::pages::long;
use crate::sign_in;
use crate::web::{
    AppState, Caller, CookieKind, Fault, FormAction, Frame, csrf_token, page, read_form, redirect,
    verify_csrf,
};

/// The page: `templates/signed_out/confirm.html`.
#[derive(Template)]
#[template(path = "signed_out/confirm.html")]
pub struct ConfirmPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who would be signed out.
    pub user_email: String,
}

impl ConfirmPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |email: &str| Self {
            page: Frame::english(),
            action: "/sign-out".to_owned(),
            csrf: "sample".to_owned(),
            user_email: email.to_owned(),
        };
        vec![("usual", of("alice@acme.example")), ("long", of(long::EMAIL))]
    }
}

/// `GET /sign-out`
pub async fn show(caller: Caller) -> Result<Response, Fault> {
    let (Some(session), Some(signed_in)) = (&caller.session, &caller.signed_in) else {
        return Ok(redirect("/signed-out"));
    };
    let shown = ConfirmPage {
        page: Frame::english(),
        action: "/sign-out".to_owned(),
        csrf: csrf_token(session),
        user_email: signed_in.user.email.to_string(),
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `POST /sign-out`
pub async fn submit(State(state): State<AppState>, caller: Caller, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let mut answer = redirect("/signed-out");
    if let (Some(secret), Some(signed_in)) = (&caller.session, caller.signed_in) {
        verify_csrf(secret, form.required("csrf")?)?;
        let (db, keyring) = (&state.provider.db, &state.provider.keyring);
        sign_in::sign_out(db, keyring, signed_in.session, caller.origin, state.clock.now()).await?;
        let cleared = CookieKind::Session.clear(&state.config.public_url);
        answer.headers_mut().append(SET_COOKIE, cleared);
    }
    Ok(answer)
}
