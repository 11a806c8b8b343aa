//! The token endpoint. Every grant type goes through the same phases: read, recognise the client, redeem, sign.
//! A grant type fills in one phase only, so none can forget another.

mod authorization_code;
mod client;
mod sign;

use serde::Serialize;

use super::live::Live;
use super::{ErrorCode, OAuthError, Parameters, Provider};
use crate::audit::Origin;
use crate::domain::id::{ActivationId, FamilyId};
use crate::domain::oauth::{Application, Scope};
use crate::domain::time::Timestamp;
use crate::storage::StorageError;

/// A token request as it came.
pub struct TokenRequest<'a> {
    /// The `Authorization` header, if there was one.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a str,
    /// From where.
    pub origin: Origin,
}

/// The answer (RFC 6749 §5.1).
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Told to the client.
    #[error("{0}")]
    Refused(OAuthError),
    /// Not told.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<OAuthError> for TokenError {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

/// What a grant type comes to: who may have which token.
struct Entitled {
    family: FamilyId,
    activation: ActivationId,
    live: Live,
    scope: Scope,
    audience: String,
    nonce: Option<String>,
}

/// Answers a token request.
pub async fn respond(
    provider: &Provider,
    request: TokenRequest<'_>,
    now: Timestamp,
) -> Result<TokenResponse, TokenError> {
    let parameters = Parameters::parse(request.body)?;
    let client = client::authenticate(provider, request.authorization, &parameters).await?;
    let entitled = match parameters.required("grant_type")? {
        "authorization_code" => {
            authorization_code::redeem(provider, &client, &parameters, request.origin, now).await?
        }
        _ => {
            return Err(ErrorCode::UnsupportedGrantType
                .because("grant_type must be authorization_code")
                .into());
        }
    };
    Ok(sign::sign(provider, &client, &entitled, now))
}

/// The audience of a token: the application itself, or the one resource that is named now or was named alone before
/// (RFC 8707 §2.2).
fn audience(client: &Application, granted: &[String], parameters: &Parameters) -> Result<String, OAuthError> {
    let named = parameters.many("resource")?;
    if named
        .iter()
        .any(|resource| !granted.iter().any(|known| known == resource))
    {
        return Err(ErrorCode::InvalidTarget.because("resource is not one that was authorized"));
    }
    match (named.as_slice(), granted) {
        ([], []) => Ok(client.id.to_string()),
        ([one], _) => Ok((*one).to_owned()),
        ([], [one]) => Ok(one.clone()),
        _ => Err(ErrorCode::InvalidTarget.because("name one resource; a token is for one audience")),
    }
}
