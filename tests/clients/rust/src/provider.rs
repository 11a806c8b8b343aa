//! What `samael` does and says, and what it leaves to the application that uses it.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use samael::crypto::{AllowedSignatureAlgorithm, UrlVerifier, sign_url};
use samael::key_info::{KeyInfo, X509Data};
use samael::metadata::{EncryptionMethod, HTTP_POST_BINDING, HTTP_REDIRECT_BINDING, KeyDescriptor};
use samael::schema::{AuthnRequest, Issuer, LogoutRequest, LogoutResponse, NameID, Status, StatusCode};
use samael::service_provider::ServiceProvider;
use samael::signature::{DigestAlgorithm, Signature};
use samael::traits::ToXml;
use serde_json::{Value, json};
use url::Url;

use crate::keys::Pair;
use crate::{Outcome, escaped};

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const UNKNOWN_PRINCIPAL: &str = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal";
/// All that it decrypts.
const ENCRYPTION: [&str; 2] = [
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

/// What whoever started this wants.
pub struct Asked {
    pub signed: bool,
    pub encrypted: bool,
    pub post: bool,
    pub unsolicited: bool,
}

/// How a browser takes a request along.
pub enum Sent {
    To(String),
    Form(String),
}

pub struct Provider {
    asked: Asked,
    library: ServiceProvider,
    pair: Pair,
    /// The ids of requests that wait for an answer.
    outstanding: Vec<String>,
    session: Option<NameID>,
}

impl Provider {
    pub fn new(base: &str, asked: Asked) -> Outcome<Self> {
        let pair = Pair::new()?;
        let library = ServiceProvider {
            entity_id: Some(format!("{base}/metadata")),
            key: Some(pair.private.clone()),
            certificate: Some(pair.certificate.clone()),
            metadata_url: Some(format!("{base}/metadata")),
            acs_url: Some(format!("{base}/acs")),
            slo_url: Some(format!("{base}/slo")),
            allow_idp_initiated: asked.unsolicited,
            allowed_signature_algorithms: Some(vec![
                AllowedSignatureAlgorithm::RsaSha256,
                AllowedSignatureAlgorithm::EcdsaSha256,
            ]),
            ..ServiceProvider::default()
        };
        Ok(Self {
            asked,
            library,
            pair,
            outstanding: Vec::new(),
            session: None,
        })
    }

    /// What it says of itself.
    pub fn told(&self) -> Outcome<Value> {
        let place = |place: &Option<String>| place.clone().unwrap_or_default();
        let entity_id = place(&self.library.entity_id);
        Ok(json!({
            "url": entity_id.trim_end_matches("/metadata"), "entity_id": entity_id,
            "acs": place(&self.library.acs_url), "slo": place(&self.library.slo_url), "metadata": self.metadata()?,
        }))
    }

    /// The library's own, but for what it says of every service provider alike: that requests are not signed, that its
    /// one key signs, and that a logout comes by POST.
    fn metadata(&self) -> Outcome<String> {
        let mut metadata = self.library.metadata()?;
        let key = |usage: &str, methods: Option<Vec<EncryptionMethod>>| KeyDescriptor {
            key_use: Some(usage.to_owned()),
            key_info: KeyInfo {
                id: None,
                x509_data: Some(X509Data {
                    certificates: vec![STANDARD.encode(self.pair.certificate.der_data())],
                }),
            },
            encryption_methods: methods,
        };
        for role in metadata.sp_sso_descriptors.iter_mut().flatten() {
            let methods = ENCRYPTION.map(|name| EncryptionMethod {
                algorithm: name.to_owned(),
            });
            let signing = self.asked.signed.then(|| key("signing", None));
            let encryption = self
                .asked
                .encrypted
                .then(|| key("encryption", Some(methods.to_vec())));
            role.key_descriptors = Some(signing.into_iter().chain(encryption).collect());
            role.authn_requests_signed = Some(self.asked.signed);
            for place in role.single_logout_services.iter_mut().flatten() {
                place.binding = HTTP_REDIRECT_BINDING.to_owned();
                place.response_location = None;
            }
        }
        Ok(metadata.to_string()?)
    }

    pub fn configure(&mut self, metadata: &str) -> Outcome<()> {
        self.library.idp_metadata = metadata.parse()?;
        // Without one the library believes what nobody signed.
        let keys = self.library.idp_signing_certs()?;
        keys.map(drop).ok_or_else(|| "no key that signs".into())
    }

    pub fn log_in(&mut self, relay_state: &str, force: bool, passive: bool) -> Outcome<Sent> {
        let binding = if self.asked.post {
            HTTP_POST_BINDING
        } else {
            HTTP_REDIRECT_BINDING
        };
        let place = self.library.sso_binding_location(binding);
        let place = place.ok_or("the provider has no such binding")?;
        let mut request = self.library.make_authentication_request(&place)?;
        request.force_authn = Some(force);
        request.is_passive = passive.then_some(true);
        self.outstanding.push(request.id.clone());
        if self.asked.post {
            return Ok(Sent::Form(self.form(request, &place, relay_state)?));
        }
        let url = if self.asked.signed {
            request.signed_redirect(relay_state, &self.pair.private)?
        } else {
            request.redirect(relay_state)?
        };
        Ok(Sent::To(url.ok_or("no destination")?.into()))
    }

    /// The library's own form leaves the relay state as it is, and cannot hold a signed request.
    fn form(&self, mut request: AuthnRequest, place: &str, relay_state: &str) -> Outcome<String> {
        let document = if self.asked.signed {
            let mut signature = Signature::template(&request.id, &self.pair.certificate);
            for reference in &mut signature.signed_info.reference {
                reference.digest_method.algorithm = DigestAlgorithm::Sha256;
            }
            request.signature = Some(signature);
            request.to_signed_xml(&self.pair.private.private_key_to_der()?)?
        } else {
            request.to_string()?
        };
        Ok(format!(
            concat!(
                r#"<!DOCTYPE html><title>samael</title><body onload="document.forms[0].submit()"><form method="post" action="{}">"#,
                r#"<input type="hidden" name="SAMLRequest" value="{}"><input type="hidden" name="RelayState" value="{}">"#,
                r#"<button type="submit">Continue</button></form>"#,
            ),
            escaped(place),
            STANDARD.encode(document),
            escaped(relay_state)
        ))
    }

    pub fn consume(&mut self, response: &str, relay_state: Option<String>) -> Outcome<Value> {
        let known: Vec<&str> = self.outstanding.iter().map(String::as_str).collect();
        let assertion = self.library.parse_base64_response(response, Some(&known))?;
        let subject = assertion.subject.ok_or("no subject")?;
        let name = subject.name_id.ok_or("no name")?;
        let confirmations = subject.subject_confirmations.unwrap_or_default();
        let asked = confirmations
            .into_iter()
            .find_map(|confirmation| confirmation.subject_confirmation_data?.in_response_to);
        self.outstanding.retain(|id| Some(id) != asked.as_ref());
        let mut attributes = BTreeMap::<String, Vec<String>>::new();
        for statement in assertion.attribute_statements.into_iter().flatten() {
            for attribute in statement.attributes {
                let values = attribute.values.into_iter().filter_map(|value| value.value);
                attributes
                    .entry(attribute.name.unwrap_or_default())
                    .or_default()
                    .extend(values);
            }
        }
        let statements = assertion.authn_statements.unwrap_or_default();
        let told = json!({
            "name_id": name.value, "name_id_format": name.format, "attributes": attributes,
            "session_index": statements.first().and_then(|statement| statement.session_index.clone()),
            "relay_state": relay_state, "in_response_to": asked,
        });
        self.session = Some(NameID {
            format: name.format,
            value: name.value,
        });
        Ok(told)
    }

    /// Without an index of the session: the library would write it where no schema has it.
    pub fn log_out(&mut self) -> Outcome<String> {
        let place = self.library.slo_binding_location(HTTP_REDIRECT_BINDING);
        let place = place.ok_or("the provider has no logout")?;
        let request = LogoutRequest {
            id: Some(new_id()),
            version: Some("2.0".to_owned()),
            issue_instant: Some(Utc::now()),
            destination: Some(place.clone()),
            issuer: Some(self.issuer()),
            signature: None,
            session_index: None,
            name_id: Some(self.session.clone().ok_or("nobody is signed in")?),
        };
        self.redirect(&place, "SAMLRequest", &request.to_string()?, None)
    }

    pub fn is_logged_out(&mut self, url: &Url, message: &str) -> Outcome<()> {
        self.verify(url, UrlVerifier::verify_signed_response_url)?;
        let response: LogoutResponse = inflated(message)?.parse()?;
        let status = response.status.and_then(|status| status.status_code.value);
        if status.as_deref() != Some(SUCCESS) || !self.is_of_provider(response.issuer.as_ref()) {
            return Err(format!("not logged out: {status:?}").into());
        }
        self.session = None;
        Ok(())
    }

    pub fn is_told_to_log_out(
        &mut self,
        url: &Url,
        message: &str,
        relay_state: Option<String>,
    ) -> Outcome<String> {
        self.verify(url, UrlVerifier::verify_signed_request_url)?;
        let request: LogoutRequest = inflated(message)?.parse()?;
        if !self.is_of_provider(request.issuer.as_ref()) {
            return Err("somebody else's request".into());
        }
        let name = request.name_id.ok_or("nobody is named")?;
        let known = self
            .session
            .take_if(|session| session.value == name.value)
            .is_some();
        let place = self.library.slo_binding_location(HTTP_REDIRECT_BINDING);
        let place = place.ok_or("the provider has no logout")?;
        let response = LogoutResponse {
            id: Some(new_id()),
            in_response_to: request.id,
            version: Some("2.0".to_owned()),
            issue_instant: Some(Utc::now()),
            destination: Some(place.clone()),
            consent: None,
            issuer: Some(self.issuer()),
            signature: None,
            status: Some(Status {
                status_code: StatusCode {
                    value: Some(if known { SUCCESS } else { UNKNOWN_PRINCIPAL }.to_owned()),
                },
                status_message: None,
                status_detail: None,
            }),
        };
        self.redirect(&place, "SAMLResponse", &response.to_string()?, relay_state)
    }

    fn redirect(
        &self,
        place: &str,
        name: &str,
        document: &str,
        relay_state: Option<String>,
    ) -> Outcome<String> {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(document.as_bytes())?;
        let mut url: Url = place.parse()?;
        url.query_pairs_mut()
            .append_pair(name, &STANDARD.encode(deflated.finish()?));
        if let Some(relay_state) = relay_state {
            url.query_pairs_mut().append_pair("RelayState", &relay_state);
        }
        if self.asked.signed {
            url = sign_url(url, &self.pair.private)?;
        }
        Ok(url.into())
    }

    /// The library panics without these two parameters.
    fn verify(&self, url: &Url, how: fn(&UrlVerifier, &Url) -> Outcome<bool>) -> Outcome<()> {
        let has = |name: &str| url.query_pairs().any(|(key, _)| key == name);
        if !has("SigAlg") || !has("Signature") {
            return Err("not signed".into());
        }
        for certificate in self.library.idp_signing_certs()?.unwrap_or_default() {
            if how(&UrlVerifier::from_x509(&certificate)?, url)? {
                return Ok(());
            }
        }
        Err("the signature is wrong".into())
    }

    fn is_of_provider(&self, issuer: Option<&Issuer>) -> bool {
        issuer.is_some_and(|issuer| issuer.value == self.library.idp_metadata.entity_id)
    }

    fn issuer(&self) -> Issuer {
        Issuer {
            value: self.library.entity_id.clone(),
            ..Issuer::default()
        }
    }
}

fn new_id() -> String {
    let mut bytes = [0; 16];
    openssl::rand::rand_bytes(&mut bytes).expect("there is randomness");
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("_{}", digits.concat())
}

fn inflated(message: &str) -> Outcome<String> {
    let mut document = String::new();
    DeflateDecoder::new(STANDARD.decode(message)?.as_slice()).read_to_string(&mut document)?;
    Ok(document)
}
