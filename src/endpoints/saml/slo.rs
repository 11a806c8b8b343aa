//! `/saml/{idp,sp}/…/slo`: sign-outs that applications and providers ask for, and their answers to ours.
//!
//! What comes by a form comes without our cookies. It is verified at once, and goes on to where they are.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::field;
use crate::domain::secret::Purpose;
use crate::domain::sign_out::Party;
use crate::oidc::Parameters;
use crate::pages::signed_out::{finish, leave};
use crate::saml::Refusal;
use crate::saml::binding::{self, Parameter};
use crate::saml::incoming::Incoming;
use crate::sign_in;
use crate::single_logout::{Asked, Taken};
use crate::web::{AppState, Caller, Fault, redirect};

/// `GET /saml/idp/{application}/slo`
pub async fn of_application(
    state: State<AppState>,
    caller: Caller,
    Path(application): Path<String>,
    query: RawQuery,
) -> Result<Response, Fault> {
    let application = application.parse().map_err(|_| Fault::NotFound)?;
    by_address(&state, caller, Party::Application(application), query).await
}

/// `POST /saml/idp/{application}/slo`
pub async fn of_application_by_post(
    State(state): State<AppState>,
    Path(application): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let from = Party::Application(application.parse().map_err(|_| Fault::NotFound)?);
    let carried = by_form(&state, from, &body).await?;
    Ok(redirect(&format!("/saml/idp/{application}/slo?taken={carried}")))
}

/// `GET /saml/sp/{connection}/slo`
pub async fn of_connection(
    state: State<AppState>,
    caller: Caller,
    Path(connection): Path<String>,
    query: RawQuery,
) -> Result<Response, Fault> {
    let connection = connection.parse().map_err(|_| Fault::NotFound)?;
    by_address(&state, caller, Party::Connection(connection), query).await
}

/// `POST /saml/sp/{connection}/slo`
pub async fn of_connection_by_post(
    State(state): State<AppState>,
    Path(connection): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let from = Party::Connection(connection.parse().map_err(|_| Fault::NotFound)?);
    let carried = by_form(&state, from, &body).await?;
    Ok(redirect(&format!("/saml/sp/{connection}/slo?taken={carried}")))
}

async fn by_address(
    state: &AppState,
    caller: Caller,
    from: Party,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let query = query.unwrap_or_default();
    let (logout, now) = (&state.single_logout, state.clock.now());
    let carries = |parameter| binding::carries(&query, parameter).map_err(refused);
    let taken = match (carries(Parameter::Request)?, carries(Parameter::Response)?) {
        (true, false) => logout.take_request(from, Incoming::Query(&query), now).await?,
        (false, true) => logout.take_response(from, Incoming::Query(&query), now).await?,
        (true, true) => return Err(refused(Refusal::ParameterTwice)),
        (false, false) => {
            let parameters = Parameters::parse(&query)?;
            let carried = parameters.one("taken")?;
            let taken = carried.and_then(|text| logout.carried(from, text, now));
            taken.ok_or(Fault::ExpiredFlow)?
        }
    };
    match taken {
        Taken::Response(response) => {
            let browser = caller.known_browser()?.hash(Purpose::Browser);
            let handle = logout.heard(from, &response, &browser, now).await?;
            let handle = handle.ok_or(Fault::ExpiredFlow)?;
            Ok(redirect(&format!("/sign-out/{}", handle.expose())))
        }
        Taken::Request(request) => {
            let asked = logout.asked(from, request, now).await?;
            sign_out(state, caller, asked).await
        }
    }
}

async fn by_form(state: &AppState, from: Party, body: &Bytes) -> Result<String, Fault> {
    let (logout, now) = (&state.single_logout, state.clock.now());
    let relay_state = field(body, "RelayState")?;
    let form = |message| Incoming::Form {
        message,
        relay_state: relay_state.as_deref(),
    };
    let taken = match (field(body, "SAMLRequest")?, field(body, "SAMLResponse")?) {
        (Some(message), None) => logout.take_request(from, form(&message), now).await?,
        (None, Some(message)) => logout.take_response(from, form(&message), now).await?,
        (Some(_), Some(_)) => return Err(refused(Refusal::ParameterTwice)),
        (None, None) => return Err(refused(Refusal::ParameterMissing)),
    };
    Ok(logout.carry(from, taken, now))
}

/// Ends the sessions that are meant: in other browsers at once, and this one's with all who must hear of it.
async fn sign_out(state: &AppState, caller: Caller, asked: Asked) -> Result<Response, Fault> {
    let (db, keyring, now) = (&state.provider.db, &state.provider.keyring, state.clock.now());
    let here = caller.signed_in.as_ref().map(|signed_in| signed_in.session.id);
    let mut is_here = false;
    for session in asked.sessions {
        if Some(session.id) == here {
            is_here = true;
        } else {
            sign_in::sign_out(db, keyring, session, caller.origin.clone(), now).await?;
        }
    }
    if is_here {
        leave(state, caller, asked.then).await
    } else {
        finish(state, asked.then).await
    }
}

fn refused(why: Refusal) -> Fault {
    Fault::BadRequest(why.to_string().into())
}
