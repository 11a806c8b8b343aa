//! `grant_type=authorization_code` (RFC 6749 §4.1.3): a code, once, by whom it was made for.

use super::{Entitled, TokenError, audience};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::access::{Address, Context, SecondFactor};
use crate::domain::oauth::{Application, AuthorizationCode, CodeVerifier};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::oidc::live::Standing;
use crate::oidc::{ErrorCode, OAuthError, Parameters, Provider};
use crate::storage::families::{self, Family};
use crate::storage::{Lane, StorageError, authorization_codes};

/// Redeems a code. A code that comes back was stolen, from the client or from us: all that came of it dies
/// (RFC 6749 §4.1.2).
pub(super) async fn redeem(
    provider: &Provider,
    client: &Application,
    parameters: &Parameters,
    origin: Origin,
    now: Timestamp,
) -> Result<Entitled, TokenError> {
    let hash = Secret::received(parameters.required("code")?).hash(Purpose::AuthorizationCode);
    let claim = Claim::read(client, parameters)?;
    let keyring = provider.keyring.clone();
    let find = {
        let mut snapshot = provider.db.snapshot().await?;
        authorization_codes::find(&mut snapshot.tx(), &hash).await?
    };
    let code = find
        .map(|stored| stored.code)
        .filter(|code| code.application == client.id)
        .ok_or_else(refused)?;
    let audience = audience(client, &code.resources, parameters)?;
    claim.check(&code)?;
    let context = context(client, &code, &origin, now);

    let redeemed = code.clone();
    let work = provider.db.write(Lane::Free, move |tx| {
        let (hash, keyring, origin) = (hash.clone(), keyring.clone(), origin.clone());
        let (code, context) = (redeemed.clone(), context.clone());
        Box::pin(async move {
            if !authorization_codes::consume(tx, &hash, now).await? {
                if families::revoke(tx, code.family, now).await? {
                    let event = Event::of("authorization_code.reused", Actor::Application(code.application));
                    let event = event
                        .within(code.organization)
                        .on(code.family)
                        .refused()
                        .from(&origin);
                    audit::record(tx, &keyring, &event, now).await?;
                }
                return Ok(None);
            }
            if now >= code.expires_at {
                return Ok(None);
            }
            let standing = Standing {
                application: code.application,
                user: code.user,
                organization: code.organization,
                activation: code.activation,
            };
            let Some(live) = standing.live(tx, &context).await? else {
                return Ok(None);
            };
            families::insert(tx, &family_of(&code), now).await?;
            let event = Event::of("token.issued", Actor::User(code.user)).within(code.organization);
            let event = event
                .on(code.application)
                .with("grant_type", "authorization_code")
                .from(&origin);
            audit::record(tx, &keyring, &event, now).await?;
            Ok(Some(live))
        })
    });
    let live: Result<_, StorageError> = work.await;
    let live = live?.ok_or_else(refused)?;
    let AuthorizationCode {
        family,
        activation,
        scope,
        nonce,
        ..
    } = code;
    Ok(Entitled {
        family,
        activation,
        live,
        scope,
        audience,
        nonce,
    })
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

/// A public client's address is its person's; a confidential back end's is not (DESIGN §4).
fn context(client: &Application, code: &AuthorizationCode, origin: &Origin, now: Timestamp) -> Context {
    let address = if client.is_public() {
        Address::Known(origin.address)
    } else {
        Address::NotThePersons
    };
    Context {
        now,
        ceiling: code.scope.ceiling(),
        address,
        second_factor: SecondFactor::Missing,
    }
}

fn family_of(code: &AuthorizationCode) -> Family {
    Family {
        id: code.family,
        application: code.application,
        user: code.user,
        organization: code.organization,
        activation: code.activation,
        scope: code.scope.clone(),
        revoked_at: None,
    }
}
