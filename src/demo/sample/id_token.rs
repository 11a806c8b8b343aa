//! The id token, checked by `openidconnect` (OpenID Connect Core §3.1.3.7) before a word of it is believed.

use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, EmptyExtraTokenFields, IdTokenFields, IdTokenVerifier, JsonWebKey,
    Nonce, OAuth2TokenResponse, StandardTokenResponse, TokenResponse,
};
use serde::{Deserialize, Serialize};

use super::claims::{CheckedToken, Claims, lifetime, signed};
use super::problem::{Cause, Problem};

/// What this provider says beyond the standard claims: kept as it comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OwnClaims(Claims);

impl AdditionalClaims for OwnClaims {}

/// What the token endpoint answers: the library's own type but for [`OwnClaims`].
pub(super) type Tokens = StandardTokenResponse<
    IdTokenFields<
        OwnClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// Checks the id token among `tokens`, which must be made for the sign-in that sent `nonce`.
pub(super) fn check(
    tokens: &Tokens,
    verifier: IdTokenVerifier<'_, CoreJsonWebKey>,
    nonce: &Nonce,
) -> Result<CheckedToken, Problem> {
    verify(tokens, verifier, nonce).map_err(|cause| Problem::BadToken {
        token: "ID token",
        cause,
    })
}

fn verify(
    tokens: &Tokens,
    verifier: IdTokenVerifier<'_, CoreJsonWebKey>,
    nonce: &Nonce,
) -> Result<CheckedToken, Cause> {
    let token = tokens.id_token().ok_or("there is none")?;
    // What was registered; anything else would let the token choose how it is checked (RFC 8725 §3.1).
    let verifier = verifier.set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256]);
    let believed = token.claims(&verifier, nonce)?;
    let key = token.signing_key(&verifier)?;
    let claims: Claims = serde_json::from_value(serde_json::to_value(believed)?)?;

    let key_id = key.key_id().map_or("without a name", |id| id.as_str());
    let audience: Vec<&str> = believed
        .audiences()
        .iter()
        .map(|audience| audience.as_str())
        .collect();
    let mut checks = vec![
        signed("RS256", key_id),
        format!("issued by {}", believed.issuer().as_str()),
        format!("meant for {}", audience.join(", ")),
        "answers the one-time question (nonce) of this sign-in".to_owned(),
        lifetime(&claims),
    ];
    if let Some(said) = believed.access_token_hash() {
        if *said != AccessTokenHash::from_token(tokens.access_token(), token.signing_alg()?, key)? {
            return Err("it was made with another access token".into());
        }
        checks.push("made together with the access token (at_hash)".to_owned());
    }
    Ok(CheckedToken { claims, checks })
}
