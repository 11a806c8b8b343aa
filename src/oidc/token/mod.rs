//! The token endpoint. Every grant type goes through the same phases: read, recognise the client, redeem, sign.
//! A grant type fills in one phase only, so none can forget another.

mod authorization_code;
mod client_credentials;
mod refresh_token;
mod sign;

use serde::Serialize;

pub use refresh_token::GRACE;

use super::client::{self, ClientRequest};
use super::holder::Holder;
use super::{ErrorCode, OAuthError, Parameters, ProtocolError, Provider};
use crate::audit::Origin;
use crate::config::PublicUrl;
use crate::domain::access::{Address, Context, PermissionSet, Proved};
use crate::domain::id::{ActivationId, FamilyId};
use crate::domain::oauth::{Application, GrantType, Scope};
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// The answer (RFC 6749 §5.1).
#[derive(Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    /// By which way it came about; for the one who counts.
    #[serde(skip)]
    pub grant_type: GrantType,
}

/// What a grant type comes to: who may have which token.
struct Entitled {
    holder: Holder,
    family: Option<Descent>,
    scope: Scope,
    audience: String,
}

/// The family that a person's token descends from, and what comes beside the access token.
struct Descent {
    family: FamilyId,
    activation: ActivationId,
    ends_at: Timestamp,
    nonce: Option<String>,
    refresh_token: Option<Secret>,
    with_id_token: bool,
}

/// Answers a token request.
pub async fn respond(
    provider: &Provider,
    request: ClientRequest<'_>,
    now: Timestamp,
) -> Result<TokenResponse, ProtocolError> {
    let parameters = Parameters::parse(request.body)?;
    let client = client::authenticate(provider, request.authorization, &parameters, now).await?;
    let grant_type = grant_type(&client, &parameters)?;
    let (client_ref, origin) = (&client, request.origin);
    let entitled = match grant_type {
        GrantType::AuthorizationCode => {
            authorization_code::redeem(provider, client_ref, &parameters, origin, now).await?
        }
        GrantType::RefreshToken => {
            refresh_token::redeem(provider, client_ref, &parameters, origin, now).await?
        }
        GrantType::ClientCredentials => {
            client_credentials::redeem(provider, client_ref, &parameters, origin, now).await?
        }
    };
    Ok(sign::sign(provider, &client, grant_type, entitled, now))
}

/// One that there is, and that this client registered (RFC 6749 §5.2).
fn grant_type(client: &Application, parameters: &Parameters) -> Result<GrantType, OAuthError> {
    let grant_type: GrantType = parameters
        .required("grant_type")?
        .parse()
        .map_err(|_| ErrorCode::UnsupportedGrantType.because("grant_type is not one that is supported"))?;
    if client.may_use(grant_type) {
        Ok(grant_type)
    } else {
        Err(ErrorCode::UnauthorizedClient.because("this application is not registered for that grant_type"))
    }
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

/// Everything that an application may ask tokens for: its resources, and our own API if it is registered for that.
pub(super) fn resources_of(client: &Application, issuer: &PublicUrl) -> Vec<String> {
    let own = client.admin_api.then(|| issuer.at("/v2"));
    client.resources.iter().cloned().chain(own).collect()
}

/// A public client's address is its person's; a confidential back end's is not (DESIGN §4).
fn context(client: &Application, ceiling: Option<PermissionSet>, origin: &Origin, now: Timestamp) -> Context {
    let address = if client.is_public() {
        Address::Known(origin.address)
    } else {
        Address::NotThePersons
    };
    Context {
        now,
        ceiling,
        only_on: None,
        address,
        proved: Proved::NOTHING,
    }
}
