//! What an application asks, in the words in which every application asks; and the same over a redirect, where it was posted
//! without our cookies.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{Downstream, DownstreamError, Posting, message_id};
use crate::domain::email::Email;
use crate::domain::oauth::{Answer, Application, AssertionRequest, AuthorizationRequest, Prompt};
use crate::domain::service_provider::ServiceProvider;
use crate::domain::session::Assurance;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;
use crate::saml::idp::{self, Asked, NotAsked, Status};
use crate::saml::incoming::Incoming;
use crate::saml::{Refusal, binding};

/// What became of a request.
pub enum Read {
    /// It is in order.
    Asked(Box<AuthorizationRequest>),
    /// The application hears why it is not.
    Answer(Posting),
    /// Nothing is sent anywhere.
    Refused(Refusal),
}

/// A request that was posted, on its way to where our cookies are.
#[derive(Serialize, Deserialize)]
struct Carried {
    request: AuthorizationRequest,
    at: Timestamp,
}

impl Downstream {
    /// Reads an `AuthnRequest`.
    ///
    /// # Errors
    ///
    /// Our key can't be had.
    pub async fn read(
        &self,
        application: &Application,
        sp: &ServiceProvider,
        incoming: Incoming<'_>,
        now: Timestamp,
    ) -> Result<Read, DownstreamError> {
        let us = self.identity_provider(application.id);
        match idp::read_authn_request(incoming, &us, sp, now) {
            Ok(asked) => Ok(Read::Asked(Box::new(in_our_words(application, asked)))),
            Err(NotAsked::Refused(why)) => Ok(Read::Refused(why)),
            Err(NotAsked::Answered {
                consumer,
                id,
                relay_state,
                status,
            }) => {
                let asked = AssertionRequest {
                    consumer,
                    in_response_to: Some(id),
                    relay_state,
                    name_id_format: sp.first_format(),
                    subject: None,
                    class: None,
                };
                let answer = self.refuse(application, sp, &asked, status, now).await?;
                Ok(Read::Answer(answer))
            }
        }
    }

    /// What is asked where nobody asked: the person begins here.
    pub fn unasked(
        &self,
        application: &Application,
        sp: &ServiceProvider,
        relay_state: Option<String>,
    ) -> Option<AuthorizationRequest> {
        let consumer = sp.consumers.first().filter(|_| sp.idp_initiated)?;
        let answer = AssertionRequest {
            consumer: consumer.url.clone(),
            in_response_to: None,
            relay_state,
            name_id_format: sp.first_format(),
            subject: None,
            class: None,
        };
        Some(request(application, answer, Prompt::default(), None))
    }

    /// A request that was read, as a text for an address: whoever posted it can't read or change it there.
    pub fn carry(&self, application: &Application, request: AuthorizationRequest, at: Timestamp) -> String {
        let carried = serde_json::to_vec(&Carried { request, at }).expect("a request is made of strings");
        URL_SAFE_NO_PAD.encode(self.keyring.seal(&context(application), &carried))
    }

    /// The request that such a text carries, if it was carried just now.
    pub fn carried(
        &self,
        application: &Application,
        text: &str,
        now: Timestamp,
    ) -> Option<AuthorizationRequest> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let carried = self.keyring.open_sealed(&context(application), &sealed)?;
        let carried: Carried = serde_json::from_slice(&carried).ok()?;
        (now.since(carried.at) < SignIn::LIFETIME).then_some(carried.request)
    }

    /// The response that says why there is no assertion.
    ///
    /// # Errors
    ///
    /// Our key can't be had.
    pub async fn refuse(
        &self,
        application: &Application,
        sp: &ServiceProvider,
        asked: &AssertionRequest,
        status: Status,
        now: Timestamp,
    ) -> Result<Posting, DownstreamError> {
        let key = self.key_for(sp, now).await?;
        let us = self.identity_provider(application.id);
        let (id, request) = (message_id(), asked.in_response_to.as_deref());
        let response = idp::error_response(&us, &id, request, &asked.consumer, status, &key, now)?;
        Ok(posting(asked, &response))
    }
}

/// A response on its way to its recipient.
pub(super) fn posting(asked: &AssertionRequest, response: &str) -> Posting {
    let mut fields = vec![("SAMLResponse", binding::write_post(response))];
    fields.extend(asked.relay_state.clone().map(|text| ("RelayState", text)));
    Posting {
        to: asked.consumer.clone(),
        fields,
    }
}

/// Who is asked for by a persistent name is asked for by their id; by an email address, it fills the first field.
fn in_our_words(application: &Application, asked: Asked) -> AuthorizationRequest {
    let prompt = Prompt {
        none: asked.passive,
        login: asked.force,
        consent: false,
    };
    let answer = AssertionRequest {
        consumer: asked.consumer,
        in_response_to: Some(asked.id),
        relay_state: asked.relay_state,
        name_id_format: asked.name_id_format,
        subject: asked.subject,
        class: asked.class,
    };
    request(application, answer, prompt, asked.assurance)
}

fn request(
    application: &Application,
    answer: AssertionRequest,
    prompt: Prompt,
    acr: Option<Assurance>,
) -> AuthorizationRequest {
    let subject = answer.subject.as_deref();
    AuthorizationRequest {
        scope: application.scope.clone(),
        prompt,
        max_age: None,
        acr,
        login_hint: subject
            .filter(|text| Email::parse(text).is_ok())
            .map(str::to_owned),
        hinted_user: subject.and_then(|text| text.parse().ok()),
        organization: None,
        answer: Answer::Assertion(answer),
    }
}

fn context(application: &Application) -> String {
    format!("SAML request of {}", application.id)
}
