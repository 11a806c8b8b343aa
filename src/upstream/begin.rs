//! Sending a browser to a connection's provider, and remembering what it was sent with.

use super::oidc::authorization_address;
use super::{Failure, Upstream, note};
use crate::domain::connection::{Connection, Provider};
use crate::domain::email::Email;
use crate::domain::id::ConnectionId;
use crate::domain::secret::Purpose;
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Reference, Sent, UpstreamPurpose, UpstreamRequest};
use crate::random;
use crate::sign_in::Visitor;
use crate::storage::{Lane, StorageError, connections, upstream_requests};

/// What the provider is told besides.
#[derive(Debug, Clone, Default)]
pub struct Hint {
    /// Who comes, as they typed it.
    pub email: Option<Email>,
    /// How long ago, in seconds, they may have proved themselves there; as long as the provider likes if absent.
    pub max_age: Option<u32>,
}

/// Where a browser goes.
pub enum Begun {
    /// To this address, by a redirect.
    Redirect(String),
    /// To this address, by a form with these fields.
    Post {
        /// Where.
        to: String,
        /// What, name and value.
        fields: Vec<(&'static str, String)>,
    },
    /// Nowhere: the provider can't be used at this moment.
    Failed(Failure, Reference),
    /// Nowhere: there is no such connection, or nobody comes by it.
    NoSuch,
    /// Nowhere: too many of this network are away already.
    TooMany,
}

impl Upstream {
    /// Sends a browser to a connection's provider.
    pub async fn begin(
        &self,
        visitor: &Visitor,
        connection: ConnectionId,
        purpose: UpstreamPurpose,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<Begun, StorageError> {
        let Some(connection) = self.open_to(connection, purpose).await? else {
            return Ok(Begun::NoSuch);
        };
        let state = random::secret();
        let mut request = UpstreamRequest {
            id: random::id(now),
            state: state.hash(Purpose::UpstreamState),
            browser: visitor.browser.clone(),
            connection: connection.id,
            organization: connection.organization,
            purpose,
            sent: Sent::Oidc {
                nonce: random::secret().expose().to_owned(),
                verifier: random::secret().expose().to_owned(),
                max_age: hint.max_age,
            },
            reference: Reference::from_bytes(random::bytes()),
            expires_at: now.plus(UpstreamRequest::LIFETIME),
        };
        let begun = match &connection.provider {
            Provider::Oidc(provider) => {
                match self.providers.known(&self.outbound, &provider.issuer, now).await {
                    Ok(known) => {
                        let callback = self.callback_url(connection.id);
                        let address =
                            authorization_address(&known, provider, &callback, &state, &request.sent, hint);
                        Begun::Redirect(address)
                    }
                    Err(failure) => return self.failed(request, failure, visitor, now).await,
                }
            }
            Provider::Saml(provider) => {
                match self.saml_request(connection.id, provider, &state, now).await? {
                    Ok((sent, begun)) => {
                        request.sent = sent;
                        begun
                    }
                    Err(failure) => return self.failed(request, failure, visitor, now).await,
                }
            }
        };
        let network = visitor.network();
        let stored = self.db.write(Lane::Network(network), move |tx| {
            let request = request.clone();
            Box::pin(async move { upstream_requests::insert(tx, &request, network, now).await })
        });
        let stored: Result<bool, StorageError> = stored.await;
        Ok(if stored? { begun } else { Begun::TooMany })
    }

    /// A connection, if people come by it for this purpose. Whoever sets one up tries it before.
    async fn open_to(
        &self,
        connection: ConnectionId,
        purpose: UpstreamPurpose,
    ) -> Result<Option<Connection>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        let found = connections::by_id(&mut snapshot.tx(), connection).await?;
        let is_test = matches!(purpose, UpstreamPurpose::Test(_));
        Ok(found.filter(|connection| connection.is_enabled() || is_test))
    }

    async fn failed(
        &self,
        request: UpstreamRequest,
        failure: Failure,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Begun, StorageError> {
        note(&self.db, &request, &failure, visitor.origin.address, now).await?;
        Ok(Begun::Failed(failure, request.reference))
    }
}
