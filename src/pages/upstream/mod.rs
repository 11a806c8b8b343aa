//! Leaving for an upstream provider and coming back: `/upstream/{connection}/callback`.

pub mod advice;
pub mod evidence;
pub mod failed;
pub mod link;
pub mod post;
pub mod tested;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::domain::id::ConnectionId;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::{AccountPage, Onward};
use crate::domain::upstream::UpstreamPurpose;
use crate::oidc::Parameters;
use crate::pages::sign_in::{hand_over, identify};
use crate::upstream::{Arrived, Begun, Failure, OidcAnswer, Returned};
use crate::web::{AppState, Caller, Fault, redirect};

/// Where a browser goes that is to be sent away: there, or to a page that says why not.
pub fn leave(begun: Begun, purpose: UpstreamPurpose) -> Result<Response, Fault> {
    match begun {
        Begun::Redirect(to) => Ok(redirect(&to)),
        Begun::Post { to, fields } => post::show(&to, fields),
        Begun::Failed(failure, reference) => Ok(nobody_came(&failure, reference.as_str(), purpose)),
        Begun::NoSuch => Err(Fault::NotFound),
        Begun::TooMany => Err(Fault::TooManyTries(crate::domain::sign_in::SignIn::LIFETIME)),
    }
}

/// `GET /upstream/{connection}/callback`
pub async fn callback(
    State(state): State<AppState>,
    caller: Caller,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let connection: ConnectionId = connection.parse().map_err(|_| Fault::NotFound)?;
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let text = |name: &'static str| Ok::<_, Fault>(parameters.one(name)?.map(str::to_owned));
    let answer = OidcAnswer {
        state: Secret::received(parameters.one("state")?.ok_or(Fault::ExpiredFlow)?),
        issuer: text("iss")?,
        code: parameters.token("code")?.map(Secret::received),
        error: text("error")?,
    };
    let visitor = caller.visitor(caller.known_browser()?);
    let now = state.clock.now();
    let returned = state.upstream.oidc_answer(&visitor, connection, &answer, now);
    let Returned { request, outcome } = returned.await?.ok_or(Fault::ExpiredFlow)?;
    arrived(&state, outcome, request.reference.as_str(), request.purpose)
}

/// `GET /upstream/{connection}/signed-out`: back from an `OpenID` provider that signed somebody out.
pub async fn signed_out(
    State(state): State<AppState>,
    caller: Caller,
    Path(connection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let connection: ConnectionId = connection.parse().map_err(|_| Fault::NotFound)?;
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let Some(handle) = parameters.one("state")? else {
        return Ok(redirect("/signed-out"));
    };
    let browser = caller.known_browser()?.hash(Purpose::Browser);
    let (logout, now) = (&state.single_logout, state.clock.now());
    let secret = Secret::received(handle.to_owned());
    logout.came_back(connection, &secret, &browser, now).await?;
    Ok(redirect(&format!("/sign-out/{handle}")))
}

/// The page or place of somebody who came back.
pub fn arrived(
    state: &AppState,
    outcome: Result<Arrived, Failure>,
    reference: &str,
    purpose: UpstreamPurpose,
) -> Result<Response, Fault> {
    match outcome {
        Ok(Arrived::SignedIn(opened, onward)) => Ok(hand_over(redirect(&onward.address()), &opened, state)),
        Ok(Arrived::MayLink) => Ok(redirect("/upstream/link")),
        Ok(Arrived::Tested(tested)) => Ok(tested::show(&tested)),
        Err(failure) => Ok(nobody_came(&failure, reference, purpose)),
    }
}

/// The page of somebody who could not come in this way, with where they go on.
fn nobody_came(failure: &Failure, reference: &str, purpose: UpstreamPurpose) -> Response {
    let way_on = match purpose {
        UpstreamPurpose::SignIn(onward) => identify::address(onward),
        UpstreamPurpose::Link(_) => Onward::Account(AccountPage::Connections).address(),
        UpstreamPurpose::Test(_) => return failed::show_tried(failure, reference),
    };
    failed::show(failure, reference, Some(way_on))
}
