//! Recognising the client, by the one method it registered (RFC 6749 §2.3).

use std::sync::Arc;

use aws_lc_rs::constant_time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::{ErrorCode, OAuthError, Parameters, ProtocolError, Provider};
use crate::audit::Origin;
use crate::domain::id::ApplicationId;
use crate::domain::oauth::{Application, ClientAuthentication};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;

/// A request that a client sends of itself, as it came.
pub struct ClientRequest<'a> {
    /// The `Authorization` header, if there was one.
    pub authorization: Option<&'a str>,
    /// The body.
    pub body: &'a str,
    /// From where.
    pub origin: Origin,
}

/// What a client sent to be recognised by.
enum Credentials {
    Basic(String, Secret),
    Post(String, Secret),
    None(String),
}

/// The application that sent a request. All that fail get the same answer.
pub(super) async fn authenticate(
    provider: &Provider,
    authorization: Option<&str>,
    parameters: &Parameters,
    now: Timestamp,
) -> Result<Arc<Application>, ProtocolError> {
    let credentials = read(authorization, parameters)?;
    let (Credentials::Basic(id, _) | Credentials::Post(id, _) | Credentials::None(id)) = &credentials;
    let id: ApplicationId = id.parse().map_err(|_| refused())?;
    let application = provider.client(id, now).await?.ok_or_else(refused)?;
    let right = match (&application.authentication, &credentials) {
        (ClientAuthentication::Public, Credentials::None(_)) => true,
        (ClientAuthentication::Basic(hash), Credentials::Basic(_, secret))
        | (ClientAuthentication::Post(hash), Credentials::Post(_, secret)) => is_hash_of(hash, secret),
        _ => false,
    };
    if right {
        Ok(application)
    } else {
        Err(refused().into())
    }
}

fn refused() -> OAuthError {
    ErrorCode::InvalidClient.because("the client was not recognised")
}

fn is_hash_of(hash: &SecretHash, secret: &Secret) -> bool {
    let sent = secret.hash(Purpose::ClientSecret);
    constant_time::verify_slices_are_equal(hash.as_bytes(), sent.as_bytes()).is_ok()
}

/// One method at a time: a secret in the header and another in the body is an error (RFC 6749 §2.3).
fn read(authorization: Option<&str>, parameters: &Parameters) -> Result<Credentials, OAuthError> {
    let client_id = parameters.one("client_id")?.map(str::to_owned);
    let body_secret = parameters.one("client_secret")?.map(Secret::received);
    if parameters.one("client_assertion")?.is_some() {
        return Err(refused());
    }
    match (authorization, client_id, body_secret) {
        (Some(_), _, Some(_)) => {
            Err(ErrorCode::InvalidRequest.because("the client authenticated in two ways at once"))
        }
        (Some(header), client_id, None) => {
            let (id, secret) = decode_basic(header).ok_or_else(refused)?;
            if client_id.is_some_and(|body| body != id) {
                return Err(
                    ErrorCode::InvalidRequest.because("client_id differs from the Authorization header")
                );
            }
            Ok(Credentials::Basic(id, secret))
        }
        (None, Some(id), Some(secret)) => Ok(Credentials::Post(id, secret)),
        (None, Some(id), None) => Ok(Credentials::None(id)),
        (None, None, _) => Err(ErrorCode::InvalidClient.because("client_id is missing")),
    }
}

/// `Basic base64(id:secret)`, both parts form-encoded first (RFC 6749 §2.3.1).
fn decode_basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text
        .split_once(':')
        .filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some((decode_form(id), Secret::received(decode_form(secret))))
}

fn decode_form(text: &str) -> String {
    let pair = format!("v={text}");
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
