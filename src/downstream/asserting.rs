//! Giving an assertion: what is next is decided once more in the transaction that notes it; signed after the commit.

use super::asking::posting;
use super::attributes::attributes;
use super::{Downstream, DownstreamError, Posting, message_id};
use crate::domain::id::ActivationId;
use crate::domain::oauth::AssertionRequest;
use crate::domain::service_provider::{NameIdFormat, SamlSession, ServiceProvider};
use crate::domain::session::{Assurance, SessionLimits};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::oidc::authorize::{Granted, Grounds, NotGranted, grant};
use crate::random;
use crate::saml::idp::{self, Assertion, Status};
use crate::saml::names;
use crate::sign_in;
use crate::storage::{Lane, StorageError, Tx, authorization_requests, saml_sessions, service_providers};

/// Why there is no assertion.
pub enum NotAsserted {
    /// As for every other answer.
    Not(NotGranted),
    /// The application hears why.
    Status(Status),
}

/// What is to be signed.
struct Noted {
    granted: Granted,
    sp: ServiceProvider,
    name_id: String,
}

impl Downstream {
    /// Gives an assertion for what was asked on these grounds, if nothing else is next.
    ///
    /// # Errors
    ///
    /// Our key can't be had, or the database failed.
    pub async fn assert(
        &self,
        grounds: Grounds,
        asked: AssertionRequest,
        now: Timestamp,
    ) -> Result<Result<Posting, NotAsserted>, DownstreamError> {
        let (drawn, transient): (ActivationId, _) = (random::id(now), message_id());
        let keyring = self.keyring.clone();
        let (grounds, wanted) = (grounds, asked.clone());
        let work = self.db.write(Lane::Free, move |tx| {
            let (grounds, asked) = (grounds.clone(), wanted.clone());
            let (keyring, transient) = (keyring.clone(), transient.clone());
            Box::pin(async move {
                let Some(sp) = service_providers::of(tx, grounds.application).await? else {
                    return Ok(Err(NotAsserted::Not(NotGranted::Over)));
                };
                let name_id = match name(tx, &grounds, &asked, transient, now).await? {
                    Ok(name_id) => name_id,
                    Err(other) => return Ok(Err(other)),
                };
                let granted = match grant(tx, &keyring, &grounds, drawn, now).await? {
                    Ok(granted) => granted,
                    Err(other) => return Ok(Err(NotAsserted::Not(other))),
                };
                let session = SamlSession {
                    application: granted.application.id,
                    activation: granted.activation,
                    name_id: name_id.clone(),
                    format: asked.name_id_format,
                };
                saml_sessions::put(tx, &session, now).await?;
                Ok(Ok(Noted { granted, sp, name_id }))
            })
        });
        let noted: Result<Result<Noted, NotAsserted>, StorageError> = work.await;
        Ok(match noted? {
            Ok(noted) => Ok(self.written(&noted, &asked, now).await?),
            Err(other) => Err(other),
        })
    }

    async fn written(
        &self,
        noted: &Noted,
        asked: &AssertionRequest,
        now: Timestamp,
    ) -> Result<Posting, DownstreamError> {
        let Noted { granted, sp, name_id } = noted;
        let (session, ready) = (&granted.signed_in.session, &granted.ready);
        let longest = ready.organization.session_limits.within(SessionLimits::INSTANCE);
        let ends_at = ready.authenticated_at.plus(longest.max);
        let said = Assertion {
            response_id: message_id(),
            id: message_id(),
            in_response_to: asked.in_response_to.clone(),
            consumer: asked.consumer.clone(),
            name_id: name_id.clone(),
            format: asked.name_id_format,
            authenticated_at: ready.authenticated_at,
            class: asked.class.clone().unwrap_or_else(|| class_of(granted)),
            session: granted.activation.to_string(),
            session_ends_at: ends_at.min(session.expires_at).min(ready.holds_until),
            attributes: attributes(sp, &granted.signed_in.user, ready),
        };
        let key = self.key_for(sp, now).await?;
        let us = self.identity_provider(granted.application.id);
        let response = idp::response(&us, sp, &said, &key, now)?;
        Ok(posting(asked, &response))
    }
}

/// What the person is called at the application, if they have a name of the kind, and it is the one that was asked for. A
/// request that can't be answered so is answered otherwise, and so is over.
async fn name(
    tx: &mut Tx<'_>,
    grounds: &Grounds,
    asked: &AssertionRequest,
    transient: String,
    now: Timestamp,
) -> Result<Result<String, NotAsserted>, StorageError> {
    let Some(signed_in) = sign_in::current(tx, &grounds.session, now).await? else {
        return Ok(Err(NotAsserted::Not(NotGranted::Over)));
    };
    let unmet = match name_of(&signed_in.user, asked.name_id_format, transient) {
        None => Status::InvalidNameIdPolicy,
        Some(name) if asked.subject.as_ref().is_some_and(|subject| *subject != name) => {
            Status::UnknownPrincipal
        }
        Some(name) => return Ok(Ok(name)),
    };
    if let Some(waiting) = grounds.waiting
        && !authorization_requests::consume(tx, waiting).await?
    {
        return Ok(Err(NotAsserted::Not(NotGranted::Over)));
    }
    Ok(Err(NotAsserted::Status(unmet)))
}

/// An address that nobody showed to be theirs names nobody.
fn name_of(user: &User, format: NameIdFormat, transient: String) -> Option<String> {
    match format {
        NameIdFormat::Persistent => Some(user.id.to_string()),
        NameIdFormat::Email => user.email_verified.then(|| user.email.as_str().to_owned()),
        NameIdFormat::Transient => Some(transient),
    }
}

/// How the person really proved themselves, by what counts in the organization.
fn class_of(granted: &Granted) -> String {
    let organization = granted.ready.organization.id;
    let session = &granted.signed_in.session;
    if session.assurance(organization) == Assurance::Two {
        return names::TWO_FACTORS_CLASS.to_owned();
    }
    let authentication = session.authentication(organization);
    let by_password = authentication.is_some_and(|proved| proved.amr.iter().any(|method| method == "pwd"));
    if by_password {
        names::PASSWORD_CLASS.to_owned()
    } else {
        names::UNSPECIFIED_CLASS.to_owned()
    }
}
