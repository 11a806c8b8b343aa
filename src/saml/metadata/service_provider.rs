//! Metadata of service providers: what an application wants of us (SAML 2.0 Metadata §2.4.4).

use super::{certificates, descriptor, endpoint, entity_id, location, valid_until, without_comments};
use crate::domain::connection::SamlEndpoint;
use crate::domain::service_provider::{Consumer, NameIdFormat, ServiceProvider};
use crate::domain::time::Timestamp;
use crate::saml::gate::Gated;
use crate::saml::idp::{EncryptionKey, format_uri};
use crate::saml::keys::PinnedKeys;
use crate::saml::tree::{Element, Tree};
use crate::saml::{Refusal, names, structure};

/// What an application's metadata says. Whoever hands it over vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpMetadata {
    /// Its name.
    pub entity_id: String,
    /// Where assertions may go, the default first; at least one.
    pub consumers: Vec<Consumer>,
    /// Where sign-outs are sent, if it takes them.
    pub slo: Option<SamlEndpoint>,
    /// What its signatures are verified with: DER in base64.
    pub certificates: Vec<String>,
    /// What assertions may be encrypted to, if it says.
    pub encryption_certificate: Option<String>,
    /// Whether it signs its requests.
    pub signs_requests: bool,
    /// The kinds of names that it knows, of those that we have.
    pub name_id_formats: Vec<NameIdFormat>,
}

/// Reads the metadata of one service provider.
pub fn read_sp(xml: &[u8], now: Timestamp) -> Result<SpMetadata, Refusal> {
    let text = without_comments(xml)?;
    let tree = Tree::read(Gated::pass(text.as_bytes())?)?;
    let root = tree.root();
    structure::metadata(root)?;
    let descriptor = descriptor(root, names::SP_DESCRIPTOR)?.ok_or(Refusal::NoServiceProvider)?;
    valid_until(root, descriptor, now)?;
    let signing = certificates(descriptor, "signing")?;
    if !signing.is_empty() {
        PinnedKeys::of(&signing)?;
    }
    let encryption_certificate = certificates(descriptor, "encryption")?.into_iter().next();
    if let Some(certificate) = &encryption_certificate {
        EncryptionKey::of(certificate)?;
    }
    Ok(SpMetadata {
        entity_id: entity_id(root)?,
        consumers: consumers(descriptor)?,
        slo: endpoint(descriptor, names::LOGOUT_SERVICE)?,
        certificates: signing,
        encryption_certificate,
        signs_requests: matches!(descriptor.attribute("AuthnRequestsSigned"), Some("true" | "1")),
        name_id_formats: formats(descriptor)?,
    })
}

/// Its places of HTTP-POST, the default first (§2.4.4.1); others take what we do not send.
fn consumers(descriptor: Element<'_>) -> Result<Vec<Consumer>, Refusal> {
    let mut found = Vec::new();
    for service in descriptor.children_named(names::CONSUMER_SERVICE)? {
        if service.attribute("Binding") != Some(names::BINDING_POST) {
            continue;
        }
        let is_default = matches!(service.attribute("isDefault"), Some("true" | "1"));
        let index = service.attribute("index").unwrap_or("0");
        let consumer = Consumer {
            index: index.parse().map_err(|_| Refusal::NoConsumer)?,
            url: location(service)?,
        };
        found.push((!is_default, consumer));
    }
    if found.len() > ServiceProvider::MOST_CONSUMERS {
        return Err(Refusal::TooManyConsumers);
    }
    found.sort_by_key(|(later, consumer)| (*later, consumer.index));
    if found.is_empty() {
        return Err(Refusal::NoConsumer);
    }
    Ok(found.into_iter().map(|(_, consumer)| consumer).collect())
}

fn formats(descriptor: Element<'_>) -> Result<Vec<NameIdFormat>, Refusal> {
    let ours = [
        NameIdFormat::Persistent,
        NameIdFormat::Email,
        NameIdFormat::Transient,
    ];
    let mut found = Vec::new();
    for format in descriptor.children_named(names::NAME_ID_FORMAT)? {
        let uri = format.trimmed()?;
        let known = ours.into_iter().find(|ours| format_uri(*ours) == uri);
        found.extend(known.filter(|format| !found.contains(format)));
    }
    Ok(found)
}
