//! Introspection (RFC 7662): what a token is worth at this moment, told to those whom it is for.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::access_token::OrganizationClaim;
use super::client::{self, ClientRequest};
use super::memory::Person;
use super::presented::{Presented, elsewhere};
use super::{Parameters, ProtocolError, Provider};
use crate::domain::access::Effective;
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
#[serde(transparent)]
pub struct LiveToken(#[serde(serialize_with = "shown")] Presented);

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
    let token = parameters
        .token("token")?
        .ok_or_else(|| ErrorCode::InvalidRequest.because("token is missing"))?;
    if let Some(presented) = Presented::read(provider, token, now).await? {
        let own = presented.claims.client_id == client.id.to_string();
        return Ok(if own || is_for(&presented, &client) {
            Introspection::AccessToken(Box::new(LiveToken(presented)))
        } else {
            DEAD
        });
    }
    let refresh_token = refresh_token(provider, &client, token, now).await?;
    Ok(refresh_token.map_or(DEAD, Introspection::RefreshToken))
}

/// A service is told of tokens for it that applications of the same organization got: resources are names that anybody
/// can register.
fn is_for(presented: &Presented, service: &Application) -> bool {
    service.resources.contains(&presented.claims.aud) && service.organization == presented.holder.owner()
}

const DEAD: Introspection = Introspection::Dead { active: false };

fn not_for_public() -> OAuthError {
    ErrorCode::InvalidClient.because("a public client can't prove itself, so it can't introspect")
}

/// The claims in their own words (RFC 7662 §2.2, RFC 9068 §2.2), but for what may have changed since.
#[derive(Serialize)]
struct Shown<'a> {
    active: bool,
    token_type: &'static str,
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<&'a [String]>,
    org: &'a OrganizationClaim,
    roles: &'a [String],
    groups: &'a [String],
    permissions: PermissionsClaim<'a>,
}

/// All permissions, however many: this answer has no limit of size.
struct PermissionsClaim<'a>(&'a Effective);

impl Serialize for PermissionsClaim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let by_product = self.0.by_product.iter();
        let by_product = by_product.map(|(product, set)| (product.to_string(), set));
        serializer.collect_map(std::iter::once(("*".to_owned(), &self.0.everywhere)).chain(by_product))
    }
}

fn shown<S: Serializer>(presented: &Presented, serializer: S) -> Result<S::Ok, S::Error> {
    let (claims, effective) = (&*presented.claims, presented.holder.effective());
    let shown = Shown {
        active: true,
        token_type: "Bearer",
        iss: &claims.iss,
        sub: &claims.sub,
        aud: &claims.aud,
        client_id: &claims.client_id,
        exp: claims.exp,
        iat: claims.iat,
        jti: &claims.jti,
        scope: &claims.scope,
        sid: claims.sid.as_deref(),
        auth_time: claims.auth_time,
        acr: claims.acr.as_deref(),
        amr: claims.amr.as_deref(),
        org: &claims.org,
        roles: &effective.roles,
        groups: &effective.groups,
        permissions: PermissionsClaim(effective),
    };
    shown.serialize(serializer)
}

/// A refresh token is told of to its own client alone.
async fn refresh_token(
    provider: &Provider,
    client: &Application,
    token: &str,
    now: Timestamp,
) -> Result<Option<LiveRefreshToken>, StorageError> {
    let hash = Secret::received(token).hash(Purpose::RefreshToken);
    let mut glance = provider.db.glance().await?;
    let stored = refresh_tokens::find(&mut glance.tx(), &hash).await?;
    let Some(stored) = stored.filter(|stored| stored.spent.is_none() && now < stored.expires_at) else {
        return Ok(None);
    };
    drop(glance);
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
