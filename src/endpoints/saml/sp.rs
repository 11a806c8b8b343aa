//! `/saml/sp/{connection}/…`: our metadata for a connection's provider, and where its answers come in.
//!
//! An answer comes by a form of another site, and so without our cookies (`SameSite=Lax`). It is kept under a handle, and its
//! browser led to where it has them; whose it is, is known there (SE5).

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::field;
use crate::domain::id::ConnectionId;
use crate::domain::network::Network;
use crate::domain::secret::Secret;
use crate::domain::upstream::UpstreamRequest;
use crate::oidc::Parameters;
use crate::pages::upstream::arrived;
use crate::upstream::{Posted, Returned, SamlAnswer};
use crate::web::{AppState, Caller, Fault, redirect};

/// `GET /saml/sp/{connection}/metadata`
pub async fn metadata(
    State(state): State<AppState>,
    Path(connection): Path<String>,
) -> Result<Response, Fault> {
    let connection = connection_of(&connection)?;
    let written = state
        .upstream
        .saml_metadata(connection, state.clock.now())
        .await?;
    Ok(super::metadata(written.ok_or(Fault::NotFound)?))
}

/// `POST /saml/sp/{connection}/acs`
pub async fn take(
    State(state): State<AppState>,
    caller: Caller,
    Path(connection): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let connection = connection_of(&connection)?;
    let response = field(&body, "SAMLResponse")?;
    let answer = SamlAnswer {
        response: response.as_deref().unwrap_or_default(),
        relay_state: field(&body, "RelayState")?.map(Secret::received),
    };
    let network = Network::of(caller.origin.address);
    let now = state.clock.now();
    let kept = state.upstream.keep_saml_answer(connection, &answer, network, now);
    match kept.await? {
        Posted::Waits(handle) => {
            let handle = handle.expose();
            Ok(redirect(&format!("/saml/sp/{connection}/acs?answer={handle}")))
        }
        Posted::Bad(_) => Err(Fault::BadRequest("there is no SAML response in the form".into())),
        Posted::NoSuch => Err(Fault::NotFound),
        Posted::TooMany => Err(Fault::TooManyTries(UpstreamRequest::LIFETIME)),
    }
}

/// `GET /saml/sp/{connection}/acs`
pub async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let connection = connection_of(&connection)?;
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let handle = Secret::received(parameters.one("answer")?.ok_or(Fault::ExpiredFlow)?);
    let browser = caller.browser();
    let visitor = caller.visitor(&browser.secret);
    let returned = state
        .upstream
        .saml_answer(&visitor, connection, &handle, state.clock.now());
    let Returned { request, outcome } = returned.await?.ok_or(Fault::ExpiredFlow)?;
    let answer = arrived(&state, outcome, request.reference.as_str(), request.purpose)?;
    Ok(browser.remember(answer, &state))
}

fn connection_of(text: &str) -> Result<ConnectionId, Fault> {
    text.parse().map_err(|_| Fault::NotFound)
}
