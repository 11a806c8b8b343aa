//! A code becomes an id token, between us and the provider (OpenID Connect Core §3.1.3), by whichever way we prove who we
//! are there.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::providers::Known;
use crate::domain::connection::{ClientAuthentication, OidcProvider};
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Stage;
use crate::keyring::{Keyring, TokenKind};
use crate::outbound::Outbound;
use crate::random;
use crate::upstream::Failure;

/// The longest answer of a token endpoint, in bytes.
const LONGEST: usize = 256 * 1024;

/// How long an assertion of ours is good.
const ASSERTION_LIFETIME: Duration = Duration::from_mins(1);

/// A code to redeem, and what it was asked for with.
pub(super) struct Redeemable<'c> {
    /// `code`.
    pub(super) code: &'c str,
    /// `code_verifier`.
    pub(super) verifier: &'c str,
    /// `redirect_uri`.
    pub(super) callback: &'c str,
}

/// What the token endpoint gave.
pub(super) struct Tokens {
    /// Who came.
    pub(super) id_token: String,
    /// What opens the userinfo endpoint.
    pub(super) access_token: Option<Zeroizing<String>>,
}

/// Who we are at a provider's token endpoint (RFC 7523 §3). Its audience is the issuer and nothing else, so that it is
/// worth nothing at another server.
#[derive(Serialize)]
struct ClientAssertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Answer {
    id_token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Redeems a code.
pub(super) async fn redeem(
    outbound: &Outbound,
    keyring: &Keyring,
    known: &Known,
    provider: &OidcProvider,
    secret: Option<&str>,
    code: &Redeemable<'_>,
    now: Timestamp,
) -> Result<Tokens, Failure> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.code),
        ("redirect_uri", code.callback),
        ("code_verifier", code.verifier),
    ];
    let (mut authorization, mut assertion) = (None, String::new());
    match (provider.authentication, secret) {
        (ClientAuthentication::ClientSecretBasic, Some(secret)) => {
            authorization = Some(basic(&provider.client_id, secret));
        }
        (ClientAuthentication::ClientSecretPost, Some(secret)) => {
            form.extend([
                ("client_id", provider.client_id.as_str()),
                ("client_secret", secret),
            ]);
        }
        (ClientAuthentication::PrivateKeyJwt, _) => {
            assertion = client_assertion(keyring, known, provider, now)?;
            form.extend([
                ("client_id", provider.client_id.as_str()),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
            ]);
        }
        (_, None) => {
            let told = "the connection has no client secret";
            return Err(Failure::at(Stage::Provider, "no_client_secret", told));
        }
    }
    if !assertion.is_empty() {
        form.push(("client_assertion", &assertion));
    }
    let authorization = authorization.as_ref().map(|text| text.as_str());
    let endpoint = &known.discovery.token_endpoint;
    let answer = outbound.post_form(endpoint, &form, authorization, LONGEST).await;
    let answer = answer.map_err(|error| {
        let told = format!("its token endpoint gave no answer: {error}");
        Failure::at(Stage::Provider, "provider_silent", told)
    })?;
    read(answer.status, &answer.body)
}

fn read(status: u16, body: &[u8]) -> Result<Tokens, Failure> {
    if status != 200 {
        let told = match serde_json::from_slice::<Refused>(body) {
            Ok(refused) => format!(
                "its token endpoint refused: {} {}",
                refused.error, refused.error_description
            ),
            Err(_) => format!("its token endpoint answered with status {status}"),
        };
        return Err(Failure::at(Stage::Response, "code_refused", told));
    }
    let broken = |told: &str| Failure::at(Stage::Response, "bad_token_response", told);
    // The parser's own words could quote a token.
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| broken("the answer of its token endpoint can't be read"))?;
    Ok(Tokens {
        id_token: answer
            .id_token
            .ok_or_else(|| broken("its token endpoint gave no id token"))?,
        access_token: answer.access_token.map(Zeroizing::new),
    })
}

/// RFC 6749 §2.3.1: both are form-encoded first.
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

fn client_assertion(
    keyring: &Keyring,
    known: &Known,
    provider: &OidcProvider,
    now: Timestamp,
) -> Result<String, Failure> {
    let listed = known.discovery.assertion_algorithms.as_deref();
    let takes = |name: &str| listed.is_some_and(|listed| listed.iter().any(|one| one == name));
    let algorithm = if takes("ES256") {
        SigningAlgorithm::Es256
    } else if takes("RS256") || listed.is_none() {
        SigningAlgorithm::Rs256
    } else {
        let told = "it takes assertions signed with neither ES256 nor RS256";
        return Err(Failure::at(Stage::Provider, "no_assertion_algorithm", told));
    };
    let jti = random::secret();
    let assertion = ClientAssertion {
        iss: &provider.client_id,
        sub: &provider.client_id,
        aud: &provider.issuer,
        jti: jti.expose(),
        iat: now.seconds(),
        exp: now.plus(ASSERTION_LIFETIME).seconds(),
    };
    Ok(keyring.sign(TokenKind::ClientAssertion, algorithm, &assertion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_as_rfc_6749_encodes_it() {
        let header = basic("door ward:1", "s+ü/%");
        let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(pair, b"door+ward%3A1:s%2B%C3%BC%2F%25");
    }

    #[test]
    fn what_a_token_endpoint_says_is_told_and_a_token_never() {
        let refused = |status, body: &str| read(status, body.as_bytes()).err().unwrap();
        let told = refused(400, r#"{"error":"invalid_grant","error_description":"used"}"#);
        assert_eq!(told.detail, "its token endpoint refused: invalid_grant used");
        assert_eq!(
            refused(500, "<html>sesame").detail,
            "its token endpoint answered with status 500"
        );
        assert_eq!(refused(302, "").refusal, "code_refused");
        for body in [
            "",
            "sesame",
            r#"{"access_token":"sesame"}"#,
            r#"{"id_token":["sesame"]}"#,
        ] {
            let told = refused(200, body);
            assert_eq!(told.refusal, "bad_token_response", "{body}");
            assert!(!told.detail.contains("sesame"), "{told:?}");
        }
    }
}
