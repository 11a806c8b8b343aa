//! Leaving.

pub mod confirm;
pub mod done;

use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::oidc::logout::LogoutRequest;
use crate::sign_in;
use crate::web::{AppState, Caller, CookieKind, Fault, redirect};

/// Signs out whoever is signed in, and answers that.
pub async fn leave(state: &AppState, caller: Caller, mut answer: Response) -> Result<Response, Fault> {
    if let Some(signed_in) = caller.signed_in {
        let (db, keyring) = (&state.provider.db, &state.provider.keyring);
        sign_in::sign_out(db, keyring, signed_in.session, caller.origin, state.clock.now()).await?;
        let cleared = CookieKind::Session.clear(&state.config.public_url);
        answer.headers_mut().append(SET_COOKIE, cleared);
    }
    Ok(answer)
}

/// Where one goes after signing out: back to the application that asked, or to our own page.
pub fn after(request: &LogoutRequest) -> Response {
    match &request.destination {
        Some(destination) => redirect(destination.signed_out().expose()),
        None => redirect("/signed-out"),
    }
}
