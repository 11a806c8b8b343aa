//! What others signed: id tokens of upstream providers, verified by the keys that their issuer publishes.
//!
//! Owns which signatures count: four algorithms, none of them with a shared secret, each with the kind of key that is made
//! for it. What a token says of keys itself (`jku`, `jwk`, `x5u`, `x5c`) is not looked at; what its claims say is the
//! caller's to check. Never verifies what is ours.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// No id token that means well is longer, whatever it lists.
const MAX_BYTES: usize = 64 * 1024;

/// No issuer that means well publishes more keys.
const MAX_KEYS: usize = 100;

/// The public keys of an issuer (RFC 7517 §5).
#[derive(Clone)]
pub struct ForeignKeys(Vec<Jwk>);

/// The claims of a token that is believed, and by which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed<C> {
    /// What it claims.
    pub claims: C,
    /// What its issuer calls the key, if it has a name.
    pub key: Option<String>,
    /// By which algorithm it was signed, as JWS names it.
    pub algorithm: &'static str,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadForeignToken {
    /// It is no JWS of the form that id tokens have, or its claims can't be read.
    #[error("it can't be read")]
    Malformed,
    /// Its algorithm is none of RS256, PS256, ES256 and `EdDSA`.
    #[error("its algorithm is not RS256, PS256, ES256 or EdDSA")]
    Algorithm,
    /// Its issuer publishes no such key, as far as we know.
    #[error("it names a key that its issuer does not publish")]
    UnknownKey,
    /// Its signature is not by that key.
    #[error("its signature is not good")]
    Signature,
}

/// What of a header is looked at. Doubled, each is refused.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
}

impl ForeignKeys {
    /// Reads a JWK set. Keys of a kind that we don't know are passed over.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document: Value = serde_json::from_slice(document).ok()?;
        let keys = document.get("keys")?.as_array()?;
        let known = keys.iter().take(MAX_KEYS);
        let known = known.filter_map(|key| serde_json::from_value(key.clone()).ok());
        Some(Self(known.collect()))
    }

    /// The claims of a token that one of these keys signed.
    pub fn verify<C: DeserializeOwned>(&self, token: &str) -> Result<Believed<C>, BadForeignToken> {
        let (algorithm, kid) = read_header(token)?;
        let mut known = false;
        for key in self.good_for(algorithm, kid.as_deref()) {
            known = true;
            match verify_by(key, algorithm, token) {
                Err(BadForeignToken::Signature) => {}
                Err(other) => return Err(other),
                Ok(claims) => {
                    return Ok(Believed {
                        claims,
                        key: key.common.key_id.clone(),
                        algorithm: name_of(algorithm),
                    });
                }
            }
        }
        Err(if known {
            BadForeignToken::Signature
        } else {
            BadForeignToken::UnknownKey
        })
    }

    /// The keys that a header can mean. Where it names none, there must be no choice (OpenID Connect Core §10.1).
    fn good_for(&self, algorithm: Algorithm, kid: Option<&str>) -> Vec<&Jwk> {
        let fit = self.0.iter().filter(|key| is_made_for(key, algorithm));
        if let Some(kid) = kid {
            return fit
                .filter(|key| key.common.key_id.as_deref() == Some(kid))
                .collect();
        }
        let fit: Vec<_> = fit.collect();
        if fit.len() == 1 { fit } else { Vec::new() }
    }
}

fn read_header(token: &str) -> Result<(Algorithm, Option<String>), BadForeignToken> {
    let parts = token.split('.').count();
    let (header, _) = token.split_once('.').ok_or(BadForeignToken::Malformed)?;
    if token.len() > MAX_BYTES || parts != 3 {
        return Err(BadForeignToken::Malformed);
    }
    let header = URL_SAFE_NO_PAD.decode(header).ok();
    let header: Option<Header> = header.and_then(|header| serde_json::from_slice(&header).ok());
    let header = header.ok_or(BadForeignToken::Malformed)?;
    // RFC 7515 §4.1.11: what must be understood and isn't; another `typ` is a token for something else (RFC 8725 §3.11).
    let extended = header.crit.is_some() || header.b64.is_some();
    if extended || header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(BadForeignToken::Malformed);
    }
    let algorithm = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "PS256" => Algorithm::PS256,
        "ES256" => Algorithm::ES256,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(BadForeignToken::Algorithm),
    };
    Ok((algorithm, header.kid))
}

fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::PS256 => "PS256",
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        _ => "RS256",
    }
}

fn is_made_for(key: &Jwk, algorithm: Algorithm) -> bool {
    let (named, kind) = match (algorithm, &key.algorithm) {
        (Algorithm::RS256, AlgorithmParameters::RSA(_)) => (KeyAlgorithm::RS256, true),
        (Algorithm::PS256, AlgorithmParameters::RSA(_)) => (KeyAlgorithm::PS256, true),
        (Algorithm::ES256, AlgorithmParameters::EllipticCurve(key)) => {
            (KeyAlgorithm::ES256, key.curve == EllipticCurve::P256)
        }
        (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(key)) => {
            (KeyAlgorithm::EdDSA, key.curve == EllipticCurve::Ed25519)
        }
        _ => return false,
    };
    let common = &key.common;
    let signs = common.public_key_use.is_none() || common.public_key_use == Some(PublicKeyUse::Signature);
    let operations = common.key_operations.as_ref();
    let verifies = operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    kind && signs && verifies && common.key_algorithm.is_none_or(|own| own == named)
}

fn verify_by<C: DeserializeOwned>(
    key: &Jwk,
    algorithm: Algorithm,
    token: &str,
) -> Result<C, BadForeignToken> {
    let key = DecodingKey::from_jwk(key).map_err(|_| BadForeignToken::Signature)?;
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = jsonwebtoken::decode::<C>(token, &key, &validation);
    decoded
        .map(|data| data.claims)
        .map_err(|error| match error.kind() {
            ErrorKind::Json(_) | ErrorKind::Utf8(_) => BadForeignToken::Malformed,
            _ => BadForeignToken::Signature,
        })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    struct Issuer(EcdsaKeyPair);

    impl Issuer {
        fn new() -> Self {
            Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
        }

        fn jwk(&self) -> Value {
            let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
            let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            json!({ "kty": "EC", "crv": "P-256", "kid": "one", "x": text(x), "y": text(y) })
        }

        fn keys(&self) -> ForeignKeys {
            keys(&[self.jwk()])
        }

        #[expect(
            clippy::disallowed_methods,
            reason = "a signature takes randomness of its own"
        )]
        fn sign(&self, header: &str, claims: &str) -> String {
            let signed = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(header),
                URL_SAFE_NO_PAD.encode(claims)
            );
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    const HEADER: &str = r#"{"alg":"ES256","kid":"one","typ":"JWT"}"#;

    fn keys(keys: &[Value]) -> ForeignKeys {
        ForeignKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    fn verdict(keys: &ForeignKeys, token: &str) -> Result<Value, BadForeignToken> {
        keys.verify(token).map(|believed| believed.claims)
    }

    #[test]
    fn what_the_issuer_signed_is_believed_and_nothing_else() {
        let (acme, other) = (Issuer::new(), Issuer::new());
        let token = acme.sign(HEADER, r#"{"sub":"bob"}"#);
        assert_eq!(verdict(&acme.keys(), &token).unwrap()["sub"], "bob");
        let changed = token.replacen(
            &URL_SAFE_NO_PAD.encode(r#"{"sub":"bob"}"#),
            &URL_SAFE_NO_PAD.encode(r#"{"sub":"eve"}"#),
            1,
        );
        assert_eq!(verdict(&acme.keys(), &changed), Err(BadForeignToken::Signature));
        assert_eq!(verdict(&other.keys(), &token), Err(BadForeignToken::Signature));
        for odd in ["", ".", "..", "a.b", "a.b.c.d", &"x".repeat(MAX_BYTES + 1)] {
            assert_eq!(
                verdict(&acme.keys(), odd),
                Err(BadForeignToken::Malformed),
                "{odd:.20}"
            );
        }
    }

    #[test]
    fn up7_no_algorithm_but_the_four_and_none_by_a_secret() {
        let acme = Issuer::new();
        for alg in [
            "none", "None", "NONE", "HS256", "HS512", "RS1", "ES384", "ES256K", "es256", "",
        ] {
            let token = acme.sign(&HEADER.replace("ES256", alg), "{}");
            assert_eq!(
                verdict(&acme.keys(), &token),
                Err(BadForeignToken::Algorithm),
                "{alg}"
            );
            let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
            assert_eq!(
                verdict(&acme.keys(), &unsigned),
                Err(BadForeignToken::Algorithm),
                "{alg}"
            );
        }
        // The client's secret, published or not, and the issuer's public key verify nothing.
        let public = acme.jwk().to_string();
        for secret in ["the client's secret", &public] {
            let signed = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(HEADER.replace("ES256", "HS256")),
                URL_SAFE_NO_PAD.encode("{}")
            );
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
            let symmetric = json!({ "kty": "oct", "kid": "one", "k": URL_SAFE_NO_PAD.encode(secret) });
            let known = keys(&[acme.jwk(), symmetric]);
            assert_eq!(
                verdict(&known, &format!("{signed}.{mac}")),
                Err(BadForeignToken::Algorithm)
            );
        }
    }

    #[test]
    fn jw3_jw4_a_token_does_not_choose_its_key() {
        let (acme, mallory) = (Issuer::new(), Issuer::new());
        let own = mallory.jwk();
        for more in [
            format!(r#","jwk":{own}"#),
            r#","jku":"https://mallory.example/keys""#.to_owned(),
            r#","x5u":"https://mallory.example/chain""#.to_owned(),
        ] {
            let header = HEADER.replace('}', &format!("{more}}}"));
            assert!(
                verdict(&acme.keys(), &mallory.sign(&header, "{}")).is_err(),
                "{more}"
            );
        }
        for kid in ["two", "../one", "one' OR 1=1", "", &"x".repeat(4096)] {
            let token = acme.sign(&HEADER.replace("one", kid), "{}");
            assert_eq!(
                verdict(&acme.keys(), &token),
                Err(BadForeignToken::UnknownKey),
                "{kid:.20}"
            );
        }
        let nameless = acme.sign(r#"{"alg":"ES256"}"#, "{}");
        assert!(verdict(&acme.keys(), &nameless).is_ok());
        let two = keys(&[acme.jwk(), mallory.jwk()]);
        assert_eq!(
            verdict(&two, &nameless),
            Err(BadForeignToken::UnknownKey),
            "there is a choice"
        );
    }

    #[test]
    fn jw5_jw6_what_is_not_understood_or_for_something_else_is_refused() {
        let acme = Issuer::new();
        for header in [
            r#"{"alg":"ES256","kid":"one","crit":["exp"]}"#,
            r#"{"alg":"ES256","kid":"one","b64":false}"#,
            r#"{"alg":"ES256","alg":"ES256","kid":"one"}"#,
            r#"{"alg":"ES256","kid":"one","typ":"at+jwt"}"#,
            r#"{"alg":"ES256","kid":"one","typ":"logout+jwt"}"#,
            r#"{"kid":"one"}"#,
            "[]",
        ] {
            let token = acme.sign(header, "{}");
            assert_eq!(
                verdict(&acme.keys(), &token),
                Err(BadForeignToken::Malformed),
                "{header}"
            );
        }
    }

    #[test]
    fn a_key_is_used_for_what_it_is_made_for() {
        let acme = Issuer::new();
        let token = acme.sign(HEADER, "{}");
        let with = |name: &str, value: Value| {
            let mut jwk = acme.jwk();
            jwk[name] = value;
            verdict(&keys(&[jwk]), &token).is_ok()
        };
        assert!(
            with("use", "sig".into()) && with("alg", "ES256".into()) && with("key_ops", json!(["verify"]))
        );
        assert!(
            !with("use", "enc".into())
                && !with("alg", "RS256".into())
                && !with("key_ops", json!(["encrypt"]))
        );
        assert!(!with("crv", "P-384".into()) && !with("kty", "RSA".into()));
        let strange = json!({ "kty": "AKP", "kid": "new", "alg": "ML-DSA-65", "pub": "AA" });
        assert!(verdict(&keys(&[strange, json!("rubbish"), acme.jwk()]), &token).is_ok());
        for rubbish in ["", "{}", "[]", r#"{"keys":{}}"#, "<html>"] {
            assert!(ForeignKeys::parse(rubbish.as_bytes()).is_none(), "{rubbish}");
        }
    }

    #[test]
    fn jw13_claims_as_deep_as_they_like_cost_nothing() {
        let acme = Issuer::new();
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let token = acme.sign(HEADER, &deep);
        assert_eq!(verdict(&acme.keys(), &token), Err(BadForeignToken::Malformed));
    }
}
