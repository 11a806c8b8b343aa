//! Giving an answer, whatever kind it is: what is next is decided once more inside the transaction that gives it.

use super::{Chosen, Next, Ready, next};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::id::{ActivationId, ApplicationId, AuthorizationRequestId};
use crate::domain::oauth::{Application, AuthorizationRequest};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::sign_in::{self, SignedIn};
use crate::storage::consents::ConsentKey;
use crate::storage::{StorageError, Tx, activations, applications, authorization_requests, consents};

/// On what an answer is given.
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

/// What an answer may say.
pub struct Granted {
    /// To whom.
    pub application: Application,
    /// Of whom.
    pub signed_in: SignedIn,
    /// For which organization, and what they may do there.
    pub ready: Box<Ready>,
    /// The session acting for it.
    pub activation: ActivationId,
}

/// Why there is no answer.
pub enum NotGranted {
    /// Something changed meanwhile, and this is next now.
    Not(Next),
    /// The request was answered already, or its application is gone.
    Over,
}

/// Consumes the request, keeps what was agreed to, and lets the session act, if nothing else is next. The caller stores
/// what it gives in the same transaction; `drawn` is the id of an activation that may be needed.
pub async fn grant(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    grounds: &Grounds,
    drawn: ActivationId,
    now: Timestamp,
) -> Result<Result<Granted, NotGranted>, StorageError> {
    let Grounds { request, chosen, .. } = grounds;
    let Some(application) = applications::active(tx, grounds.application).await? else {
        return Ok(Err(NotGranted::Over));
    };
    let signed_in = sign_in::current(tx, &grounds.session, now).await?;
    let ready = match next(tx, &application, request, signed_in.as_ref(), *chosen, now).await? {
        Next::Issue(ready) => ready,
        other => return Ok(Err(NotGranted::Not(other))),
    };
    let Some(signed_in) = signed_in else {
        return Ok(Err(NotGranted::Over));
    };
    if let Some(waiting) = grounds.waiting
        && !authorization_requests::consume(tx, waiting).await?
    {
        return Ok(Err(NotGranted::Over));
    }
    let (user, organization) = (signed_in.user.id, ready.organization.id);
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
    let activation = activations::activate(tx, drawn, session, organization, ready.authenticated_at, now);
    let Some(activation) = activation.await? else {
        return Ok(Err(NotGranted::Over));
    };
    if activation == drawn {
        let event = sign_in::activated(&signed_in.session, organization, activation);
        audit::record(tx, keyring, &event.from(&grounds.origin), now).await?;
    }
    let event = Event::of("application.authorized", Actor::User(user)).within(organization);
    let event = event.on(application.id).with("scope", request.scope.to_string());
    let event = event
        .with("agreed", chosen.agreed.is_some())
        .from(&grounds.origin);
    audit::record(tx, keyring, &event, now).await?;
    Ok(Ok(Granted {
        application,
        signed_in,
        ready,
        activation,
    }))
}
