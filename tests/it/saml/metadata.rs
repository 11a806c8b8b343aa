//! SA35: metadata, as administrators paste it and attackers would.

use doorward::domain::connection::SamlBinding;
use doorward::domain::time::Timestamp;
use doorward::saml::Refusal;
use doorward::saml::keys::certificate_facts;
use doorward::saml::metadata::{read_idp, read_signed_idp};

use super::documents::{NOW, signature_template};
use super::judge::{self, MALLORYS, PROVIDER};

const SIGNATURE: &str = "/*[local-name()='EntityDescriptor']/*[local-name()='Signature']";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

fn key(purpose: &str, certificate: &str) -> String {
    format!(
        concat!(
            r#"<md:KeyDescriptor {}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>"#,
            r#"<ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"#,
        ),
        purpose, certificate
    )
}

fn service(name: &str, binding: &str, url: &str) -> String {
    format!(r#"<md:{name} Binding="{binding}" Location="{url}"/>"#)
}

fn metadata(attributes: &str, before: &str, inside: &str) -> String {
    format!(
        concat!(
            r#"<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" "#,
            r#"entityID="https://idp.example.com" {}>{}<md:IDPSSODescriptor "#,
            r#"protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{}</md:IDPSSODescriptor>"#,
            r#"</md:EntityDescriptor>"#,
        ),
        attributes, before, inside
    )
}

fn genuine() -> String {
    let inside = [
        key(r#"use="signing""#, PROVIDER.key.certificate()),
        key(r#"use="encryption""#, MALLORYS.key.certificate()),
        service("SingleLogoutService", REDIRECT, "https://idp.example.com/slo"),
        service("SingleSignOnService", POST, "https://idp.example.com/post"),
        service("SingleSignOnService", REDIRECT, "https://idp.example.com/sso"),
    ];
    metadata(r#"validUntil="2026-12-01T00:00:00Z""#, "", &inside.concat())
}

fn verdict(document: &str) -> Option<Refusal> {
    read_idp(document.as_bytes(), NOW).err()
}

#[test]
fn a_providers_metadata_is_read() {
    let read = read_idp(genuine().as_bytes(), NOW).unwrap();
    assert_eq!(read.entity_id, "https://idp.example.com");
    assert_eq!(read.sso.binding, SamlBinding::Redirect);
    assert_eq!(read.sso.url, "https://idp.example.com/sso");
    assert_eq!(read.slo.unwrap().url, "https://idp.example.com/slo");
    assert_eq!(read.certificates, [PROVIDER.key.certificate()]);
    assert_eq!(read.valid_until, "2026-12-01T00:00:00Z".parse::<Timestamp>().ok());
    assert!(!read.wants_signed_requests);

    let facts = certificate_facts(&read.certificates[0]).unwrap();
    assert_eq!(facts.subject, "CN=provider");
    assert_eq!(facts.not_before.to_string(), "2026-11-21T00:00:00Z");
    assert_eq!(facts.not_after.to_string(), "2036-11-19T00:00:00Z");
    assert_eq!(facts.fingerprint.len(), 64);
}

#[test]
fn comments_mean_nothing() {
    let commented = genuine().replace("<md:IDPSSODescriptor", "<!-- of < & > --><md:IDPSSODescriptor");
    assert_eq!(verdict(&commented), None);
    assert_eq!(verdict(&format!("\u{FEFF}{}", genuine())), None);
    for broken in ["<!-- a -- b -->", "<!-- a", "<![CDATA[<!-- -->]]>"] {
        let document = genuine().replace("<md:IDPSSODescriptor", &format!("{broken}<md:IDPSSODescriptor"));
        assert!(verdict(&document).is_some(), "{broken}");
    }
}

#[test]
fn sa35_a_certificate_without_use_signs_too_and_one_for_encryption_never() {
    let certificate = PROVIDER.key.certificate();
    let with = |keys: &str| {
        metadata(
            "",
            "",
            &format!(
                "{keys}{}",
                service("SingleSignOnService", POST, "https://a.example")
            ),
        )
    };
    assert_eq!(
        read_idp(with(&key("", certificate)).as_bytes(), NOW)
            .unwrap()
            .certificates,
        [certificate]
    );
    assert_eq!(verdict(&with("")), Some(Refusal::NoSigningCertificate));
    assert_eq!(
        verdict(&with(&key(r#"use="encryption""#, certificate))),
        Some(Refusal::NoSigningCertificate)
    );
    assert_eq!(verdict(&with(&key("", "AAAA"))), Some(Refusal::BadCertificate));
    let twice = key("", certificate).repeat(2);
    assert_eq!(
        read_idp(with(&twice).as_bytes(), NOW).unwrap().certificates.len(),
        1
    );
}

#[test]
fn sa35_what_is_no_providers_own_metadata() {
    let protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    for (document, why) in [
        (
            genuine().replace("2026-12-01", "2026-11-01"),
            Refusal::MetadataExpired,
        ),
        (
            genuine().replace("2026-12-01T00:00:00Z", "soon"),
            Refusal::BadTime,
        ),
        (
            genuine().replace(protocol, "urn:oasis:names:tc:SAML:1.1:protocol"),
            Refusal::NoProvider,
        ),
        (
            genuine().replace("IDPSSODescriptor", "SPSSODescriptor"),
            Refusal::NoProvider,
        ),
        (
            genuine().replace("EntityDescriptor", "EntitiesDescriptor"),
            Refusal::SeveralProviders,
        ),
        (
            genuine().replace(r#"entityID="https://idp.example.com""#, r#"entityID="""#),
            Refusal::BadEntityId,
        ),
        (
            genuine().replace(r#"entityID="https://idp.example.com""#, ""),
            Refusal::AttributeMissing,
        ),
        (
            genuine().replace("https://idp.example.com/sso", "http://idp.example.com/sso"),
            Refusal::BadAddress,
        ),
        (
            genuine().replace("https://idp.example.com/sso", "javascript:alert(1)"),
            Refusal::BadAddress,
        ),
        (
            genuine().replace("https://idp.example.com/sso", "https://user@idp.example.com/"),
            Refusal::BadAddress,
        ),
        (
            genuine().replace("SingleSignOnService", "OtherService"),
            Refusal::NoSignOnService,
        ),
        (
            genuine().replace("<md:IDPSSODescriptor", "<!DOCTYPE x><md:IDPSSODescriptor"),
            Refusal::Declaration,
        ),
        ("x".repeat(50_000_000), Refusal::TooLong),
        (String::new(), Refusal::NotXml),
    ] {
        assert_eq!(
            verdict(&document),
            Some(why),
            "{}",
            &document[..document.len().min(300)]
        );
    }
}

#[test]
fn sa35_where_a_certificate_is_pinned_it_must_have_signed() {
    let fingerprint = certificate_facts(PROVIDER.key.certificate()).unwrap().fingerprint;
    let verdict = |document: &str| {
        read_signed_idp(document.as_bytes(), &fingerprint, NOW).map(|read| read.into_inner().entity_id)
    };
    let signed_by = |pair: &judge::Pair, named: &judge::Pair| {
        let info = format!(
            "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            named.key.certificate()
        );
        let template = signature_template("_m").replace("</ds:SignatureValue>", &info);
        let template = genuine().replacen(
            "<md:IDPSSODescriptor",
            &format!("{template}<md:IDPSSODescriptor"),
            1,
        );
        judge::sign(&template, SIGNATURE, pair)
    };
    let good = signed_by(&PROVIDER, &PROVIDER);
    assert_eq!(verdict(&good).as_deref(), Ok("https://idp.example.com"));
    let spaced = fingerprint
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(|pair| str::from_utf8(pair).unwrap())
        .collect::<Vec<_>>()
        .join(":");
    assert!(read_signed_idp(good.as_bytes(), &spaced, NOW).is_ok());

    assert_eq!(verdict(&genuine()), Err(Refusal::MetadataUnsigned));
    assert_eq!(
        verdict(&signed_by(&MALLORYS, &MALLORYS)),
        Err(Refusal::MetadataSigner)
    );
    assert_eq!(
        verdict(&signed_by(&MALLORYS, &PROVIDER)),
        Err(Refusal::SignatureInvalid)
    );
    assert_eq!(
        verdict(&good.replace("/sso", "/evil")),
        Err(Refusal::DigestInvalid)
    );
    let moved = good.replace(
        "</md:EntityDescriptor>",
        "<md:Organization/></md:EntityDescriptor>",
    );
    assert_eq!(verdict(&moved), Err(Refusal::DigestInvalid));
}
