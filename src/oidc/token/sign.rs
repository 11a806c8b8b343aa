//! From what somebody is entitled to, to signed tokens. Outside any transaction: nothing is signed that could roll back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Entitled, TokenResponse};
use crate::domain::oauth::Application;
use crate::domain::time::Timestamp;
use crate::oidc::Provider;
use crate::oidc::access_token::{AccessTokenClaims, Particulars};
use crate::oidc::id_token::{IdTokenClaims, Profile};
use crate::random;

pub(super) fn sign(
    provider: &Provider,
    client: &Application,
    entitled: &Entitled,
    now: Timestamp,
) -> TokenResponse {
    let particulars = Particulars {
        family: entitled.family,
        unique: URL_SAFE_NO_PAD.encode(random::bytes::<12>()),
        application: client.id,
        activation: entitled.activation,
        audience: &entitled.audience,
        scope: &entitled.scope,
    };
    let claims = AccessTokenClaims::of(&entitled.live, &particulars, &provider.issuer, now);
    let access_token = claims.sign(&provider.keyring);
    let id_token = entitled.scope.contains("openid").then(|| {
        let profile = Profile::of(&entitled.live.user, &entitled.scope);
        let algorithm = client.id_token_algorithm;
        IdTokenClaims::beside(&claims, &access_token, entitled.nonce.clone(), algorithm, profile)
            .sign(&provider.keyring, algorithm)
    });
    TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: claims.exp - claims.iat,
        scope: entitled.scope.clone(),
        id_token,
    }
}
