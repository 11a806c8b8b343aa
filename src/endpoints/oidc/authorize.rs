//! `/oauth2/authorize`: where applications send people.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::domain::id::ApplicationId;
use crate::domain::network::Network;
use crate::domain::oauth::Application;
use crate::domain::secret::Purpose;
use crate::domain::sign_in::SignIn;
use crate::oidc::authorize::{Checked, Next, Refusal, check};
use crate::oidc::{MAX_ENCODED_BYTES, Parameters};
use crate::random;
use crate::storage::authorization_requests::{self, WaitingRequest};
use crate::storage::{Lane, StorageError, applications};
use crate::web::{AppState, Caller, Fault, Waiting, as_query, give_code, proceed, redirect};

/// `GET /oauth2/authorize`
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let application = application(&state, &parameters).await?;
    let Checked { destination, request } = match check(&parameters, &application, &state.provider) {
        Ok(checked) => checked,
        Err(Refusal::BadRedirect) => return Err(Fault::BadRedirect),
        Err(Refusal::Redirect(to)) => return Ok(redirect(to.expose())),
    };
    let now = state.clock.now();
    let row = WaitingRequest {
        id: random::id(now),
        application: application.id,
        request,
        chosen_organization: None,
        put_off: false,
        created_at: now,
    };
    let waiting = Waiting {
        row,
        application,
        destination,
    };
    match waiting.next(&state, &caller, None).await? {
        Next::SignIn(_)
        | Next::ChooseOrganization(_)
        | Next::SecondFactor(_)
        | Next::Enrol(_)
        | Next::Consent(_) => {
            require_navigation(&headers)?;
            store(&state, &caller, waiting).await
        }
        Next::Issue(_) => give_code(&state, &caller, &waiting, waiting.chosen(&caller, None), false).await,
        Next::NoAccess(_) => Err(Fault::NoAccess),
        Next::Refuse(error) => Ok(redirect(waiting.destination.refuse(&error).expose())),
    }
}

/// `POST /oauth2/authorize` (OpenID Connect Core §3.1.2.1). A cross-site POST comes without our cookies, so it becomes
/// the same request by GET.
pub async fn begin_by_post(RawQuery(query): RawQuery, body: Bytes) -> Result<Response, Fault> {
    let body = as_query(&body)?;
    let query = query.map(|query| format!("{query}&")).unwrap_or_default();
    if query.len() + body.len() > MAX_ENCODED_BYTES {
        return Err(Fault::TooLarge);
    }
    Ok(redirect(&format!("/oauth2/authorize?{query}{body}")))
}

/// `GET /oauth2/authorize/{request}`: after each step, what is next?
pub async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let waiting = Waiting::require(&state, &caller, &id).await?;
    proceed(&state, &caller, waiting, None).await
}

/// Lets a request wait, and leads to what it waits for.
async fn store(state: &AppState, caller: &Caller, waiting: Waiting) -> Result<Response, Fault> {
    let browser = caller.browser();
    let (row, hash) = (waiting.row.clone(), browser.secret.hash(Purpose::Browser));
    let network = Network::of(caller.origin.address);
    let work = state.provider.db.write(Lane::Network(network), move |tx| {
        let (row, hash) = (row.clone(), hash.clone());
        Box::pin(async move { authorization_requests::insert(tx, &row, &hash, network).await })
    });
    let stored: Result<bool, StorageError> = work.await;
    if !stored? {
        return Err(Fault::TooManyTries(SignIn::LIFETIME));
    }
    Ok(browser.remember(redirect(&waiting.address()), state))
}

/// Somebody who is to see a page comes in a window of their own. An image or frame on another site that points here
/// leaves nothing waiting, so no site fills its visitors' network with requests that nobody made.
fn require_navigation(headers: &HeaderMap) -> Result<(), Fault> {
    match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
        None | Some(b"document") => Ok(()),
        Some(_) => Err(Fault::ForbiddenOrigin),
    }
}

/// RFC 9700 §4.11: who asks is known before anything is sent anywhere.
async fn application(state: &AppState, parameters: &Parameters) -> Result<Application, Fault> {
    let id = parameters.one("client_id")?.ok_or(Fault::UnknownClient)?;
    let id: ApplicationId = id.parse().map_err(|_| Fault::UnknownClient)?;
    let mut snapshot = state.provider.db.snapshot().await?;
    applications::active(&mut snapshot.tx(), id)
        .await?
        .ok_or(Fault::UnknownClient)
}
