//! `/saml/idp/{application}/…`: our metadata for an application, and where it sends people to sign in.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::field;
use crate::domain::id::ApplicationId;
use crate::domain::oauth::{Answer, Application, AuthorizationRequest};
use crate::domain::service_provider::ServiceProvider;
use crate::downstream::{Read, Recipient};
use crate::oidc::Parameters;
use crate::pages::answer;
use crate::saml::binding::{self, Parameter};
use crate::saml::incoming::Incoming;
use crate::storage::{applications, service_providers};
use crate::web::{AnswerTo, AppState, Caller, Fault, Waiting, redirect};

/// `GET /saml/idp/{application}/metadata`
pub async fn metadata(
    State(state): State<AppState>,
    Path(application): Path<String>,
) -> Result<Response, Fault> {
    let (application, sp) = find(&state, &application).await?;
    let now = state.clock.now();
    let written = state.downstream.metadata(application.id, &sp, now).await?;
    Ok(super::metadata(written))
}

/// `GET /saml/idp/{application}/sso`: a request, one that was posted, or none where the person begins here.
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Path(application): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let (application, sp) = find(&state, &application).await?;
    let query = query.unwrap_or_default();
    let (downstream, now) = (&state.downstream, state.clock.now());
    let carries = binding::carries(&query, Parameter::Request).map_err(refused)?;
    let request = if carries {
        match downstream
            .read(&application, &sp, Incoming::Query(&query), now)
            .await?
        {
            Read::Asked(request) => *request,
            Read::Answer(posting) => return answer::posted(&posting),
            Read::Refused(why) => return Err(refused(why)),
        }
    } else if let Some(carried) = Parameters::parse(&query)?.one("asked")? {
        let request = downstream.carried(&application, carried, now);
        request.ok_or(Fault::ExpiredFlow)?
    } else {
        let relay_state = binding::relay_state(&query).map_err(refused)?;
        let request = downstream.unasked(&application, &sp, relay_state);
        request.ok_or_else(|| Fault::BadRequest("there is no SAML request in the address".into()))?
    };
    let waiting = waiting(&state, application, &sp, request)?;
    answer::begin(&state, &caller, &headers, waiting).await
}

/// `POST /saml/idp/{application}/sso`. A cross-site POST comes without our cookies, so what it asks goes on by GET.
pub async fn begin_by_post(
    State(state): State<AppState>,
    Path(application): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let (application, sp) = find(&state, &application).await?;
    let (message, relay_state) = (field(&body, "SAMLRequest")?, field(&body, "RelayState")?);
    let incoming = Incoming::Form {
        message: message.as_deref().unwrap_or_default(),
        relay_state: relay_state.as_deref(),
    };
    let (downstream, now) = (&state.downstream, state.clock.now());
    match downstream.read(&application, &sp, incoming, now).await? {
        Read::Asked(request) => {
            let carried = downstream.carry(&application, *request, now);
            Ok(redirect(&format!(
                "/saml/idp/{}/sso?asked={carried}",
                application.id
            )))
        }
        Read::Answer(posting) => answer::posted(&posting),
        Read::Refused(why) => Err(refused(why)),
    }
}

/// `GET /saml/idp/{application}/sso/{request}`: after each step, what is next?
pub async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Path((_, request)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let waiting = Waiting::require(&state, &caller, &request).await?;
    answer::proceed(&state, &caller, waiting, None).await
}

fn waiting(
    state: &AppState,
    application: Application,
    sp: &ServiceProvider,
    request: AuthorizationRequest,
) -> Result<Waiting, Fault> {
    let recipient = match &request.answer {
        Answer::Assertion(asked) => Recipient::validate(sp, asked),
        Answer::Code(_) => None,
    };
    let destination = AnswerTo::Post(recipient.ok_or(Fault::BadRedirect)?);
    Ok(Waiting::new(state, application, request, destination))
}

/// An application that speaks SAML; any other is as if it were not.
async fn find(state: &AppState, id: &str) -> Result<(Application, ServiceProvider), Fault> {
    let id: ApplicationId = id.parse().map_err(|_| Fault::NotFound)?;
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let application = applications::active(&mut tx, id).await?;
    let sp = service_providers::of(&mut tx, id).await?;
    application.zip(sp).ok_or(Fault::NotFound)
}

fn refused(why: crate::saml::Refusal) -> Fault {
    Fault::BadRequest(why.to_string().into())
}
