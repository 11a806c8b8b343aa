//! What signing out at a provider takes: our key for those of SAML, and the address of those of `OpenID` (RP-Initiated
//! Logout 1.0 §2).

use zeroize::Zeroizing;

use super::Upstream;
use crate::directory::connections::signed_out_url;
use crate::domain::connection::Provider;
use crate::domain::id::ConnectionId;
use crate::domain::time::Timestamp;
use crate::saml::keys::OwnKey;
use crate::saml::own_keys::{KeyUse, OwnKeyError};
use crate::storage::{StorageError, connections};

impl Upstream {
    /// What signs our messages to SAML providers.
    ///
    /// # Errors
    ///
    /// It can't be had.
    pub async fn saml_key(&self, now: Timestamp) -> Result<OwnKey, OwnKeyError> {
        self.own_keys.of(KeyUse::ServiceProvider, now).await
    }

    /// Where a browser goes to be signed out at an `OpenID` provider, if that is one and takes sign-outs. `state` comes back.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn end_session_address(
        &self,
        connection: ConnectionId,
        sealed_id_token: Option<&[u8]>,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let found = {
            let mut snapshot = self.db.snapshot().await?;
            connections::by_id(&mut snapshot.tx(), connection).await?
        };
        let Some(Provider::Oidc(provider)) = found.map(|found| found.provider) else {
            return Ok(None);
        };
        let known = self.providers.known(&self.outbound, &provider.issuer, now).await;
        let Some(mut address) = known
            .ok()
            .and_then(|known| known.discovery.end_session_endpoint.clone())
        else {
            return Ok(None);
        };
        let id_token = sealed_id_token.and_then(|sealed| self.opened_id_token(connection, sealed));
        let mut query = address.query_pairs_mut();
        if let Some(id_token) = &id_token {
            query.append_pair("id_token_hint", id_token);
        }
        query
            .append_pair("client_id", &provider.client_id)
            .append_pair(
                "post_logout_redirect_uri",
                &signed_out_url(&self.public_url, connection),
            )
            .append_pair("state", state);
        drop(query);
        Ok(Some(address.into()))
    }

    /// An id token for the time until its person signs out. One that is too long for an address is not kept.
    pub(super) fn sealed_id_token(&self, connection: ConnectionId, id_token: &str) -> Option<Vec<u8>> {
        const LONGEST: usize = 4 * 1024;
        let fits = id_token.len() <= LONGEST;
        fits.then(|| self.keyring.seal(&context(connection), id_token.as_bytes()))
    }

    fn opened_id_token(&self, connection: ConnectionId, sealed: &[u8]) -> Option<Zeroizing<String>> {
        let opened = self.keyring.open_sealed(&context(connection), sealed)?;
        str::from_utf8(&opened)
            .ok()
            .map(|text| Zeroizing::new(text.to_owned()))
    }
}

fn context(connection: ConnectionId) -> String {
    format!("id token by {connection}")
}
