//! Introspection (RFC 7662): what a token is worth at this moment, told to those whom it is for.

use std::sync::Arc;

use serde::Serialize;

use super::access_token::{AccessTokenClaims, permissions_of};
use super::client::{self, ClientRequest};
use super::memory::Person;
use super::presented::{Presented, elsewhere};
use super::{Parameters, ProtocolError, Provider};
use crate::domain::oauth::{Application, Scope};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::oidc::{ErrorCode, OAuthError};
use crate::storage::{StorageError, refresh_tokens};

/// The answer (RFC 7662 §2.2). Of a dead token, or another's, it says nothing but that.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Introspection {
    /// An access token that is alive.
    AccessToken(Box<LiveToken>),
    /// A refresh token that is alive.
    RefreshToken(LiveRefreshToken),
    /// Anything else.
    Dead {
        /// `false`
        active: bool,
    },
}

/// What a living access token says, with what its holder may do now, not when it was made.
#[derive(Serialize)]
pub struct LiveToken {
    active: bool,
    token_type: &'static str,
    #[serde(flatten)]
    claims: AccessTokenClaims,
}

/// What a living refresh token says.
#[derive(Serialize)]
pub struct LiveRefreshToken {
    active: bool,
    client_id: String,
    sub: String,
    scope: Scope,
    exp: i64,
    iss: String,
}

/// Answers a client that proves itself (§2.1).
pub async fn introspect(
    provider: &Provider,
    request: ClientRequest<'_>,
    now: Timestamp,
) -> Result<Introspection, ProtocolError> {
    let parameters = Parameters::parse(request.body)?;
    let client = client::authenticate(provider, request.authorization, &parameters, now).await?;
    if client.is_public() {
        return Err(not_for_public().into());
    }
    let token = parameters.required("token")?;
    if let Some(presented) = Presented::read(provider, token, now).await? {
        let for_them = presented.claims.client_id == client.id.to_string()
            || client.resources.contains(&presented.claims.aud);
        return Ok(if for_them { alive(&presented) } else { DEAD });
    }
    let refresh_token = refresh_token(provider, &client, token, now).await?;
    Ok(refresh_token.map_or(DEAD, Introspection::RefreshToken))
}

const DEAD: Introspection = Introspection::Dead { active: false };

fn not_for_public() -> OAuthError {
    ErrorCode::InvalidClient.because("a public client can't prove itself, so it can't introspect")
}

fn alive(presented: &Presented) -> Introspection {
    let mut claims = AccessTokenClaims::clone(&presented.claims);
    let effective = presented.holder.effective();
    claims.roles.clone_from(&effective.roles);
    claims.groups.clone_from(&effective.groups);
    claims.permissions = Some(permissions_of(effective));
    claims.permissions_ref = None;
    Introspection::AccessToken(Box::new(LiveToken {
        active: true,
        token_type: "Bearer",
        claims,
    }))
}

/// A refresh token is told of to its own client alone.
async fn refresh_token(
    provider: &Provider,
    client: &Application,
    token: &str,
    now: Timestamp,
) -> Result<Option<LiveRefreshToken>, StorageError> {
    let hash = Secret::received(token).hash(Purpose::RefreshToken);
    let mut snapshot = provider.db.snapshot().await?;
    let stored = refresh_tokens::find(&mut snapshot.tx(), &hash).await?;
    let Some(stored) = stored.filter(|stored| stored.spent.is_none() && now < stored.expires_at) else {
        return Ok(None);
    };
    drop(snapshot);
    let own = |person: &Arc<Person>| person.family.application == client.id && person.family.is_alive(now);
    let Some(person) = provider.person(stored.family, now).await?.filter(own) else {
        return Ok(None);
    };
    let family = &person.family;
    let live = person.live(&elsewhere(family.scope.ceiling(), now));
    Ok(live.map(|_| LiveRefreshToken {
        active: true,
        client_id: client.id.to_string(),
        sub: family.user.to_string(),
        scope: family.scope.clone(),
        exp: stored.expires_at.seconds(),
        iss: provider.issuer.as_str().to_owned(),
    }))
}
