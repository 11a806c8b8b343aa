//! `/sign-out`: really?

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;

use super::{after, form_action, leave};
use crate::oidc::authorize::Destination;
use crate::oidc::logout::{self, LogoutRequest};
use crate::pages::long;
use crate::web::{AppState, Caller, Fault, Frame, csrf_token, page, read_form, redirect, verify_csrf};

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
    /// The application that asks, if one does.
    pub application: Option<String>,
    /// What it asks, to be read again with the form.
    pub fields: Vec<(&'static str, String)>,
}

impl ConfirmPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |email: &str, application: Option<&str>| Self {
            page: Frame::english(),
            action: "/sign-out".to_owned(),
            csrf: "sample".to_owned(),
            user_email: email.to_owned(),
            application: application.map(str::to_owned),
            fields: vec![("state", "a <state>".to_owned())],
        };
        vec![
            ("usual", of("alice@acme.example", None)),
            ("for_an_application", of("alice@acme.example", Some("Acme Fleet"))),
            ("long", of(long::EMAIL, Some(long::NAME))),
        ]
    }
}

/// `GET /sign-out`
pub async fn show(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    ask(&state, &caller, &LogoutRequest::of_nobody()).await
}

/// Asks whoever is signed in.
pub async fn ask(state: &AppState, caller: &Caller, request: &LogoutRequest) -> Result<Response, Fault> {
    let (Some(session), Some(signed_in)) = (&caller.session, &caller.signed_in) else {
        return Ok(redirect("/signed-out"));
    };
    let shown = ConfirmPage {
        page: Frame::english(),
        action: "/sign-out".to_owned(),
        csrf: csrf_token(session),
        user_email: signed_in.user.email.to_string(),
        application: request
            .application
            .as_ref()
            .map(|application| application.name.as_str().to_owned()),
        fields: request.again.clone(),
    };
    let leads_to = request.destination.as_ref().map(Destination::form_action);
    let form_action = form_action(state, signed_in, leads_to).await?;
    Ok(page(&shown, &form_action))
}

/// `POST /sign-out`
pub async fn submit(State(state): State<AppState>, caller: Caller, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let request = logout::read(&state.provider, &form).await?;
    if let (Some(secret), Some(_)) = (&caller.session, &caller.signed_in) {
        verify_csrf(secret, form.required("csrf")?)?;
    }
    leave(&state, caller, after(&request)).await
}
