//! `/oauth2/logout`: where applications send people to sign out (RP-Initiated Logout 1.0 §2).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use crate::oidc::Parameters;
use crate::oidc::logout::{self, LogoutRequest};
use crate::pages::signed_out::{after, confirm, leave};
use crate::storage::{StorageError, activations};
use crate::web::{AppState, Caller, Fault, as_query, redirect};

/// `GET /oauth2/logout`. With an id token of the session that is here, the person asked for this at the application;
/// without, they are asked.
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let parameters = Parameters::parse(query.as_deref().unwrap_or_default())?;
    let request = logout::read(&state.provider, &parameters).await?;
    if caller.signed_in.is_none() {
        return leave(&state, caller, after(&request)).await;
    }
    if is_for_this_session(&state, &caller, &request).await? {
        return leave(&state, caller, after(&request)).await;
    }
    confirm::ask(&state, &caller, &request).await
}

/// `POST /oauth2/logout`. A cross-site POST comes without our cookies, so it becomes the same request by GET.
pub async fn begin_by_post(body: Bytes) -> Result<Response, Fault> {
    Ok(redirect(&format!("/oauth2/logout?{}", as_query(&body)?)))
}

async fn is_for_this_session(
    state: &AppState,
    caller: &Caller,
    request: &LogoutRequest,
) -> Result<bool, StorageError> {
    let (Some(activation), Some(signed_in)) = (request.activation, &caller.signed_in) else {
        return Ok(false);
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let activation = activations::by_id(&mut snapshot.tx(), activation).await?;
    Ok(activation.is_some_and(|activation| activation.session == signed_in.session.id))
}
