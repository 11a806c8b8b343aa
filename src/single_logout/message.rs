//! The messages of single logout: who speaks to whom, where, and with which key.

use super::{SingleLogout, SingleLogoutError};
use crate::domain::connection::{Provider, SamlEndpoint};
use crate::domain::sign_out::{Party, Stop, UpstreamSession};
use crate::domain::time::Timestamp;
use crate::downstream::DownstreamError;
use crate::saml::binding::Parameter;
use crate::saml::idp::format_uri;
use crate::saml::keys::{OwnKey, PinnedKeys};
use crate::saml::logout::{self, LogoutRequest, LogoutResponse, Parties, Sending};
use crate::saml::names;
use crate::saml::sp::ServiceProvider;
use crate::storage::connections;

/// Everything there is to be known to speak to somebody by SAML.
pub(super) struct Partner {
    /// Our entity id.
    us: String,
    /// Where messages come to us.
    our_place: String,
    /// Theirs.
    them: String,
    /// Where messages go to them.
    endpoint: Option<SamlEndpoint>,
    certificates: Vec<String>,
    key: OwnKey,
}

/// A request that somebody is asked to sign a person out.
pub enum Asking {
    /// By SAML, with the request's `ID`.
    Saml(Sending, String),
    /// By an address of an `OpenID` provider.
    Address(String),
}

/// An answer to whoever asked us.
pub struct Ended(pub Sending);

impl Partner {
    pub(super) fn parties(&self) -> Parties<'_> {
        Parties {
            us: &self.us,
            our_place: &self.our_place,
            them: &self.them,
        }
    }

    /// What their messages are verified with. Without, nothing of theirs is taken.
    pub(super) fn keys(&self) -> Result<PinnedKeys, SingleLogoutError> {
        Ok(PinnedKeys::of(&self.certificates)?)
    }

    fn endpoint(&self) -> Result<&SamlEndpoint, SingleLogoutError> {
        self.endpoint.as_ref().ok_or(SingleLogoutError::NoSuch)
    }

    fn request(
        &self,
        request: &LogoutRequest,
        relay_state: &str,
        now: Timestamp,
    ) -> Result<Asking, SingleLogoutError> {
        let endpoint = self.endpoint()?;
        let message = request.to_xml(self.parties(), &endpoint.url, now);
        let sending = logout::send(
            &message,
            Parameter::Request,
            Some(relay_state),
            endpoint,
            &self.key,
        )?;
        Ok(Asking::Saml(sending, request.id.clone()))
    }

    fn answer(&self, answer: &LogoutResponse, id: &str, now: Timestamp) -> Result<Ended, SingleLogoutError> {
        let endpoint = self.endpoint()?;
        let message = answer.to_xml(id, self.parties(), &endpoint.url, now);
        let relay_state = answer.relay_state.as_deref();
        let sending = logout::send(&message, Parameter::Response, relay_state, endpoint, &self.key)?;
        Ok(Ended(sending))
    }
}

impl SingleLogout {
    /// Asks somebody to sign the person out; `handle` comes back with the answer.
    pub(super) async fn ask(
        &self,
        stop: &Stop,
        id: String,
        handle: &str,
        now: Timestamp,
    ) -> Result<Asking, SingleLogoutError> {
        let request = match stop {
            Stop::Application(session) => LogoutRequest {
                id,
                name_id: session.name_id.clone(),
                format: format_uri(session.format).to_owned(),
                sessions: vec![session.activation.to_string()],
                relay_state: None,
            },
            Stop::Connection(session) => {
                if let Some(address) = self.end_session_address(session, handle, now).await? {
                    return Ok(Asking::Address(address));
                }
                LogoutRequest {
                    id,
                    name_id: session.subject.clone(),
                    format: session
                        .format
                        .clone()
                        .unwrap_or_else(|| names::UNSPECIFIED.to_owned()),
                    sessions: session.index.clone().into_iter().collect(),
                    relay_state: None,
                }
            }
        };
        let partner = self.partner(stop.party(), now).await?;
        partner.request(&request, handle, now)
    }

    /// Answers whoever asked us.
    pub(super) async fn answer(
        &self,
        party: Party,
        answer: &LogoutResponse,
        id: &str,
        now: Timestamp,
    ) -> Result<Ended, SingleLogoutError> {
        self.partner(party, now).await?.answer(answer, id, now)
    }

    /// Whom a message is from or to, as registered now.
    pub(super) async fn partner(&self, party: Party, now: Timestamp) -> Result<Partner, SingleLogoutError> {
        match party {
            Party::Application(application) => {
                let sp = self.downstream.service_provider(application).await?;
                let sp = sp.ok_or(SingleLogoutError::NoSuch)?;
                let us = self.downstream.identity_provider(application);
                Ok(Partner {
                    us: us.entity_id,
                    our_place: us.slo,
                    key: self
                        .downstream
                        .key_for(&sp, now)
                        .await
                        .map_err(DownstreamError::from)?,
                    them: sp.entity_id,
                    endpoint: sp.slo,
                    certificates: sp.certificates,
                })
            }
            Party::Connection(connection) => {
                let found = {
                    let mut snapshot = self.db.snapshot().await?;
                    connections::by_id(&mut snapshot.tx(), connection).await?
                };
                let found = found.ok_or(SingleLogoutError::NoSuch)?;
                let Provider::Saml(provider) = found.provider else {
                    return Err(SingleLogoutError::NoSuch);
                };
                let us = ServiceProvider::of(self.public_url.as_str(), connection);
                let key = self.upstream.saml_key(now).await;
                Ok(Partner {
                    us: us.entity_id,
                    our_place: us.slo,
                    them: provider.entity_id,
                    endpoint: provider.slo,
                    certificates: provider.certificates,
                    key: key.map_err(|error| SingleLogoutError::Message(error.to_string()))?,
                })
            }
        }
    }

    /// Where an `OpenID` provider signs people out, if it is one that does.
    async fn end_session_address(
        &self,
        session: &UpstreamSession,
        handle: &str,
        now: Timestamp,
    ) -> Result<Option<String>, SingleLogoutError> {
        let sealed = session.sealed_id_token.as_deref();
        let address = self
            .upstream
            .end_session_address(session.connection, sealed, handle, now);
        Ok(address.await?)
    }
}
