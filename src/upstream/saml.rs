//! SAML providers upstream: where people are sent, and what is made of the answer that their browser brings back. The
//! document itself is `saml`'s; here is what it is held against, and that it counts once.

use super::oidc::Returned;
use super::{ArriveError, Begun, Failure, Said, Upstream, arrive, note};
use crate::domain::arrival::Subject;
use crate::domain::connection::{Connection, Provider, SamlProvider};
use crate::domain::id::ConnectionId;
use crate::domain::network::Network;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::Onward;
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Reference, Sent, Stage, UpstreamPurpose, UpstreamRequest};
use crate::random;
use crate::saml::keys::OwnKey;
use crate::saml::own_keys::{KeyUse, OwnKeyError};
use crate::saml::sp::{self, Awaited, Expected, Sending, ServiceProvider};
use crate::saml::{Refusal, binding};
use crate::sign_in::Visitor;
use crate::storage::saml_answers::{self, WaitingAnswer};
use crate::storage::{Lane, StorageError, connections, saml_assertions, upstream_requests};

/// What a browser posted.
pub struct SamlAnswer<'a> {
    /// `SAMLResponse`, as it came.
    pub response: &'a str,
    /// `RelayState`.
    pub relay_state: Option<Secret>,
}

/// What became of an answer that was posted.
pub enum Posted {
    /// It waits for the browser that comes with this.
    Waits(Secret),
    /// It is no answer at all.
    Bad(Refusal),
    /// There is no such connection.
    NoSuch,
    /// Too many from this network wait already.
    TooMany,
}

impl Upstream {
    /// Our metadata for a connection's provider, if it is one of SAML.
    pub async fn saml_metadata(
        &self,
        connection: ConnectionId,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let Some((connection, provider)) = self.saml_connection(connection).await? else {
            return Ok(None);
        };
        let us = self.service_provider(connection.id);
        Ok(match self.own_key(now).await? {
            Ok(key) => Some(sp::metadata(&us, &key, provider.signs_requests)),
            Err(_) => None,
        })
    }

    /// A request to a provider; what the answer must repeat goes into what is remembered of it.
    pub(super) async fn saml_request(
        &self,
        connection: ConnectionId,
        provider: &SamlProvider,
        state: &Secret,
        now: Timestamp,
    ) -> Result<Result<(Sent, Begun), Failure>, StorageError> {
        let key = match self.own_key(now).await? {
            Ok(key) => key,
            Err(failure) => return Ok(Err(failure)),
        };
        let request_id = format!("_{}", hex(&random::bytes::<20>()));
        let signing = provider.signs_requests.then_some(&key);
        let us = self.service_provider(connection);
        let sending = sp::authn_request(&us, provider, &request_id, state.expose(), signing, now);
        let begun = match sending {
            Ok(Sending::Redirect(to)) => Begun::Redirect(to),
            Ok(Sending::Post {
                url,
                message,
                relay_state,
            }) => Begun::Post {
                to: url,
                fields: vec![("SAMLRequest", message), ("RelayState", relay_state)],
            },
            Err(why) => return Ok(Err(Failure::at(Stage::Provider, why.code(), why.to_string()))),
        };
        Ok(Ok((Sent::Saml { request_id }, begun)))
    }

    /// Keeps an answer until its browser comes for it with our cookies; nothing of it is looked into yet.
    pub async fn keep_saml_answer(
        &self,
        connection: ConnectionId,
        answer: &SamlAnswer<'_>,
        network: Network,
        now: Timestamp,
    ) -> Result<Posted, StorageError> {
        if self.saml_connection(connection).await?.is_none() {
            return Ok(Posted::NoSuch);
        }
        let message = match binding::read_post(answer.response) {
            Ok(message) => message,
            Err(why) => return Ok(Posted::Bad(why)),
        };
        let handle = random::secret();
        let waiting = WaitingAnswer {
            handle: handle.hash(Purpose::UpstreamAnswer),
            connection,
            message,
            state: answer
                .relay_state
                .as_ref()
                .map(|state| state.hash(Purpose::UpstreamState)),
            expires_at: now.plus(saml_answers::LIFETIME),
        };
        let stored = self.db.write(Lane::Network(network), move |tx| {
            let waiting = waiting.clone();
            Box::pin(async move { saml_answers::insert(tx, &waiting, network, now).await })
        });
        let stored: Result<bool, StorageError> = stored.await;
        Ok(if stored? {
            Posted::Waits(handle)
        } else {
            Posted::TooMany
        })
    }

