//! `grant_type=authorization_code` (RFC 6749 §4.1.3): a code, once, by whom it was made for.

use super::{Descent, Entitled, audience, context};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::oauth::{Application, AuthorizationCode, CodeVerifier, Family, GrantType};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::oidc::holder::Holder;
use crate::oidc::live::{Basis, Facts, Live, Standing};
use crate::oidc::{ErrorCode, OAuthError, Parameters, ProtocolError, Provider, access_token};
use crate::random;
use crate::storage::consents::{self, ConsentKey};
use crate::storage::{Lane, StorageError, Tx, authorization_codes, families, refresh_tokens};

/// Redeems a code. A code that comes back was stolen, from the client or from us: all that came of it dies
/// (RFC 6749 §4.1.2).
pub(super) async fn redeem(
    provider: &Provider,
    client: &Application,
    parameters: &Parameters,
    origin: Origin,
    now: Timestamp,
) -> Result<Entitled, ProtocolError> {
    let hash = Secret::received(parameters.required("code")?).hash(Purpose::AuthorizationCode);
    let claim = Claim::read(client, parameters)?;
    let keyring = provider.keyring.clone();
    let find = {
        let mut glance = provider.db.glance().await?;
        authorization_codes::find(&mut glance.tx(), &hash).await?
    };
    let code = find
        .map(|stored| stored.code)
        .filter(|code| code.application == client.id)
        .ok_or_else(refused)?;
    let audience = audience(client, &code.resources, parameters)?;
    claim.check(&code)?;
    let context = context(client, code.scope.ceiling(), &origin, now);
    let refreshes = client.may_use(GrantType::RefreshToken);
    let refresh_token = refreshes.then(random::secret);
    let refresh_hash = refresh_token
        .as_ref()
        .map(|token| token.hash(Purpose::RefreshToken));

    let asks = !client.first_party;
    let redeemed = code.clone();
    let work = provider.db.write(Lane::Free, move |tx| {
        let (hash, keyring, origin) = (hash.clone(), keyring.clone(), origin.clone());
        let (code, context, refresh_hash) = (redeemed.clone(), context.clone(), refresh_hash.clone());
        Box::pin(async move {
            if !authorization_codes::consume(tx, &hash, now).await? {
                if families::revoke(tx, code.family, now).await? {
                    let event = Event::of("authorization_code.reused", Actor::Application(code.application));
                    let event = event
                        .in_place_of(code.user)
                        .within(code.organization)
                        .on(code.family)
                        .refused()
                        .from(&origin);
                    audit::record(tx, &keyring, &event, now).await?;
                }
                return Ok(None);
            }
            if now >= code.expires_at || asks && !is_agreed(tx, &code).await? {
                return Ok(None);
            }
            let standing = Standing {
                application: code.application,
                user: code.user,
                organization: code.organization,
                basis: Basis::Session(code.activation),
            };
            let facts = Facts::load(tx, &standing).await?;
            let Some(live) = facts.and_then(|facts| facts.judge(&context)) else {
                return Ok(None);
            };
            let family = begin(&code, &live, refreshes, now);
            families::insert(tx, &family, now).await?;
            if let Some(hash) = &refresh_hash {
                let ends_at = family.expires_at.min(now.plus(Family::IDLE));
                refresh_tokens::insert(tx, hash, family.id, ends_at, now).await?;
            }
            let event = Event::of("token.issued", Actor::Application(code.application));
            let event = event
                .in_place_of(code.user)
                .within(code.organization)
                .on(family.id)
                .with("grant_type", "authorization_code")
                .from(&origin);
            audit::record(tx, &keyring, &event, now).await?;
            Ok(Some((live, family)))
        })
    });
    let redeemed: Result<Option<(Live, Family)>, StorageError> = work.await;
    let (live, family) = redeemed?.ok_or_else(refused)?;
    Ok(Entitled {
        holder: Holder::Person(live),
        audience,
        family: Some(Descent {
            family: family.id,
            activation: family.activation,
            ends_at: family.expires_at,
            nonce: code.nonce,
            refresh_token,
            with_id_token: family.scope.contains("openid"),
        }),
        scope: family.scope,
    })
}

/// Whether the person still agrees: they may have thought better of it since.
async fn is_agreed(tx: &mut Tx<'_>, code: &AuthorizationCode) -> Result<bool, StorageError> {
    let key = ConsentKey {
        user: code.user,
        application: code.application,
        organization: code.organization,
    };
    let agreed = consents::scope_of(tx, key).await?;
    Ok(agreed.is_some_and(|agreed| code.scope.is_within(&agreed)))
}

/// The family that a code begins. It ends with the session that acted, or, offline, after a while; without refresh
/// tokens it is one access token long.
fn begin(code: &AuthorizationCode, live: &Live, refreshes: bool, now: Timestamp) -> Family {
    let offline = refreshes && code.scope.contains("offline_access");
    let session_ends = live.facts.session().map(|(session, _)| session.expires_at);
    let expires_at = match (refreshes, offline, session_ends) {
        (true, true, _) => now.plus(Family::OFFLINE_LIFETIME),
        (true, false, Some(end)) => end,
        _ => now.plus(access_token::LIFETIME),
    };
    Family {
        id: code.family,
        application: code.application,
        user: code.user,
        organization: code.organization,
        activation: code.activation,
        scope: code.scope.clone(),
        resources: code.resources.clone(),
        authentication: live.authentication.clone(),
        offline,
        expires_at,
        revoked_at: None,
    }
}

/// What the client says of its code, to be held against what was stored with it.
struct Claim {
    redirect_uri: String,
    verifier: Option<CodeVerifier>,
}

impl Claim {
    fn read(client: &Application, parameters: &Parameters) -> Result<Self, OAuthError> {
        let redirect_uri = parameters.required("redirect_uri")?.to_owned();
        let verifier = parameters
            .one("code_verifier")?
            .map(CodeVerifier::parse)
            .transpose();
        let verifier = verifier.map_err(|error| ErrorCode::InvalidGrant.because(error.to_string()))?;
        if verifier.is_none() && (client.require_pkce || client.is_public()) {
            return Err(ErrorCode::InvalidRequest.because("code_verifier is missing"));
        }
        Ok(Self {
            redirect_uri,
            verifier,
        })
    }

    /// RFC 7636 §4.6; a verifier for a code that had no challenge is refused too (RFC 9700 §2.1.1).
    fn check(&self, code: &AuthorizationCode) -> Result<(), OAuthError> {
        let proved = match (&code.code_challenge, &self.verifier) {
            (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
            (None, None) => true,
            _ => false,
        };
        if proved && self.redirect_uri == code.redirect_uri {
            Ok(())
        } else {
            Err(refused())
        }
    }
}

fn refused() -> OAuthError {
    ErrorCode::InvalidGrant
        .because("the code is not valid, was used already, or was made for another request")
}
