//! Metadata of others (SAML 2.0 Metadata): here of identity providers, in [`service_provider`] of applications. Whoever hands it over vouches for it, unless a certificate is pinned
//! that must have signed it: two types tell which. Never fetches anything.

use std::collections::BTreeSet;

use url::Url;

mod service_provider;

pub use service_provider::{SpMetadata, read_sp};

use super::Refusal;
use super::assertion::optional_moment;
use super::gate::{Gated, MOST_BYTES};
use super::keys::{self, PinnedKeys};
use super::names::{self, Name};
use super::signature;
use super::structure;
use super::tree::{Element, Tree};
use crate::domain::connection::{SamlBinding, SamlEndpoint};
use crate::domain::time::Timestamp;

const MOST_CERTIFICATES: usize = 8;
const LONGEST_ENTITY_ID: usize = 1_024;

/// What a provider's metadata says. Nobody but whoever handed it over vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpMetadata {
    /// Its name, the `Issuer` of all that it says.
    pub entity_id: String,
    /// Where people are sent; HTTP-Redirect where there is a choice.
    pub sso: SamlEndpoint,
    /// Where sign-outs are sent, if it takes them.
    pub slo: Option<SamlEndpoint>,
    /// What its signatures are verified with: DER in base64; at least one.
    pub certificates: Vec<String>,
    /// Until when this is good, if it says so.
    pub valid_until: Option<Timestamp>,
    /// Whether it wants our requests signed.
    pub wants_signed_requests: bool,
}

/// The same, signed by the certificate that was pinned for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIdpMetadata(IdpMetadata);

impl SignedIdpMetadata {
    /// What it says.
    pub fn into_inner(self) -> IdpMetadata {
        self.0
    }
}

/// Reads the metadata of one identity provider.
pub fn read_idp(xml: &[u8], now: Timestamp) -> Result<IdpMetadata, Refusal> {
    let text = without_comments(xml)?;
    let tree = Tree::read(Gated::pass(text.as_bytes())?)?;
    structure::metadata(tree.root())?;
    read(tree.root(), now)
}

/// Reads metadata that a certificate must have signed, of which the SHA-256 in hex was pinned. The certificate is taken from
/// the signature's `KeyInfo`: here the pin says which one is right.
pub fn read_signed_idp(xml: &[u8], fingerprint: &str, now: Timestamp) -> Result<SignedIdpMetadata, Refusal> {
    let text = without_comments(xml)?;
    let tree = Tree::read(Gated::pass(text.as_bytes())?)?;
    let root = tree.root();
    structure::metadata(root)?;
    let signature = root.child(names::SIGNATURE)?.ok_or(Refusal::MetadataUnsigned)?;
    let certificate = pinned_certificate(signature, fingerprint)?;
    let verified = signature::verify(root, &PinnedKeys::of(&[certificate])?)?;
    let tree = verified.tree()?;
    structure::metadata(tree.root())?;
    read(tree.root(), now).map(SignedIdpMetadata)
}

fn pinned_certificate(signature: Element<'_>, fingerprint: &str) -> Result<String, Refusal> {
    let wanted: String = fingerprint.chars().filter(char::is_ascii_hexdigit).collect();
    for certificate in signature
        .and_below()
        .filter(|element| element.is(names::X509_CERTIFICATE))
    {
        let text = certificate.text()?;
        if keys::fingerprint(&keys::der_of(text)?).eq_ignore_ascii_case(&wanted) {
            return Ok(text.to_owned());
        }
    }
    Err(Refusal::MetadataSigner)
}

/// Comments are common in metadata, and mean nothing: no canonical form has them. A `<` opens nothing else than markup where
/// there are no CDATA sections and no document type, and both are refused next.
fn without_comments(xml: &[u8]) -> Result<String, Refusal> {
    if xml.len() > MOST_BYTES {
        return Err(Refusal::TooLong);
    }
    let text = str::from_utf8(xml).map_err(|_| Refusal::NotUtf8)?;
    let mut rest = text.trim_start_matches('\u{FEFF}');
    let mut kept = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        let (comment, after) = after.split_once("-->").ok_or(Refusal::NotXml)?;
        if comment.contains("--") || comment.ends_with('-') {
            return Err(Refusal::NotXml);
        }
        rest = after;
    }
    kept.push_str(rest);
    Ok(kept)
}

