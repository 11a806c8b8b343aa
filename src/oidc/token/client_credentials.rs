//! `grant_type=client_credentials` (RFC 6749 §4.4): an application acts for itself, with what was granted to it.

use super::{Entitled, audience, resources_of};
use crate::audit::{Actor, Event, Origin};
use crate::domain::oauth::{Application, Scope};
use crate::domain::time::Timestamp;
use crate::oidc::holder::Holder;
use crate::oidc::{ErrorCode, OAuthError, Parameters, ProtocolError, Provider};

/// Scopes that are about a person: an application that acts for itself has none.
const ABOUT_A_PERSON: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Gives an application a token of its own. There is no refresh token: it can ask again (§4.4.3).
pub(super) async fn redeem(
    provider: &Provider,
    client: &Application,
    parameters: &Parameters,
    origin: Origin,
    now: Timestamp,
) -> Result<Entitled, ProtocolError> {
    if client.is_public() {
        return Err(ErrorCode::UnauthorizedClient
            .because("a public client can't act for itself")
            .into());
    }
    let scope = scope(client, parameters)?;
    let audience = its_audience(provider, client, parameters)?;
    let facts = provider.program(client.id, now).await?;
    let acting = facts.and_then(|facts| facts.judge(&scope, now));
    let acting = acting.ok_or_else(|| {
        ErrorCode::UnauthorizedClient.because("this application may not act for itself now")
    })?;
    let event = Event::of("token.issued", Actor::Application(client.id)).within(client.organization);
    let event = event.with("grant_type", "client_credentials").from(&origin);
    provider.observations.observe(&event, now).await;
    Ok(Entitled {
        holder: Holder::Application(acting),
        family: None,
        scope,
        audience,
    })
}

/// Whom the token is for: the application itself, unless it names a resource. Those that are registered are what it may
/// name; a person's authorization, which names one, there is not.
fn its_audience(
    provider: &Provider,
    client: &Application,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    if parameters.many("resource")?.is_empty() {
        return Ok(client.id.to_string());
    }
    audience(client, &resources_of(client, &provider.issuer), parameters)
}

/// What is asked of what is registered, or else all of that (RFC 6749 §3.3).
fn scope(client: &Application, parameters: &Parameters) -> Result<Scope, OAuthError> {
    let registered = client.scope.without(&ABOUT_A_PERSON);
    let Some(asked) = parameters.one("scope")? else {
        return Ok(registered);
    };
    let asked = Scope::parse(asked).map_err(|error| ErrorCode::InvalidScope.because(error.to_string()))?;
    let scope = asked.within(&registered);
    if scope.is_empty() && !asked.is_empty() {
        return Err(
            ErrorCode::InvalidScope.because("scope names nothing that this application may ask for itself")
        );
    }
    Ok(scope)
}
