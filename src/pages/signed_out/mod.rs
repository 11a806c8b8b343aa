//! Leaving, here and wherever else somebody must hear of it.

pub mod confirm;
pub mod done;

use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_out::Then;
use crate::oidc::logout::LogoutRequest;
use crate::pages::answer::post;
use crate::saml::logout::Sending;
use crate::sign_in::{self, SignedIn};
use crate::single_logout::{Asking, Ended, Step};
use crate::web::{AppState, Caller, CookieKind, Fault, FormAction, redirect};

/// Signs out whoever is signed in, and goes on to those who must hear of it, and then where that leads.
pub async fn leave(state: &AppState, caller: Caller, then: Then) -> Result<Response, Fault> {
    let Some(signed_in) = &caller.signed_in else {
        return finish(state, then).await;
    };
    let (db, keyring, now) = (&state.provider.db, &state.provider.keyring, state.clock.now());
    let browser = caller.browser();
    let hash = browser.secret.hash(Purpose::Browser);
    let begun = state
        .single_logout
        .begin(&hash, &signed_in.session, &then, now)
        .await?;
    sign_in::sign_out(db, keyring, signed_in.session.clone(), caller.origin.clone(), now).await?;
    let mut answer = match begun {
        Some(handle) => browser.remember(redirect(&format!("/sign-out/{}", handle.expose())), state),
        None => finish(state, then).await?,
    };
    let cleared = CookieKind::Session.clear(&state.config.public_url);
    answer.headers_mut().append(SET_COOKIE, cleared);
    Ok(answer)
}

/// `GET /sign-out/{handle}`: who is next to hear of it?
pub async fn go_on(
    State(state): State<AppState>,
    caller: Caller,
    Path(handle): Path<String>,
) -> Result<Response, Fault> {
    let browser = caller.known_browser()?.hash(Purpose::Browser);
    let handle = Secret::received(handle);
    let step = state
        .single_logout
        .next(&handle, &browser, state.clock.now())
        .await?;
    lead_to(step.ok_or(Fault::ExpiredFlow)?)
}

/// Where the form that begins a sign-out may lead: through all who must hear of it, and on.
pub async fn form_action(
    state: &AppState,
    signed_in: &SignedIn,
    leads_to: Option<String>,
) -> Result<FormAction, Fault> {
    let mut sources = state.single_logout.form_action(&signed_in.session).await?;
    sources.extend(leads_to);
    Ok(match sources.as_slice() {
        [] => FormAction::Own,
        sources => FormAction::AndOnTo(sources.join(" ")),
    })
}

/// Where a sign-out leads of which nobody else must hear.
pub async fn finish(state: &AppState, then: Then) -> Result<Response, Fault> {
    let step = state.single_logout.finish(then, true, state.clock.now());
    lead_to(step.await?)
}

fn lead_to(step: Step) -> Result<Response, Fault> {
    match step {
        Step::Ask(Asking::Saml(sending, _)) | Step::Answer(Ended(sending)) => sent(sending),
        Step::Ask(Asking::Address(address)) | Step::Address(address) => Ok(redirect(&address)),
        Step::SignedOut => Ok(redirect("/signed-out")),
    }
}

fn sent(sending: Sending) -> Result<Response, Fault> {
    match sending {
        Sending::Redirect(address) => Ok(redirect(&address)),
        Sending::Post { url, fields } => post::show(&url, fields),
    }
}

/// Where one goes after signing out: back to the application that asked, or to our own page.
pub fn after(request: &LogoutRequest) -> Then {
    match &request.destination {
        Some(destination) => Then::Address(destination.signed_out().expose().to_owned()),
        None => Then::SignedOut,
    }
}
