//! SA12 to SA18: signatures that are not there, by somebody else, by weak means, about nothing, or about another name.

use doorward::domain::connection::SamlProvider;
use doorward::saml::Refusal;
use doorward::saml::keys::PinnedKeys;
use doorward::saml::sp::Awaited;

use super::super::documents::{Answer, NOW, REQUEST_ID, Shape, provider, read, received, refused};
use super::super::judge::{MALLORYS, PROVIDER};

/// Those whose signatures can be seen and changed.
const SIGNED: [Shape; 4] = [
    Shape::Response,
    Shape::Assertion,
    Shape::Both,
    Shape::EncryptedInSigned,
];

/// Everything between two texts replaced, the first time it occurs.
fn between(document: &str, from: &str, to: &str, by: &str) -> String {
    let start = document.find(from).unwrap() + from.len();
    let end = start + document[start..].find(to).unwrap();
    [&document[..start], by, &document[end..]].concat()
}

fn without_signatures(document: &str) -> String {
    let mut document = document.to_owned();
    while let Some(start) = document.find("<ds:Signature ") {
        let end = document.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        document.replace_range(start..end, "");
    }
    document
}

#[test]
fn sa12_no_signature() {
    refused(&SIGNED, Refusal::Unsigned, |document, _| {
        without_signatures(document)
    });
}

#[test]
fn sa12_an_encrypted_assertion_that_nobody_signed() {
    let mut answer = Answer::genuine();
    assert!(read(answer.sent(Shape::Encrypted)).is_ok());
    answer.assertion_signature = String::new();
    let assertion = answer.assertion_xml(false);
    let data = super::super::judge::encrypt(
        &assertion,
        &answer.encryption,
        answer.session_key,
        &super::super::judge::OURS,
    );
    let encrypted = format!("<saml:EncryptedAssertion>{data}</saml:EncryptedAssertion>");
    assert_eq!(
        read(answer.response_xml(false, &encrypted)).err(),
        Some(Refusal::Unsigned)
    );
}

#[test]
fn sa12_an_empty_signature() {
    refused(&SIGNED, Refusal::SignatureShape, |document, _| {
        between(
            document,
            r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
            "</ds:Signature>",
            "",
        )
    });
    refused(&SIGNED, Refusal::SignatureInvalid, |document, _| {
        between(document, "<ds:SignatureValue>", "</ds:SignatureValue>", "")
    });
}

#[test]
fn sa12_two_signatures_of_which_one_is_good() {
    refused(&SIGNED, Refusal::SeveralSignatures, |document, _| {
        let start = document.find("<ds:Signature ").unwrap();
        let end = document.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        let signature = document[start..end].to_owned();
        [&document[..end], &signature, &document[end..]].concat()
    });
}

