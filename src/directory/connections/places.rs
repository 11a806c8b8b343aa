//! What an upstream provider has to be told of us: our addresses for one connection.

use crate::config::PublicUrl;
use crate::domain::id::ConnectionId;

/// The redirect URI at an `OpenID` provider.
pub fn callback_url(public_url: &PublicUrl, connection: ConnectionId) -> String {
    public_url.at(&format!("/upstream/{connection}/callback"))
}

/// Where an `OpenID` provider's browsers come back to when they are signed out there: its `post_logout_redirect_uri`.
pub fn signed_out_url(public_url: &PublicUrl, connection: ConnectionId) -> String {
    public_url.at(&format!("/upstream/{connection}/signed-out"))
}

/// Our entity id at a SAML provider, which is where our metadata is (SAML 2.0 Metadata §4.1).
pub fn sp_entity_id(public_url: &PublicUrl, connection: ConnectionId) -> String {
    public_url.at(&format!("/saml/sp/{connection}/metadata"))
}

/// Where a SAML provider's answers go: our assertion consumer service.
pub fn acs_url(public_url: &PublicUrl, connection: ConnectionId) -> String {
    public_url.at(&format!("/saml/sp/{connection}/acs"))
}
