//! Metadata of SAML providers, fetched and taken in. Who hands it over vouches for it, or the certificate that was pinned
//! for it; and whatever newer metadata says, what was asked of its provider here stays (S11, SA35).

use super::provider::AskedSaml;
use crate::directory::DirectoryError;
use crate::domain::connection::{Provider, SamlBinding, SamlEndpoint, SamlProvider};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::upstream_address::parse_upstream_address;
use crate::outbound::Outbound;
use crate::saml::metadata::{self, IdpMetadata};

/// The longest metadata, in bytes.
const MOST_METADATA: usize = 256 * 1024;

/// Fetches metadata. Never in a transaction.
pub async fn fetch_metadata(outbound: &Outbound, url: &str) -> Result<Vec<u8>, DirectoryError> {
    let url = parse_upstream_address(url);
    let url = url.map_err(|error| DirectoryError::field("/metadata_url", error.to_string()))?;
    let fetched = outbound.get(&url, MOST_METADATA).await;
    fetched.map_err(|error| DirectoryError::field("/metadata_url", format!("can't read it: {error}")))
}

/// A provider as its metadata has it.
pub fn import(xml: &[u8], asked: AskedSaml, now: Timestamp) -> Result<SamlProvider, DirectoryError> {
    // What is asked of it is read first: a pin is one from the first reading on.
    let unknown = SamlProvider {
        entity_id: String::new(),
        sso: SamlEndpoint {
            binding: SamlBinding::Redirect,
            url: String::new(),
        },
        slo: None,
        certificates: Vec::new(),
        metadata_url: None,
        metadata_fingerprint: None,
        valid_until: None,
        signs_requests: true,
        idp_initiated: false,
    };
    reimport(&asked.over(unknown)?, xml, now)
}

/// The same provider as newer metadata has it. What was asked of it here stays, and it never loses its last certificate.
pub fn reimport(known: &SamlProvider, xml: &[u8], now: Timestamp) -> Result<SamlProvider, DirectoryError> {
    let read = match &known.metadata_fingerprint {
        Some(pin) => metadata::read_signed_idp(xml, pin, now).map(metadata::SignedIdpMetadata::into_inner),
        None => metadata::read_idp(xml, now),
    };
    let read = read.map_err(|refusal| DirectoryError::field("/metadata_xml", refusal.to_string()))?;
    let IdpMetadata {
        entity_id,
        sso,
        slo,
        certificates,
        valid_until,
        wants_signed_requests,
    } = read;
    if certificates.is_empty() && !known.certificates.is_empty() {
        let none = "it has no signing certificate, and what is known here has";
        return Err(DirectoryError::field("/metadata_xml", none));
    }
    Ok(SamlProvider {
        entity_id,
        sso,
        slo,
        certificates,
        valid_until,
        signs_requests: known.signs_requests || wants_signed_requests,
        ..known.clone()
    })
}

/// What people call a provider that nobody named: its host.
pub fn usual_name(provider: &Provider) -> DisplayName {
    let address = match provider {
        Provider::Oidc(oidc) => &oidc.issuer,
        Provider::Saml(saml) => &saml.sso.url,
    };
    let host = url::Url::parse(address).ok();
    let host = host.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    let short: String = host.chars().take(DisplayName::MAX_CHARS).collect();
    DisplayName::parse(&short)
        .or_else(|_| DisplayName::parse("Sign-in provider"))
        .expect("a plain name")
}