#[test]
fn sa12_a_signature_of_nothing() {
    refused(&SIGNED, Refusal::References, |document, _| {
        let start = document.find("<ds:Reference ").unwrap();
        let end = document.find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
        [&document[..start], &document[end..]].concat()
    });
    refused(&SIGNED, Refusal::References, |document, _| {
        let start = document.find("<ds:Reference ").unwrap();
        let end = document.find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
        let reference = document[start..end].to_owned();
        [&document[..end], &reference, &document[end..]].concat()
    });
    for about in ["", "#_nothing", "https://evil.example.com/x", "#xpointer(/)"] {
        refused(&SIGNED, Refusal::ReferenceElsewhere, |document, _| {
            between(document, r#"URI=""#, "\"", about)
        });
    }
}

#[test]
fn sa13_a_key_that_came_along() {
    for shape in Shape::ALL {
        let answer = Answer::genuine();
        assert!(read(answer.sent(shape)).is_ok());
        let forged = answer.signed_by(shape, &MALLORYS);
        assert_eq!(read(&forged).err(), Some(Refusal::SignatureInvalid), "{shape:?}");
    }
    // With her certificate in it, which says that it is the provider's.
    refused(
        &[Shape::Response, Shape::Assertion],
        Refusal::SignatureInvalid,
        |_, shape| {
            Answer::genuine().signed_by(shape, &MALLORYS).replace(
            "</ds:SignatureValue>",
            &format!(
                "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
                MALLORYS.key.certificate()
            ),
        )
        },
    );
}

/// What stands in `KeyInfo` neither helps nor harms.
#[test]
fn sa13_key_info_is_not_read() {
    let genuine = Answer::genuine().sent(Shape::Assertion);
    let info = format!(
        "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
        MALLORYS.key.certificate()
    );
    assert!(read(genuine.replace("</ds:SignatureValue>", &info)).is_ok());
}

#[test]
fn sa14_weak_algorithms() {
    for method in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "",
    ] {
        refused(&SIGNED, Refusal::SignatureMethod, |document, _| {
            between(document, r#"<ds:SignatureMethod Algorithm=""#, "\"", method)
        });
    }
    for digest in [
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
    ] {
        refused(&SIGNED, Refusal::DigestMethod, |document, _| {
            between(document, r#"<ds:DigestMethod Algorithm=""#, "\"", digest)
        });
    }
    refused(&SIGNED, Refusal::OtherKind, |document, _| {
        document.replace("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256")
    });
    refused(&SIGNED, Refusal::SignatureParameters, |document, _| {
        let method = r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>"#;
        let with = method.replace(
            "/>",
            "><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
        );
        document.replacen(method, &with, 1)
    });
}

/// Made once with `openssl req -x509 -newkey rsa:1024`.
const RSA_1024: &str = include_str!("rsa_1024.txt");

#[test]
fn sa14_weak_keys_and_none() {
    let why = |certificates: &[String]| PinnedKeys::of(certificates).err();
    assert_eq!(why(&[PROVIDER.key.certificate().to_owned()]), None);
    assert_eq!(why(&[RSA_1024.to_owned()]), Some(Refusal::WeakKey));
    assert_eq!(why(&["AAAA".to_owned()]), Some(Refusal::BadCertificate));
    assert_eq!(why(&[]), Some(Refusal::NoKeys));

    let keyless = SamlProvider {
        certificates: Vec::new(),
        ..provider()
    };
    let document = Answer::genuine().sent(Shape::Both);
    let found = received(document.as_bytes(), &keyless, Awaited::Request(REQUEST_ID), NOW);
    assert_eq!(found.err(), Some(Refusal::NoKeys));
}

#[test]
fn sa15_other_transforms() {
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    for transform in [
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
    ] {
        let other = format!("<ds:Transform Algorithm=\"{transform}\"/>");
        refused(&SIGNED, Refusal::Transforms, |document, _| {
            document.replacen(exclusive, &other, 1)
        });
        refused(&SIGNED, Refusal::Transforms, |document, _| {
            document.replacen(exclusive, &format!("{other}{exclusive}"), 1)
        });
        refused(&SIGNED, Refusal::CanonicalizationMethod, |document, _| {
            between(
                document,
                r#"<ds:CanonicalizationMethod Algorithm=""#,
                "\"",
                transform,
            )
        });
    }
    refused(&SIGNED, Refusal::Transforms, |document, _| {
        document.replacen(exclusive, "", 1)
    });
}

/// Canonicalizers differ in what they make of these, down to nothing at all, of which everybody knows the digest.
#[test]
fn sa16_namespaces_that_canonicalizers_stumble_over() {
    let nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    refused(&SIGNED, Refusal::SignatureInvalid, |document, _| {
        between(document, "<ds:DigestValue>", "</ds:DigestValue>", nothing)
    });
    for namespace in ["relative", "1:2", "", "a b:c"] {
        refused(&Shape::ALL, Refusal::RelativeNamespace, |document, _| {
            document.replacen(
                "<samlp:Status>",
                &format!(r#"<samlp:Status xmlns="{namespace}">"#),
                1,
            )
        });
    }
}

#[test]
fn sa17_ids_in_disguise() {
    for id in [
        r#"samlp:ID="_response-1""#,
        r#"Id="_response-1""#,
        r#"id="_response-1""#,
        r#"xml:id="_response-1""#,
    ] {
        refused(&Shape::ALL, Refusal::DisguisedId, |document, _| {
            document.replacen("<samlp:Response ", &format!("<samlp:Response {id} "), 1)
        });
    }
}

#[test]
fn sa18_names_of_other_namespaces() {
    refused(&Shape::ALL, Refusal::UnexpectedElement, |document, _| {
        let other = r#"<saml:Assertion xmlns:saml="urn:evil" ID="_evil"/></samlp:Response>"#;
        document.replacen("</samlp:Response>", other, 1)
    });
    refused(&Shape::ALL, Refusal::UnexpectedRoot, |document, _| {
        document.replacen(
            "urn:oasis:names:tc:SAML:2.0:protocol",
            "urn:oasis:names:tc:SAML:1.0:protocol",
            1,
        )
    });
    // The prefix means something else from here on.
    let rebound = |document: &str, _| {
        let start = document.find("<saml:Assertion ").unwrap();
        let rebound = document[start..].replacen("SAML:2.0:assertion", "SAML:2.0:evil", 1);
        [&document[..start], &rebound].concat()
    };
    refused(&[Shape::Response], Refusal::UnexpectedElement, rebound);
    refused(
        &[Shape::Assertion, Shape::Both],
        Refusal::SignatureElsewhere,
        rebound,
    );
    refused(&Shape::PLAIN, Refusal::NotXml, |document, _| {
        document.replacen("saml:NameID", "unbound:NameID", 2)
    });
}
