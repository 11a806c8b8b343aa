//! How an application speaks SAML, as programs write and read it: taken from its metadata, from single fields, or both.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::certificate::CertificateShown;
use super::problem::{FieldError, Problem};
use crate::domain::connection::{SamlBinding, SamlEndpoint};
use crate::domain::service_provider::{
    AssertionAlgorithm, AttributeSource, Consumer, NameIdFormat, ReleasedAttribute, ServiceProvider,
};
use crate::domain::time::Timestamp;
use crate::domain::upstream_address::parse_upstream_address;
use crate::saml::idp::{EncryptionKey, IdentityProvider};
use crate::saml::keys::certificate_facts;
use crate::saml::metadata::{self, SpMetadata};

/// How an application speaks SAML 2.0.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a registered yes or no")]
pub(super) struct ApplicationSaml {
    /// What the application is called in messages.
    #[schema(example = "https://wiki.example.com/saml")]
    entity_id: String,
    /// Where assertions may go, the first by default.
    acs_urls: Vec<String>,
    /// Where sign-outs are sent, by HTTP-Redirect.
    slo_url: Option<String>,
    /// What its signatures are verified with.
    certificates: Vec<CertificateShown>,
    /// Whether only signed requests are answered.
    require_signed_requests: bool,
    /// Whether assertions are encrypted.
    encrypt_assertions: bool,
    /// Whether the assertion is signed.
    sign_assertion: bool,
    /// Whether the response is.
    sign_response: bool,
    /// What signs: `RSA-SHA256` or `ECDSA-SHA256`.
    #[schema(value_type = String, example = "RSA-SHA256")]
    signature_algorithm: AssertionAlgorithm,
    /// By which kinds of names people are told, the first by default: `persistent`, `email`, `transient`.
    #[schema(value_type = Vec<String>, example = json!(["persistent", "email"]))]
    name_id_formats: Vec<NameIdFormat>,
    /// What it is told of people.
    attributes: Vec<ToldAttribute>,
    /// Whether people may come to it without its request.
    idp_initiated: bool,
    /// What the application needs to know of this side.
    identity_provider: IdentityProviderShown,
}

/// What an application needs to know of this side.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityProviderShown {
    /// What we are called in messages; our metadata is there.
    entity_id: String,
    /// Where its requests come, by HTTP-Redirect or HTTP-POST.
    sso_url: String,
    /// Where its sign-outs come, likewise.
    slo_url: String,
}

/// One attribute that an application is told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToldAttribute {
    /// Its name.
    #[schema(example = "urn:oid:0.9.2342.19200300.100.1.3")]
    name: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "mail", nullable = false)]
    friendly_name: Option<String>,
    /// What it says: `user_id`, `email`, `name`, `organization`, `organization_id`, `roles`, `groups`, `permissions`.
    #[schema(value_type = String, example = "email")]
    value: AttributeSource,
}

/// How an application is to speak SAML: its metadata, or at least `entity_id` and `acs_urls`. A field that is said stands
/// above the metadata.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SamlToPut {
    /// The application's own metadata.
    #[schema(nullable = false)]
    metadata_xml: Option<String>,
    /// What the application is called in messages.
    #[schema(example = "https://wiki.example.com/saml", nullable = false)]
    entity_id: Option<String>,
    /// Where assertions may go, the first by default: https, or http to this very machine.
    #[schema(example = json!(["https://wiki.example.com/saml/acs"]), nullable = false, max_items = 20)]
    acs_urls: Option<Vec<String>>,
    /// Where sign-outs are sent, by HTTP-Redirect.
    #[schema(nullable = false)]
    slo_url: Option<String>,
    /// What its signatures are verified with: PEM, or DER in base64.
    #[schema(nullable = false, max_items = 8)]
    certificates: Option<Vec<String>>,
    /// Whether only signed requests are answered; by default what its metadata says of its requests.
    #[schema(nullable = false)]
    require_signed_requests: Option<bool>,
    /// Whether assertions are encrypted, to `encryption_certificate` or its metadata's; not by default.
    #[schema(nullable = false)]
    encrypt_assertions: Option<bool>,
    /// What assertions are encrypted to: PEM, or DER in base64, of an RSA key.
    #[schema(nullable = false)]
    encryption_certificate: Option<String>,
    /// Whether the assertion is signed; yes by default. One of the two is.
    #[schema(nullable = false)]
    sign_assertion: Option<bool>,
    /// Whether the response is signed; yes by default.
    #[schema(nullable = false)]
    sign_response: Option<bool>,
    /// What signs: `RSA-SHA256`, which everybody knows, by default, or `ECDSA-SHA256`.
    #[schema(value_type = Option<String>, example = "RSA-SHA256", nullable = false)]
    signature_algorithm: Option<AssertionAlgorithm>,
    /// By which kinds of names people may be told: `persistent` and `email` by default, `transient`.
    #[schema(value_type = Option<Vec<String>>, example = json!(["persistent", "email"]), nullable = false)]
    name_id_formats: Option<Vec<NameIdFormat>>,
    /// What it is told of people; by default `email`, `name`, `organization`, `roles`, `groups` and `permissions`.
    #[schema(nullable = false, max_items = 50)]
    attributes: Option<Vec<ToldAttribute>>,
    /// Whether people may come to it without its request; not by default.
    #[schema(nullable = false)]
    idp_initiated: Option<bool>,
}

