//! The twins of the attacks: whatever algorithm a provider may use, its answer is believed, and only for its own key.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::domain::connection::SamlProvider;
use doorward::saml::Refusal;
use doorward::saml::sp::Awaited;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SignatureAlgorithm};
use tempfile::TempDir;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::super::documents::{Answer, NOW, REQUEST_ID, Shape, attributes, provider, read, received};
use super::super::judge::{OURS, PROVIDER, without_declaration};

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const DIGESTS: [&str; 3] = [
    SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// An answer whose signatures are to be of this kind.
fn signed_with(method: &str, digest: &str) -> Answer {
    let mut answer = Answer::genuine();
    for template in [&mut answer.response_signature, &mut answer.assertion_signature] {
        *template = template.replace(RSA_SHA256, method).replace(SHA256, digest);
    }
    answer
}

#[test]
fn rsa_with_each_hash() {
    for bits in [256, 384, 512] {
        let method = format!("http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}");
        for digest in DIGESTS {
            let answer = signed_with(&method, digest);
            for shape in Shape::ALL {
                let verdict = read(answer.sent(shape)).err();
                assert_eq!(verdict, None, "{method} {digest} {shape:?}");
            }
        }
    }
}

/// A provider's key on a curve.
struct Curve {
    method: String,
    certificate: String,
    folder: TempDir,
}

impl Curve {
    fn new(curve: &'static SignatureAlgorithm, bits: u16) -> Self {
        let pair = KeyPair::generate_for(curve).unwrap();
        let certificate = CertificateParams::default().self_signed(&pair).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(pair.serialize_der())
        );
        std::fs::write(folder.path().join("key.pem"), pem).unwrap();
        Self {
            method: format!("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha{bits}"),
            certificate: STANDARD.encode(certificate.der()),
            folder,
        }
    }

    fn sends(&self, shape: Shape) -> String {
        let answer = signed_with(&self.method, SHA256);
        answer.signed_with(shape, self.folder.path().join("key.pem").to_str().unwrap())
    }
}

/// What we make of it where these certificates are pinned.
fn verdict(document: &str, certificates: &[&str]) -> Option<Refusal> {
    let pinned = SamlProvider {
        certificates: certificates.iter().map(|text| (*text).to_owned()).collect(),
        ..provider()
    };
    received(document.as_bytes(), &pinned, Awaited::Request(REQUEST_ID), NOW).err()
}

#[test]
fn curves_of_256_and_384_bits() {
    let p256 = Curve::new(&PKCS_ECDSA_P256_SHA256, 256);
    let p384 = Curve::new(&PKCS_ECDSA_P384_SHA384, 384);
    let another = Curve::new(&PKCS_ECDSA_P256_SHA256, 256);
    let rsa = PROVIDER.key.certificate();
    for shape in Shape::ALL {
        for (curve, other) in [(&p256, &p384), (&p384, &p256)] {
            let document = curve.sends(shape);
            assert_eq!(verdict(&document, &[&curve.certificate]), None, "{shape:?}");
            // Beside keys of other kinds too: the one to come, or the one before.
            let pinned = [rsa, &other.certificate, &curve.certificate];
            assert_eq!(verdict(&document, &pinned), None, "{shape:?}");
            let refused = verdict(&document, &[rsa, &other.certificate]);
            assert_eq!(refused, Some(Refusal::OtherKind), "{shape:?}");
        }
        let document = another.sends(shape);
        let refused = verdict(&document, &[&p256.certificate]);
        assert_eq!(refused, Some(Refusal::SignatureInvalid), "{shape:?}");
    }
}

/// A prefix that only a value uses is part of what is signed if the signature lists it.
#[test]
fn a_list_of_prefixes() {
    let listed = concat!(
        r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">"#,
        r#"<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs #default"/></ds:Transform>"#,
    );
    let mut answer = Answer::genuine();
    for template in [&mut answer.response_signature, &mut answer.assertion_signature] {
        let plain = r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#;
        *template = template.replace(plain, listed);
    }
    let schema = r#" xmlns:xs="http://www.w3.org/2001/XMLSchema""#;
    answer.response.push_str(schema);
    answer.assertion.push_str(schema);
    let typed =
        r#"<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">"#;
    answer.attributes = attributes(&[("mail", "alice@acme.example")]).replace("<saml:AttributeValue>", typed);
    for shape in Shape::ALL {
        let document = answer.sent(shape);
        assert_eq!(read(&document).err(), None, "{shape:?}");
        if shape == Shape::Encrypted {
            continue; // Nobody but us can change what is in there.
        }
        let changed = document.replacen(
            "http://www.w3.org/2001/XMLSchema\"",
            "http://evil.example/xs\"",
            2,
        );
        assert_eq!(read(&changed).err(), Some(Refusal::DigestInvalid), "{shape:?}");
    }
}

/// How a content's key is carried: the method with what is in it, and what that means.
pub(super) type Transport = (&'static str, &'static OaepAlgorithm);

