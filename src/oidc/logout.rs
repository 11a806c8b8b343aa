//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): an application sends its person here to sign out.

use super::authorize::Destination;
use super::id_token::IdTokenClaims;
use super::{ErrorCode, OAuthError, Parameters, Provider};
use crate::domain::id::{ActivationId, ApplicationId};
use crate::domain::oauth::Application;
use crate::storage::{StorageError, applications};

/// What is asked, checked.
pub struct LogoutRequest {
    /// The session that is meant, if an id token of ours says so.
    pub activation: Option<ActivationId>,
    /// The application that asks, if it is known.
    pub application: Option<Application>,
    /// Where the person goes afterwards: a registered address of that application.
    pub destination: Option<Destination>,
    /// The parameters that ask the same once more, without the id token.
    pub again: Vec<(&'static str, String)>,
}

impl LogoutRequest {
    /// Nobody's: a person who came by themselves.
    pub fn of_nobody() -> Self {
        Self {
            activation: None,
            application: None,
            destination: None,
            again: Vec::new(),
        }
    }
}

/// Why a request is a page instead.
#[derive(Debug, thiserror::Error)]
pub enum BadLogout {
    /// `post_logout_redirect_uri` is not one that the application registered, or no application is known.
    #[error("post_logout_redirect_uri is not registered")]
    BadRedirect,
    /// A parameter makes no sense.
    #[error("{0}")]
    Parameters(OAuthError),
    /// Not told.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<OAuthError> for BadLogout {
    fn from(error: OAuthError) -> Self {
        Self::Parameters(error)
    }
}

/// Reads and checks a request (§2). An id token of ours is good however old; what it says of the session is proof that
/// the application once had it.
pub async fn read(provider: &Provider, parameters: &Parameters) -> Result<LogoutRequest, BadLogout> {
    let hint = parameters.token("id_token_hint")?;
    let hint = hint.map(|token| IdTokenClaims::once_ours(&provider.keyring, &provider.issuer, token));
    let hint = hint
        .transpose()
        .map_err(|_| ErrorCode::InvalidRequest.because("id_token_hint is not an id token of ours"))?;
    let client_id = parameters.one("client_id")?;
    let hinted = hint.as_ref().map(|claims| claims.aud.as_str());
    if let (Some(sent), Some(hinted)) = (client_id, hinted)
        && sent != hinted
    {
        return Err(ErrorCode::InvalidRequest
            .because("client_id is not whom id_token_hint is for")
            .into());
    }
    let application = match hinted.or(client_id) {
        Some(id) => application(provider, id).await?,
        None => None,
    };
    let destination = destination(provider, parameters, application.as_ref())?;
    let mut again = Vec::new();
    if let Some(application) = &application {
        again.push(("client_id", application.id.to_string()));
    }
    for name in ["post_logout_redirect_uri", "state"] {
        again.extend(parameters.one(name)?.map(|value| (name, value.to_owned())));
    }
    Ok(LogoutRequest {
        activation: hint.and_then(|claims| claims.sid.parse().ok()),
        application,
        destination,
        again,
    })
}

async fn application(provider: &Provider, id: &str) -> Result<Option<Application>, StorageError> {
    let Ok(id) = id.parse::<ApplicationId>() else {
        return Ok(None);
    };
    let mut snapshot = provider.db.snapshot().await?;
    applications::active(&mut snapshot.tx(), id).await
}

/// §3: exactly a registered one, with `state`.
fn destination(
    provider: &Provider,
    parameters: &Parameters,
    application: Option<&Application>,
) -> Result<Option<Destination>, BadLogout> {
    let Some(uri) = parameters.one("post_logout_redirect_uri")? else {
        return Ok(None);
    };
    let state = parameters.one("state")?;
    let application = application.ok_or(BadLogout::BadRedirect)?;
    Destination::after_logout(application, uri, state, &provider.issuer)
        .map(Some)
        .ok_or(BadLogout::BadRedirect)
}