impl ApplicationSaml {
    pub(super) fn of(provider: &ServiceProvider, us: IdentityProvider) -> Self {
        let provider = provider.clone();
        let attributes = provider.attributes.into_iter().map(|told| ToldAttribute {
            name: told.name,
            friendly_name: told.friendly_name,
            value: told.value,
        });
        Self {
            entity_id: provider.entity_id,
            acs_urls: provider
                .consumers
                .into_iter()
                .map(|consumer| consumer.url)
                .collect(),
            slo_url: provider.slo.map(|slo| slo.url),
            certificates: CertificateShown::all(&provider.certificates),
            require_signed_requests: provider.requires_signed_requests,
            encrypt_assertions: provider.encryption_certificate.is_some(),
            sign_assertion: provider.signs_assertions,
            sign_response: provider.signs_responses,
            signature_algorithm: provider.algorithm,
            name_id_formats: provider.name_id_formats,
            attributes: attributes.collect(),
            idp_initiated: provider.idp_initiated,
            identity_provider: IdentityProviderShown {
                entity_id: us.entity_id,
                sso_url: us.sso,
                slo_url: us.slo,
            },
        }
    }
}

impl SamlToPut {
    /// What is to be registered, or all that is wrong with it.
    pub(super) fn read(self, now: Timestamp) -> Result<ServiceProvider, Problem> {
        let metadata = self.metadata_xml.as_deref().map(|xml| {
            let read = metadata::read_sp(xml.as_bytes(), now);
            read.map_err(|why| Problem::field("/metadata_xml", why))
        });
        let metadata = metadata.transpose()?;
        let mut wrong = Vec::new();
        let provider = self.over(metadata.as_ref(), &mut wrong);
        if wrong.is_empty() {
            Ok(provider)
        } else {
            Err(Problem::fields(wrong))
        }
    }

    fn over(self, metadata: Option<&SpMetadata>, wrong: &mut Vec<FieldError>) -> ServiceProvider {
        let of_metadata = |read: fn(&SpMetadata) -> bool| metadata.is_some_and(read);
        let entity_id = self
            .entity_id
            .or(metadata.map(|metadata| metadata.entity_id.clone()));
        let entity_id = entity_id.unwrap_or_default();
        if entity_id.is_empty() || entity_id.len() > 1_024 || entity_id.contains(char::is_control) {
            let told = "say what the application is called in messages, in at most 1,024 characters";
            wrong.push(FieldError::invalid("/entity_id", told));
        }
        let certificates = match self.certificates {
            Some(texts) => certificates(&texts, wrong),
            None => metadata.map_or_else(Vec::new, |metadata| metadata.certificates.clone()),
        };
        let requires_signed_requests = self
            .require_signed_requests
            .unwrap_or_else(|| of_metadata(|metadata| metadata.signs_requests));
        if requires_signed_requests && certificates.is_empty() {
            let told = "signed requests take a certificate to verify them with";
            wrong.push(FieldError::invalid("/require_signed_requests", told));
        }
        let encrypts_to = self.encryption_certificate.map(|text| der_of(&text));
        let encrypts_to =
            encrypts_to.or(metadata.and_then(|metadata| metadata.encryption_certificate.clone()));
        let encryption_certificate = encrypts_to.filter(|_| self.encrypt_assertions == Some(true));
        match &encryption_certificate {
            None if self.encrypt_assertions == Some(true) => {
                let told = "encrypted assertions take a certificate to encrypt them to";
                wrong.push(FieldError::invalid("/encryption_certificate", told));
            }
            Some(certificate) => {
                if let Err(why) = EncryptionKey::of(certificate) {
                    wrong.push(FieldError::invalid("/encryption_certificate", why));
                }
            }
            None => {}
        }
        let (signs_assertions, signs_responses) = (
            self.sign_assertion.unwrap_or(true),
            self.sign_response.unwrap_or(true),
        );
        if !signs_assertions && !signs_responses {
            let told = "the assertion or the response is signed";
            wrong.push(FieldError::invalid("/sign_response", told));
        }
        ServiceProvider {
            entity_id,
            consumers: match self.acs_urls {
                Some(urls) => consumers(&urls, wrong),
                None => metadata.map_or_else(|| consumers(&[], wrong), |metadata| metadata.consumers.clone()),
            },
            slo: match self.slo_url {
                Some(url) => Some(slo(url, &certificates, wrong)),
                None => metadata.and_then(|metadata| metadata.slo.clone()),
            },
            certificates,
            requires_signed_requests,
            encryption_certificate,
            signs_assertions,
            signs_responses,
            algorithm: self.signature_algorithm.unwrap_or(AssertionAlgorithm::RsaSha256),
            name_id_formats: formats(self.name_id_formats, metadata, wrong),
            attributes: self
                .attributes
                .map_or_else(ServiceProvider::usual_attributes, |told| attributes(told, wrong)),
            idp_initiated: self.idp_initiated.unwrap_or(false),
        }
    }
}

