//! From what somebody is entitled to, to signed tokens. Outside any transaction: nothing is signed that could roll back.

use super::{Entitled, TokenResponse};
use crate::domain::oauth::{Application, GrantType};
use crate::domain::time::Timestamp;
use crate::oidc::Provider;
use crate::oidc::access_token::{AccessTokenClaims, Particulars};
use crate::oidc::holder::Holder;
use crate::oidc::id_token::{Beside, IdTokenClaims, Profile};

pub(super) fn sign(
    provider: &Provider,
    client: &Application,
    grant_type: GrantType,
    entitled: Entitled,
    now: Timestamp,
) -> TokenResponse {
    let Entitled {
        holder,
        family,
        scope,
        audience,
    } = entitled;
    let particulars = Particulars {
        family: family.as_ref().map(|descent| descent.family),
        activation: family.as_ref().map(|descent| descent.activation),
        ends_at: family.as_ref().map(|descent| descent.ends_at),
        application: client.id,
        audience: &audience,
        scope: &scope,
    };
    let claims = AccessTokenClaims::of(&holder, &particulars, &provider.issuer, now);
    let access_token = claims.sign(&provider.keyring);
    let (mut id_token, mut refresh_token) = (None, None);
    if let (Some(descent), Holder::Person(live)) = (family, &holder) {
        if descent.with_id_token {
            let profile = Profile::of(&live.facts.user, &scope);
            let algorithm = client.id_token_algorithm;
            let beside = Beside {
                access_token: &access_token,
                authentication: &live.authentication,
                activation: descent.activation,
                nonce: descent.nonce,
                algorithm,
                profile,
            };
            id_token = Some(IdTokenClaims::of(&claims, beside).sign(&provider.keyring, algorithm));
        }
        refresh_token = descent.refresh_token.map(|token| token.expose().to_owned());
    }
    TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: claims.exp - claims.iat,
        scope,
        refresh_token,
        id_token,
        grant_type,
    }
}
