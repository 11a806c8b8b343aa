//! Our metadata for an application (SAML 2.0 Metadata §2.4.3).

use super::{IdentityProvider, format_uri};
use crate::domain::service_provider::ServiceProvider;
use crate::saml::keys::OwnKey;
use crate::saml::names;
use crate::saml::write::Escaped;

/// What an administrator gives to the application: who we are, what our signatures are verified with, and where people go.
pub fn metadata(us: &IdentityProvider, sp: &ServiceProvider, key: &OwnKey) -> String {
    let service = |name: &str, place: &str| {
        let of = |binding: &str| {
            format!(
                r#"<md:{name} Binding="{binding}" Location="{}"/>"#,
                Escaped(place)
            )
        };
        of(names::BINDING_REDIRECT) + &of(names::BINDING_POST)
    };
    let formats = sp
        .name_id_formats
        .iter()
        .map(|format| format!("<md:NameIDFormat>{}</md:NameIDFormat>", format_uri(*format)));
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            "\n",
            r#"<md:EntityDescriptor xmlns:md="{md}" xmlns:ds="{ds}" entityID="{entity_id}">"#,
            r#"<md:IDPSSODescriptor WantAuthnRequestsSigned="{signed}" protocolSupportEnumeration="{protocol}">"#,
            r#"<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}"#,
            r#"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"#,
            r#"{slo}{formats}{sso}</md:IDPSSODescriptor></md:EntityDescriptor>"#,
            "\n",
        ),
        md = names::METADATA_NS,
        ds = names::SIGNATURE_NS,
        entity_id = Escaped(&us.entity_id),
        signed = sp.requires_signed_requests,
        protocol = names::PROTOCOL_NS,
        certificate = key.certificate(),
        slo = service("SingleLogoutService", &us.slo),
        formats = formats.collect::<Vec<_>>().concat(),
        sso = service("SingleSignOnService", &us.sso),
    )
}
