//! Requests to a provider: `AuthnRequest` (SAML 2.0 Core §3.4).

use super::names;
use super::write::Escaped;
use crate::domain::time::Timestamp;

/// What we ask of a provider.
#[derive(Debug, Clone, Copy)]
pub struct AuthnRequest<'a> {
    /// Its own name, which the answer repeats.
    pub id: &'a str,
    /// When it is asked.
    pub issued: Timestamp,
    /// Whom: the address it goes to.
    pub destination: &'a str,
    /// Who asks.
    pub issuer: &'a str,
    /// Where the answer goes.
    pub acs: &'a str,
}

impl AuthnRequest<'_> {
    /// The message. Which kind of name the provider gives is its own choice, as long as it does not change.
    pub fn to_xml(self) -> String {
        format!(
            concat!(
                r#"<samlp:AuthnRequest xmlns:samlp="{protocol}" xmlns:saml="{assertion}" ID="{id}" Version="2.0""#,
                r#" IssueInstant="{issued}" Destination="{destination}" AssertionConsumerServiceURL="{acs}""#,
                r#" ProtocolBinding="{post}"><saml:Issuer>{issuer}</saml:Issuer>"#,
                r#"<samlp:NameIDPolicy AllowCreate="true"></samlp:NameIDPolicy></samlp:AuthnRequest>"#,
            ),
            protocol = names::PROTOCOL_NS,
            assertion = names::ASSERTION_NS,
            id = Escaped(self.id),
            issued = self.issued,
            destination = Escaped(self.destination),
            acs = Escaped(self.acs),
            post = names::BINDING_POST,
            issuer = Escaped(self.issuer),
        )
    }
}
