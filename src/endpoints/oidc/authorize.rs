//! `/oauth2/authorize`: where applications send people.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::domain::id::ApplicationId;
use crate::domain::oauth::Application;
use crate::oidc::authorize::{Checked, Refusal, check};
use crate::oidc::{MAX_ENCODED_BYTES, Parameters};
use crate::pages::answer;
use crate::storage::applications;
use crate::web::{AnswerTo, AppState, Caller, Fault, Waiting, as_query, redirect};

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
    let destination = AnswerTo::Redirect(destination);
    let waiting = Waiting::new(&state, application, request, destination);
    answer::begin(&state, &caller, &headers, waiting).await
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
    answer::proceed(&state, &caller, waiting, None).await
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
