//! The access token, checked as a service would that is shown it: with the provider's public keys and nothing else.
//!
//! RFC 9068 §4. Uses another library than the id token's, because the service would be another program.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use super::Settings;
use super::claims::{CheckedToken, Claims, lifetime, signed};
use super::problem::{Cause, Problem};

/// Checks `token`, which must be about `subject`, the person of the id token.
pub(super) fn check(
    token: &str,
    keys: &JwkSet,
    settings: &Settings,
    subject: &str,
) -> Result<CheckedToken, Problem> {
    verify(token, keys, settings, subject).map_err(|cause| Problem::BadToken {
        token: "access token",
        cause,
    })
}

fn verify(token: &str, keys: &JwkSet, settings: &Settings, subject: &str) -> Result<CheckedToken, Cause> {
    let key_id = decode_header(token)?.kid.ok_or("its header names no key")?;
    let key = keys
        .find(&key_id)
        .ok_or("its header names a key that the provider does not publish")?;

    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    rules.set_issuer(&[&settings.issuer]);
    rules.set_audience(&[&settings.client_id]);
    rules.sub = Some(subject.to_owned());
    rules.validate_nbf = true;
    // One machine, one clock.
    rules.leeway = 0;
    let token = decode::<Claims>(token, &DecodingKey::from_jwk(key)?, &rules)?;

    // An id token is signed by the same provider and says as much: only the type tells them apart (RFC 9068 §2.1).
    let typ = token.header.typ.unwrap_or_default().to_ascii_lowercase();
    if typ.strip_prefix("application/").unwrap_or(&typ) != "at+jwt" {
        return Err(format!("its type is {typ:?}, not at+jwt").into());
    }
    let checks = vec![
        "of the type at+jwt, not an ID token in its place".to_owned(),
        signed("ES256", &key_id),
        format!("issued by {}", settings.issuer),
        format!("meant for {}", settings.client_id),
        "about the person of the ID token".to_owned(),
        lifetime(&token.claims),
    ];
    Ok(CheckedToken {
        claims: token.claims,
        checks,
    })
}
