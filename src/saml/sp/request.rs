//! Asking a provider who somebody is.

use super::ServiceProvider;
use crate::domain::connection::{SamlBinding, SamlProvider};
use crate::domain::time::Timestamp;
use crate::saml::binding::{self, Parameter};
use crate::saml::keys::OwnKey;
use crate::saml::request::AuthnRequest;
use crate::saml::{Refusal, signature};

/// How a browser takes a request to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// It is redirected to this address.
    Redirect(String),
    /// It posts these fields to this address.
    Post {
        /// Where.
        url: String,
        /// `SAMLRequest`
        message: String,
        /// `RelayState`
        relay_state: String,
    },
}

/// The request called `id`; `relay_state` comes back with the answer. Signed if there is a key.
///
/// # Errors
///
/// Never for an address that was parsed as one.
pub fn authn_request(
    us: &ServiceProvider,
    provider: &SamlProvider,
    id: &str,
    relay_state: &str,
    key: Option<&OwnKey>,
    now: Timestamp,
) -> Result<Sending, Refusal> {
    let request = AuthnRequest {
        id,
        issued: now,
        destination: &provider.sso.url,
        issuer: &us.entity_id,
        acs: &us.acs,
    };
    let message = request.to_xml();
    let url = &provider.sso.url;
    Ok(match provider.sso.binding {
        SamlBinding::Redirect => {
            let query = binding::write_redirect(Parameter::Request, &message, Some(relay_state), key);
            let joint = if url.contains('?') { '&' } else { '?' };
            Sending::Redirect(format!("{url}{joint}{query}"))
        }
        SamlBinding::Post => {
            let message = match key {
                Some(key) => signature::sign(&message, key)?,
                None => message,
            };
            Sending::Post {
                url: url.clone(),
                message: binding::write_post(&message),
                relay_state: relay_state.to_owned(),
            }
        }
    })
}
