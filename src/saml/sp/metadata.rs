//! Our metadata for a connection's provider (SAML 2.0 Metadata §2.4.4).

use super::ServiceProvider;
use crate::saml::keys::OwnKey;
use crate::saml::names;
use crate::saml::write::Escaped;

/// What an administrator gives to the provider: who we are, where answers go, and what with they may be encrypted.
pub fn metadata(us: &ServiceProvider, key: &OwnKey, signs_requests: bool) -> String {
    let certificate = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        key.certificate()
    );
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            "\n",
            r#"<md:EntityDescriptor xmlns:md="{md}" xmlns:ds="{ds}" entityID="{entity_id}">"#,
            r#"<md:SPSSODescriptor AuthnRequestsSigned="{signs}" WantAssertionsSigned="true""#,
            r#" protocolSupportEnumeration="{protocol}">"#,
            r#"<md:KeyDescriptor use="signing">{certificate}</md:KeyDescriptor>"#,
            r#"<md:KeyDescriptor use="encryption">{certificate}"#,
            r#"<md:EncryptionMethod Algorithm="{enc11}aes256-gcm"/><md:EncryptionMethod Algorithm="{enc11}aes128-gcm"/>"#,
            r#"<md:EncryptionMethod Algorithm="{enc}rsa-oaep-mgf1p"/></md:KeyDescriptor>"#,
            r#"<md:SingleLogoutService Binding="{redirect}" Location="{slo}"/>"#,
            r#"<md:SingleLogoutService Binding="{post}" Location="{slo}"/>"#,
            r#"<md:NameIDFormat>{persistent}</md:NameIDFormat><md:NameIDFormat>{email}</md:NameIDFormat>"#,
            r#"<md:AssertionConsumerService Binding="{post}" Location="{acs}" index="0" isDefault="true"/>"#,
            r#"</md:SPSSODescriptor></md:EntityDescriptor>"#,
            "\n",
        ),
        md = names::METADATA_NS,
        ds = names::SIGNATURE_NS,
        entity_id = Escaped(&us.entity_id),
        signs = signs_requests,
        protocol = names::PROTOCOL_NS,
        certificate = certificate,
        enc11 = "http://www.w3.org/2009/xmlenc11#",
        enc = names::ENCRYPTION_NS,
        persistent = names::PERSISTENT,
        email = names::EMAIL_ADDRESS,
        redirect = names::BINDING_REDIRECT,
        post = names::BINDING_POST,
        slo = Escaped(&us.slo),
        acs = Escaped(&us.acs),
    )
}