fn read(root: Element<'_>, now: Timestamp) -> Result<IdpMetadata, Refusal> {
    let entity_id = entity_id(root)?;
    let descriptor = descriptor(root, names::IDP_DESCRIPTOR)?.ok_or(Refusal::NoProvider)?;
    let valid_until = valid_until(root, descriptor, now)?;
    Ok(IdpMetadata {
        entity_id,
        sso: endpoint(descriptor, names::SIGN_ON_SERVICE)?.ok_or(Refusal::NoSignOnService)?,
        slo: endpoint(descriptor, names::LOGOUT_SERVICE)?,
        certificates: signing_certificates(descriptor)?,
        valid_until,
        wants_signed_requests: matches!(
            descriptor.attribute("WantAuthnRequestsSigned"),
            Some("true" | "1")
        ),
    })
}

fn entity_id(root: Element<'_>) -> Result<String, Refusal> {
    let entity_id = root.required("entityID")?.trim_ascii();
    if entity_id.is_empty() || entity_id.len() > LONGEST_ENTITY_ID || entity_id.contains(char::is_control) {
        return Err(Refusal::BadEntityId);
    }
    Ok(entity_id.to_owned())
}

/// Until when this is good, which must not be over.
fn valid_until(
    root: Element<'_>,
    descriptor: Element<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let ends = [
        optional_moment(root, "validUntil")?,
        optional_moment(descriptor, "validUntil")?,
    ];
    let valid_until = ends.into_iter().flatten().min();
    if valid_until.is_some_and(|until| until <= now) {
        return Err(Refusal::MetadataExpired);
    }
    Ok(valid_until)
}

/// The one role of this name that speaks SAML 2.0. Others speak older versions.
fn descriptor(root: Element<'_>, role: Name) -> Result<Option<Element<'_>>, Refusal> {
    let speaks = |descriptor: &Element<'_>| {
        let protocols = descriptor
            .attribute("protocolSupportEnumeration")
            .unwrap_or_default();
        protocols
            .split_ascii_whitespace()
            .any(|protocol| protocol == names::PROTOCOL_NS)
    };
    let descriptors = root.children_named(role)?;
    let mut speaking = descriptors.into_iter().filter(speaks);
    match (speaking.next(), speaking.next()) {
        (descriptor, None) => Ok(descriptor),
        (_, Some(_)) => Err(Refusal::SeveralProviders),
    }
}

/// Certificates for signing, at least one.
fn signing_certificates(descriptor: Element<'_>) -> Result<Vec<String>, Refusal> {
    let found = certificates(descriptor, "signing")?;
    if found.is_empty() {
        return Err(Refusal::NoSigningCertificate);
    }
    PinnedKeys::of(&found)?;
    Ok(found)
}

/// Certificates for a use, and those that do not say what for. Leaving `use` out never takes one away (SA35).
fn certificates(descriptor: Element<'_>, usage: &str) -> Result<Vec<String>, Refusal> {
    let mut found = BTreeSet::new();
    for key in descriptor.children_named(names::KEY_DESCRIPTOR)? {
        if key.attribute("use").is_some_and(|of| of != usage) {
            continue;
        }
        for certificate in key
            .and_below()
            .filter(|element| element.is(names::X509_CERTIFICATE))
        {
            found.insert(certificate.text()?.split_ascii_whitespace().collect::<String>());
        }
    }
    if found.len() > MOST_CERTIFICATES {
        return Err(Refusal::TooManyCertificates);
    }
    Ok(found.into_iter().collect())
}

fn endpoint(descriptor: Element<'_>, name: Name) -> Result<Option<SamlEndpoint>, Refusal> {
    let services = descriptor.children_named(name)?;
    for (uri, binding) in [
        (names::BINDING_REDIRECT, SamlBinding::Redirect),
        (names::BINDING_POST, SamlBinding::Post),
    ] {
        let mut services = services.iter();
        if let Some(service) = services.find(|service| service.attribute("Binding") == Some(uri)) {
            return Ok(Some(SamlEndpoint {
                binding,
                url: location(*service)?,
            }));
        }
    }
    Ok(None)
}

/// Where a service is.
fn location(service: Element<'_>) -> Result<String, Refusal> {
    let url = service.required("Location")?.trim_ascii();
    if is_safe(url) {
        Ok(url.to_owned())
    } else {
        Err(Refusal::BadAddress)
    }
}

/// People are sent by https, or within one machine; no fragment, which a query can't follow.
fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    encrypted && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
}