pub(super) const TRANSPORTS: [Transport; 4] = [
    (
        r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>"#,
        &OAEP_SHA1_MGF1SHA1,
    ),
    (
        r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"/>"#,
        &OAEP_SHA1_MGF1SHA1,
    ),
    (
        concat!(
            r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">"#,
            r#"<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>"#,
            r#"<xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha1"/>"#,
            "</xenc:EncryptionMethod>",
        ),
        &OAEP_SHA1_MGF1SHA1,
    ),
    (
        concat!(
            r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">"#,
            r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>"#,
            r#"<xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>"#,
            "</xenc:EncryptionMethod>",
        ),
        &OAEP_SHA256_MGF1SHA256,
    ),
];

/// An assertion encrypted for us, which `xmlsec1` of Debian 12 can't do in all these ways.
pub(super) fn sealed(plain: &str, cipher: (&str, &'static Algorithm), (method, oaep): Transport) -> String {
    let key = vec![7; cipher.1.key_len()];
    let certificate = STANDARD.decode(OURS.key.certificate()).unwrap();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    let public = PublicEncryptingKey::from_der(certificate.public_key().raw).unwrap();
    let public = OaepPublicEncryptingKey::new(public).unwrap();
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped = public.encrypt(oaep, &key, &mut wrapped, None).unwrap();
    let nonce = [9; 12];
    let mut content = plain.as_bytes().to_vec();
    LessSafeKey::new(UnboundKey::new(cipher.1, &key).unwrap())
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut content)
        .unwrap();
    let content = [nonce.as_slice(), &content].concat();
    format!(
        concat!(
            r#"<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" "#,
            r#"xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Type="http://www.w3.org/2001/04/xmlenc#Element">"#,
            r#"<xenc:EncryptionMethod Algorithm="{}"/><ds:KeyInfo><xenc:EncryptedKey>{}"#,
            r#"<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"#,
            r#"<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>"#,
            "</xenc:EncryptedData></saml:EncryptedAssertion>",
        ),
        cipher.0,
        method,
        STANDARD.encode(wrapped),
        STANDARD.encode(content)
    )
}

#[test]
fn every_way_to_encrypt() {
    let genuine = Answer::genuine().sent(Shape::Assertion);
    let genuine = without_declaration(&genuine);
    let start = genuine.find("<saml:Assertion ").unwrap();
    let end = genuine.find("</samlp:Response>").unwrap();
    let encrypted = |cipher, transport| {
        let sealed = sealed(&genuine[start..end], cipher, transport);
        [&genuine[..start], &sealed, &genuine[end..]].concat()
    };
    let ciphers: [(&str, &'static Algorithm); 3] = [
        ("http://www.w3.org/2009/xmlenc11#aes128-gcm", &AES_128_GCM),
        ("http://www.w3.org/2009/xmlenc11#aes192-gcm", &AES_192_GCM),
        ("http://www.w3.org/2009/xmlenc11#aes256-gcm", &AES_256_GCM),
    ];
    for cipher in ciphers {
        for transport in TRANSPORTS {
            let document = encrypted(cipher, transport);
            assert_eq!(read(&document).err(), None, "{} {}", cipher.0, transport.0);
            // What one way was meant, another does not open.
            let half = document.replace("#mgf1sha256", "#mgf1sha1");
            if half != document {
                assert_eq!(read(&half).err(), Some(Refusal::KeyTransport));
            }
        }
        let (method, _) = TRANSPORTS[3];
        let document = encrypted(cipher, (method, &OAEP_SHA1_MGF1SHA1));
        assert_eq!(read(&document).err(), Some(Refusal::Undecipherable));
    }
}

const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// Each class that takes two factors, as a provider would say it.
pub(crate) const TWO_FACTORS: [&str; 6] = [
    "https://refeds.org/profile/mfa",
    "http://schemas.microsoft.com/claims/multipleauthn",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
    "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
];

/// An answer that says by which class the person was recognised.
pub(crate) fn by_class(answer: &mut Answer, class: &str) {
    answer.authentication = answer.authentication.replace(PASSWORD, class);
}

#[test]
fn two_factors_are_heard_of_by_each_of_their_names() {
    let heard = |answer: &Answer, shape| read(answer.sent(shape)).unwrap().second_factor;
    for class in TWO_FACTORS {
        let mut answer = Answer::genuine();
        by_class(&mut answer, class);
        for shape in Shape::ALL {
            assert!(heard(&answer, shape), "{class} {shape:?}");
        }
    }
    for class in [
        PASSWORD,
        "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos",
        "https://refeds.org/profile/sfa",
        "https://refeds.org/profile/mfa/",
        "HTTPS://REFEDS.ORG/PROFILE/MFA",
    ] {
        let mut answer = Answer::genuine();
        by_class(&mut answer, class);
        assert!(!heard(&answer, Shape::Both), "{class}");
    }
    // Microsoft says it in an attribute, beside a class that says "password".
    let methods = "http://schemas.microsoft.com/claims/authnmethodsreferences";
    for (value, expected) in [(TWO_FACTORS[1], true), (PASSWORD, false)] {
        let mut answer = Answer::genuine();
        answer.attributes = attributes(&[(methods, value)]);
        assert_eq!(heard(&answer, Shape::Both), expected, "{value}");
    }
}
