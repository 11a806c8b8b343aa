//! Compact JWS (RFC 7515 §7.1) as we make and take it: our own keys, one exact header per kind of token.
//!
//! Signing uses key pairs that were parsed once. Verifying goes through `jsonwebtoken` with everything it would
//! assume switched off; each kind of token has its own wrapper that checks what the claims say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::signing_keys::{SigningKey, SigningKeys};
use crate::domain::signing_key::SigningAlgorithm;

/// No token of ours is longer; whoever sends more has something else in mind.
pub const MAX_BYTES: usize = 16 * 1024;

/// What a token is for. Its `typ` keeps one kind from passing for another (RFC 8725 §3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// `JWT` (OpenID Connect Core §2).
    IdToken,
    /// `client-authentication+jwt`: who we are at an upstream provider's token endpoint (RFC 7523 §3).
    ClientAssertion,
}

/// The token is not one of ours, of this kind. Why is nobody's business who sends such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct BadToken;

/// The only header there is: a token with anything more in it (`crit`, `jku`, `jwk`, `x5u`, `b64`) is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

impl TokenKind {
    fn typ(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::IdToken => "JWT",
            Self::ClientAssertion => "client-authentication+jwt",
        }
    }
}

/// Signs claims.
pub(super) fn sign<C: Serialize>(key: &SigningKey, kind: TokenKind, claims: &C) -> String {
    let header = Header {
        alg: key.algorithm().name().into(),
        kid: key.id().into(),
        typ: kind.typ().into(),
    };
    let mut token = format!("{}.{}", encode(&header), encode(claims));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

fn encode<T: Serialize>(part: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("headers and claims are made of JSON values"))
}

/// Verifies the header and the signature, then reads the claims; doubled names in either are refused.
pub(super) fn verify<C: DeserializeOwned>(
    keys: &SigningKeys,
    kind: TokenKind,
    token: &str,
    good_for: impl Fn(&SigningKey) -> bool,
) -> Result<C, BadToken> {
    if token.len() > MAX_BYTES {
        return Err(BadToken);
    }
    let (header, _) = token.split_once('.').ok_or(BadToken)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| BadToken)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| BadToken)?;
    let key = keys
        .all()
        .iter()
        .find(|key| key.id() == header.kid && good_for(key))
        .ok_or(BadToken)?;
    if header.typ != kind.typ() || header.alg != key.algorithm().name() {
        return Err(BadToken);
    }
    let mut validation = Validation::new(match key.algorithm() {
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    });
    // Times and audiences are checked by the wrapper of each kind, against our own clock.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<C>(token, &key.verifying, &validation)
        .map(|data| data.claims)
        .map_err(|_| BadToken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StorageConfig;
    use crate::domain::time::Timestamp;
    use crate::keyring::Keyring;
    use crate::storage;
    use serde_json::{Value, json};

    /// 2026-11-22T09:30:00Z.
    const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

    async fn keyring() -> (Keyring, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let config = StorageConfig {
            data_dir: folder.path().join("data"),
            keys_dir: folder.path().join("keys"),
            database_url: None,
        };
        let db = storage::open(&config).await.unwrap();
        (Keyring::open(&db, &config.keys_dir, NOW).await.unwrap(), folder)
    }

    /// Whether a header passes whose signature is good; it is written as text, so that it can be any.
    fn passes(keyring: &Keyring, header: &str) -> bool {
        let keys = keyring.signing();
        let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), encode(&json!({})));
        let signature = keys.signing(SigningAlgorithm::Es256).sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        keyring
            .verify::<Value>(TokenKind::AccessToken, &token, NOW)
            .is_ok()
    }

    #[tokio::test]
    async fn jw4_jw5_jw6_our_own_signature_saves_no_header_but_the_one_there_is() {
        let (keyring, _folder) = keyring().await;
        let kid = keyring.signing().signing(SigningAlgorithm::Es256).id().to_owned();
        let good = format!(r#""alg":"ES256","kid":"{kid}","typ":"at+jwt""#);
        assert!(passes(&keyring, &format!("{{{good}}}")));
        for more in [
            r#""crit":["exp"],"exp":1"#,
            r#""crit":["unknown"],"unknown":1"#,
            r#""crit":[]"#,
            r#""b64":false,"crit":["b64"]"#,
            r#""b64":true"#,
            r#""jku":"https://evil.example""#,
            r#""x5u":"https://evil.example""#,
            r#""x5c":[]"#,
            r#""x5t":"x""#,
            r#""jwk":{"kty":"oct","k":""}"#,
            r#""cty":"JWT""#,
            r#""zip":"DEF""#,
            r#""enc":"A256GCM""#,
            r#""p2c":1000000000"#,
            r#""alg":"ES256""#,
            r#""typ":"at+jwt""#,
            r#""Typ":"at+jwt""#,
        ] {
            assert!(!passes(&keyring, &format!("{{{good},{more}}}")), "{more}");
            assert!(!passes(&keyring, &format!("{{{more},{good}}}")), "{more}");
        }
        for typ in [
            "JWT",
            "jwt",
            "AT+JWT",
            "application/at+jwt",
            "logout+jwt",
            "dpop+jwt",
            "at+jwt ",
            "",
        ] {
            let other = format!("{{{}}}", good.replace("at+jwt", typ));
            assert!(!passes(&keyring, &other), "{typ}");
        }
        for header in [
            format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#),
            r#"{"alg":"ES256","typ":"at+jwt"}"#.to_owned(),
            format!(r#"{{"kid":"{kid}","typ":"at+jwt"}}"#),
            format!(r#"["ES256","{kid}","at+jwt"]"#),
            format!("{{{good}}} x"),
            format!("{{{good}"),
            "\"at+jwt\"".to_owned(),
            String::new(),
        ] {
            assert!(!passes(&keyring, &header), "{header}");
        }
    }
}