fn certificates(texts: &[String], wrong: &mut Vec<FieldError>) -> Vec<String> {
    if texts.len() > ServiceProvider::MOST_CERTIFICATES {
        wrong.push(FieldError::invalid("/certificates", "at most 8"));
    }
    let read = texts.iter().enumerate().map(|(at, text)| {
        let certificate = der_of(text);
        if let Err(why) = certificate_facts(&certificate) {
            wrong.push(FieldError::invalid(format!("/certificates/{at}"), why));
        }
        certificate
    });
    read.collect()
}

/// The base64 of a certificate, without what PEM writes around it.
fn der_of(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    lines.flat_map(str::split_ascii_whitespace).collect()
}

fn consumers(urls: &[String], wrong: &mut Vec<FieldError>) -> Vec<Consumer> {
    if urls.is_empty() || urls.len() > ServiceProvider::MOST_CONSUMERS {
        let told = "name 1 to 20 places that assertions may go to";
        wrong.push(FieldError::invalid("/acs_urls", told));
    }
    let read = (0_u16..).zip(urls).map(|(index, url)| {
        if let Err(why) = parse_upstream_address(url) {
            wrong.push(FieldError::invalid(format!("/acs_urls/{index}"), why));
        }
        Consumer {
            index,
            url: url.clone(),
        }
    });
    read.collect()
}

/// A sign-out that comes from there must be signed, or it isn't believed.
fn slo(url: String, certificates: &[String], wrong: &mut Vec<FieldError>) -> SamlEndpoint {
    if let Err(why) = parse_upstream_address(&url) {
        wrong.push(FieldError::invalid("/slo_url", why));
    }
    if certificates.is_empty() {
        let told = "single logout takes a certificate to verify the application's messages with";
        wrong.push(FieldError::invalid("/slo_url", told));
    }
    SamlEndpoint {
        binding: SamlBinding::Redirect,
        url,
    }
}

/// As said; else those of ours that its metadata knows; else those that say who it is for good.
fn formats(
    said: Option<Vec<NameIdFormat>>,
    metadata: Option<&SpMetadata>,
    wrong: &mut Vec<FieldError>,
) -> Vec<NameIdFormat> {
    let usual = vec![NameIdFormat::Persistent, NameIdFormat::Email];
    let Some(said) = said else {
        let known = metadata.map_or_else(Vec::new, |metadata| metadata.name_id_formats.clone());
        return if known.is_empty() { usual } else { known };
    };
    let twice = (1..said.len()).any(|at| said[..at].contains(&said[at]));
    if said.is_empty() || twice {
        let told = "name at least one kind of name, and each once";
        wrong.push(FieldError::invalid("/name_id_formats", told));
    }
    said
}

fn attributes(told: Vec<ToldAttribute>, wrong: &mut Vec<FieldError>) -> Vec<ReleasedAttribute> {
    if told.len() > ServiceProvider::MOST_ATTRIBUTES {
        wrong.push(FieldError::invalid("/attributes", "at most 50"));
    }
    let is_name = |name: &str| !name.is_empty() && name.len() <= 200 && !name.contains(char::is_control);
    let mut read: Vec<ReleasedAttribute> = Vec::with_capacity(told.len());
    for (at, one) in told.into_iter().enumerate() {
        let friendly = one.friendly_name.as_deref().is_none_or(is_name);
        if !is_name(&one.name) || !friendly || read.iter().any(|other| other.name == one.name) {
            let told = "an attribute has a name of its own, of at most 200 characters";
            wrong.push(FieldError::invalid(format!("/attributes/{at}"), told));
        }
        read.push(ReleasedAttribute {
            name: one.name,
            friendly_name: one.friendly_name,
            value: one.value,
        });
    }
    read
}
