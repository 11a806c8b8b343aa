//! `POST /sign-in/passkey/begin`: what the sign-in page's script asks the browser for. The same for everybody (LG2): who it
//! will be, nobody knows yet.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::domain::passkey::Ceremony;
use crate::web::{AppState, Caller, Fault, read_form, verify_csrf};

/// `POST /sign-in/passkey/begin`
pub async fn begin(State(state): State<AppState>, caller: Caller, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    if state.prover.relying_party.is_none() {
        return Err(Fault::NotFound);
    }
    let (visitor, now) = (caller.visitor(browser), state.clock.now());
    let asked = state.prover.ask_passkey(&visitor, now).await?;
    let asked = asked.ok_or(Fault::TooManyTries(Ceremony::LIFETIME))?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, asked).into_response())
}
