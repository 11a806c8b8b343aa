//! Giving a code: what is next is decided once more inside the transaction that stores it.

use super::{Chosen, Next, next};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::id::{ActivationId, ApplicationId, AuthorizationRequestId, FamilyId};
use crate::domain::oauth::{AuthorizationCode, AuthorizationRequest};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::oidc::Provider;
use crate::random;
use crate::sign_in;
use crate::storage::consents::ConsentKey;
use crate::storage::{
    Lane, StorageError, activations, applications, authorization_codes, authorization_requests, consents,
};

/// On what a code is given.
#[derive(Clone)]
pub struct Grounds {
    /// Who asks.
    pub application: ApplicationId,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// The session cookie's hash: whose session it is, and that it is alive, is read again.
    pub session: SecretHash,
    /// What the person said.
    pub chosen: Chosen,
    /// The row that waited, if there was one; it is consumed.
    pub waiting: Option<AuthorizationRequestId>,
    /// For the audit log.
    pub origin: Origin,
}

/// What came of it.
#[expect(clippy::large_enum_variant, reason = "there is one, for a moment")]
pub enum Issued {
    /// A code.
    Code(Secret),
    /// Something changed meanwhile, and this is next now.
    Not(Next),
    /// The request was answered already, or its application is gone.
    Over,
}

/// Gives a code if nothing else is next.
pub async fn issue(provider: &Provider, grounds: Grounds, now: Timestamp) -> Result<Issued, StorageError> {
    let code = random::secret();
    let hash = code.hash(Purpose::AuthorizationCode);
    let (family, activation): (FamilyId, ActivationId) = (random::id(now), random::id(now));
    let keyring = provider.keyring.clone();
    let work = provider.db.write(Lane::Free, move |tx| {
        let (grounds, hash, keyring) = (grounds.clone(), hash.clone(), keyring.clone());
        Box::pin(async move {
            let Grounds { request, chosen, .. } = &grounds;
            let Some(application) = applications::active(tx, grounds.application).await? else {
                return Ok(Err(Issued::Over));
            };
            let signed_in = sign_in::current(tx, &grounds.session, now).await?;
            let ready = match next(tx, &application, request, signed_in.as_ref(), *chosen, now).await? {
                Next::Issue(ready) => ready,
                other => return Ok(Err(Issued::Not(other))),
            };
            let Some(signed_in) = signed_in else {
                return Ok(Err(Issued::Over));
            };
            if let Some(waiting) = grounds.waiting
                && !authorization_requests::consume(tx, waiting).await?
            {
                return Ok(Err(Issued::Over));
            }
            let (user, organization) = (signed_in.user.id, ready.organization);
            if chosen.agreed.is_some() {
                let key = ConsentKey {
                    user,
                    application: application.id,
                    organization,
                };
                let agreed = consents::scope_of(tx, key).await?.unwrap_or_default();
                consents::put(tx, key, &agreed.and(&request.scope), now).await?;
            }
            let session = signed_in.session.id;
            let drawn = activation;
            let activation =
                activations::activate(tx, drawn, session, organization, ready.authenticated_at, now);
            let Some(activation) = activation.await? else {
                return Ok(Err(Issued::Over));
            };
            if activation == drawn {
                let event = sign_in::activated(&signed_in.session, organization, activation);
                audit::record(tx, &keyring, &event.from(&grounds.origin), now).await?;
            }
            let code = AuthorizationCode {
                family,
                application: application.id,
                user,
                organization,
                activation,
                redirect_uri: request.redirect_uri.clone(),
                scope: request.scope.clone(),
                resources: request.resources.clone(),
                nonce: request.nonce.clone(),
                code_challenge: request.code_challenge.clone(),
                created_at: now,
                expires_at: now.plus(AuthorizationCode::LIFETIME),
            };
            authorization_codes::insert(tx, &hash, &code).await?;
            let event = Event::of("application.authorized", Actor::User(user)).within(organization);
            let event = event.on(application.id).with("scope", request.scope.to_string());
            let event = event
                .with("agreed", chosen.agreed.is_some())
                .from(&grounds.origin);
            audit::record(tx, &keyring, &event, now).await?;
            Ok(Ok(()))
        })
    });
    let issued: Result<Result<(), Issued>, StorageError> = work.await;
    Ok(match issued? {
        Ok(()) => Issued::Code(code),
        Err(other) => other,
    })
}