    /// Takes an answer in the browser that it is for. Nothing comes of one that is not there, or not any more.
    pub async fn saml_answer(
        &self,
        visitor: &Visitor,
        connection: ConnectionId,
        handle: &Secret,
        now: Timestamp,
    ) -> Result<Option<Returned>, StorageError> {
        let (handle, browser) = (handle.hash(Purpose::UpstreamAnswer), visitor.browser.clone());
        let taken = self.db.write(Lane::Free, move |tx| {
            let (handle, browser) = (handle.clone(), browser.clone());
            Box::pin(async move {
                let Some(answer) = saml_answers::take(tx, &handle, connection, now).await? else {
                    return Ok(None);
                };
                let request = match &answer.state {
                    Some(state) => upstream_requests::take(tx, state, &browser, connection, now).await?,
                    None => None,
                };
                Ok(Some((answer.message, request)))
            })
        });
        let taken: Result<_, StorageError> = taken.await;
        let Some((message, request)) = taken? else {
            return Ok(None);
        };
        let Some((connection, provider)) = self.saml_connection(connection).await? else {
            return Ok(None);
        };
        let awaited = request.as_ref().map(|request| request.sent.clone());
        let request = request.unwrap_or_else(|| unasked(&connection, visitor, now));
        let read = self.read_answer(&connection, &provider, &request, awaited.as_ref(), &message, now);
        let outcome = match read.await? {
            Ok(said) => {
                let arrived = arrive(&self.db, &self.keyring, visitor, request.clone(), said, now);
                match arrived.await {
                    Ok(arrived) => Ok(arrived),
                    Err(ArriveError::Refused(failure)) => Err(failure),
                    Err(ArriveError::Storage(error)) => return Err(error),
                }
            }
            Err(failure) => {
                note(&self.db, &request, &failure, visitor.origin.address, now).await?;
                Err(failure)
            }
        };
        Ok(Some(Returned { request, outcome }))
    }

    /// Who came, by an answer that is in order and was not used before.
    async fn read_answer(
        &self,
        connection: &Connection,
        provider: &SamlProvider,
        request: &UpstreamRequest,
        sent: Option<&Sent>,
        message: &[u8],
        now: Timestamp,
    ) -> Result<Result<Said, Failure>, StorageError> {
        let is_test = matches!(request.purpose, UpstreamPurpose::Test(_));
        let awaited = match sent {
            Some(Sent::Saml { request_id }) => Awaited::Request(request_id),
            Some(Sent::Oidc { .. }) => return Ok(Err(nobody_comes_by_it())),
            None => Awaited::Nothing,
        };
        if !connection.is_enabled() && !is_test {
            return Ok(Err(nobody_comes_by_it()));
        }
        let key = match self.own_key(now).await? {
            Ok(key) => key,
            Err(failure) => return Ok(Err(failure)),
        };
        let us = self.service_provider(connection.id);
        let expected = Expected {
            us: &us,
            provider,
            mapping: &connection.mapping,
            awaited,
            now,
        };
        let received = match sp::read_response(message, &expected, &key) {
            Ok(received) => received,
            Err(refused) => {
                let failure = Failure {
                    subject: refused.subject.and_then(|name| Subject::try_from(name).ok()),
                    evidence: refused.evidence,
                    ..Failure::at(refused.stage, refused.why.code(), refused.why.to_string())
                };
                return Ok(Err(failure));
            }
        };
        let (id, assertion, until) = (connection.id, received.assertion_id, received.until);
        let used = self.db.write(Lane::Guarded, move |tx| {
            let assertion = assertion.clone();
            Box::pin(async move { saml_assertions::use_once(tx, id, &assertion, until).await })
        });
        let used: Result<bool, StorageError> = used.await;
        let (arrival, evidence) = (received.arrival, received.evidence);
        if used? {
            return Ok(Ok(Said { arrival, evidence }));
        }
        let why = Refusal::Replayed;
        Ok(Err(Failure {
            subject: Some(arrival.subject),
            evidence: Some(Box::new(evidence)),
            ..Failure::at(Stage::Conditions, why.code(), why.to_string())
        }))
    }

    async fn saml_connection(
        &self,
        connection: ConnectionId,
    ) -> Result<Option<(Connection, SamlProvider)>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        let found = connections::by_id(&mut snapshot.tx(), connection).await?;
        Ok(found.and_then(|found| match found.provider.clone() {
            Provider::Saml(provider) => Some((found, provider)),
            Provider::Oidc(_) => None,
        }))
    }

    fn service_provider(&self, connection: ConnectionId) -> ServiceProvider {
        ServiceProvider::of(self.public_url.as_str(), connection)
    }

    async fn own_key(&self, now: Timestamp) -> Result<Result<OwnKey, Failure>, StorageError> {
        match self.own_keys.of(KeyUse::ServiceProvider, now).await {
            Ok(key) => Ok(Ok(key)),
            Err(OwnKeyError::Storage(error)) => Err(error),
            Err(sealed @ OwnKeyError::Sealed) => {
                Ok(Err(Failure::at(Stage::Provider, "own_key", sealed.to_string())))
            }
        }
    }
}

/// What stands for a request where a provider began.
fn unasked(connection: &Connection, visitor: &Visitor, now: Timestamp) -> UpstreamRequest {
    UpstreamRequest {
        id: random::id(now),
        state: random::secret().hash(Purpose::UpstreamState),
        browser: visitor.browser.clone(),
        connection: connection.id,
        organization: connection.organization,
        purpose: UpstreamPurpose::SignIn(Onward::Home),
        sent: Sent::Saml {
            request_id: String::new(),
        },
        reference: Reference::from_bytes(random::bytes()),
        expires_at: now,
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

fn nobody_comes_by_it() -> Failure {
    let told = "nobody comes by this connection, as it was disabled or changed meanwhile";
    Failure::at(Stage::Provider, "connection_disabled", told)
}
