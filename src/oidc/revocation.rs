//! Revocation (RFC 7009): a client says that a token of its own is needed no more.
//!
//! A refresh token takes its whole family with it; an access token dies alone (§2.1).

use super::access_token::AccessTokenClaims;
use super::client::{self, ClientRequest};
use super::{ErrorCode, Parameters, ProtocolError, Provider};
use crate::audit::{self, Actor, Event};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::oauth::Application;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::storage::{Lane, StorageError, families, refresh_tokens, revoked_tokens};

/// Revokes a token of the client that asks. Another's stays alive, and whoever asks is told nothing of either (§2.2).
pub async fn revoke(
    provider: &Provider,
    request: ClientRequest<'_>,
    now: Timestamp,
) -> Result<(), ProtocolError> {
    let parameters = Parameters::parse(request.body)?;
    let client = client::authenticate(provider, request.authorization, &parameters, now).await?;
    let token = parameters
        .token("token")?
        .ok_or_else(|| ErrorCode::InvalidRequest.because("token is missing"))?;
    let event = Event::of("token.revoked", Actor::Application(client.id)).from(&request.origin);
    let claims = AccessTokenClaims::verify(&provider.keyring, &provider.issuer, |_| true, token, now);
    let done = match claims {
        Ok(claims) if claims.client_id == client.id.to_string() => {
            revoke_one(provider, claims, event, now).await
        }
        Ok(_) => Ok(()),
        Err(_) => revoke_family(provider, &client, token, event, now).await,
    };
    Ok(done?)
}

async fn revoke_one(
    provider: &Provider,
    claims: AccessTokenClaims,
    event: Event,
    now: Timestamp,
) -> Result<(), StorageError> {
    let Some(descends) = claims.descends() else {
        return Ok(());
    };
    let ends_at = Timestamp::from_millis(claims.exp.saturating_mul(1000));
    let organization: Option<OrganizationId> = claims.org.id.parse().ok();
    let event = organization.map_or(event.clone(), |organization| event.clone().within(organization));
    let person: Option<UserId> = claims.sub.parse().ok();
    let event = person.map_or(event.clone(), |person| event.clone().in_place_of(person));
    let (event, keyring) = (event.on(&claims.jti), provider.keyring.clone());
    let jti = claims.jti;
    provider
        .db
        .write(Lane::Free, move |tx| {
            let (event, keyring, jti) = (event.clone(), keyring.clone(), jti.clone());
            Box::pin(async move {
                if revoked_tokens::insert(tx, &jti, descends, ends_at).await? {
                    audit::record(tx, &keyring, &event, now).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn revoke_family(
    provider: &Provider,
    client: &Application,
    token: &str,
    event: Event,
    now: Timestamp,
) -> Result<(), StorageError> {
    let hash = Secret::received(token).hash(Purpose::RefreshToken);
    let (client, keyring) = (client.id, provider.keyring.clone());
    provider
        .db
        .write(Lane::Free, move |tx| {
            let (event, keyring, hash) = (event.clone(), keyring.clone(), hash.clone());
            Box::pin(async move {
                let Some(stored) = refresh_tokens::find(tx, &hash).await? else {
                    return Ok(());
                };
                let family = families::by_id(tx, stored.family).await?;
                let Some(family) = family.filter(|family| family.application == client) else {
                    return Ok(());
                };
                if families::revoke(tx, family.id, now).await? {
                    let event = event.in_place_of(family.user);
                    let event = event.within(family.organization).on(family.id);
                    audit::record(tx, &keyring, &event, now).await?;
                }
                Ok(())
            })
        })
        .await
}
