//! SA1 to SA11: what was signed is moved aside, and something else put where it is looked for.

use doorward::saml::Refusal;

use super::super::documents::{Answer, Shape, read, refused};

/// An element from its tag to its end, the first of the name.
pub(super) fn element<'a>(document: &'a str, tag: &str) -> &'a str {
    let start = document
        .find(&format!("<{tag} "))
        .or_else(|| document.find(&format!("<{tag}>")))
        .unwrap();
    let end = format!("</{tag}>");
    let length = document[start..].find(&end).unwrap() + end.len();
    &document[start..start + length]
}

/// The same about somebody else, under another ID and without a signature.
pub(super) fn evil(element_of: &str, id: &str) -> String {
    let mut forged = element_of.replace("alice-1", "bob-1").replace(id, "_evil");
    while forged.contains("<ds:Signature ") {
        let signature = element(&forged, "ds:Signature").to_owned();
        forged = forged.replacen(&signature, "", 1);
    }
    forged
}

/// The signature of the response or of its assertion.
pub(super) fn signature(document: &str) -> String {
    element(document, "ds:Signature").to_owned()
}

fn response(document: &str) -> &str {
    &document[document.find("<samlp:Response").unwrap()..]
}

/// The forged response with the genuine signature, in which or beside which the genuine response stands.
pub(super) fn wrapped_response(document: &str, around: impl Fn(&str) -> String) -> String {
    let forged = evil(response(document), "_response-1").replace("_assertion-1", "_evil-assertion");
    let original = response(document).replacen(&signature(document), "", 1);
    let signed = signature(document);
    let issuer = "</saml:Issuer>";
    let wrapped = match around(&original) {
        inside if inside.starts_with("<ds:Object>") => {
            signed.replace("</ds:Signature>", &format!("{inside}</ds:Signature>"))
        }
        beside => format!("{signed}{beside}"),
    };
    forged.replacen(issuer, &format!("{issuer}{wrapped}"), 1)
}

#[test]
fn sa1_a_response_around_the_signed_response_in_the_signature() {
    refused(&[Shape::Response], Refusal::NestedMessage, |document, _| {
        wrapped_response(document, |original| format!("<ds:Object>{original}</ds:Object>"))
    });
}

#[test]
fn sa2_a_response_around_the_signed_response_beside_the_signature() {
    refused(
        &[Shape::Response, Shape::Both],
        Refusal::NestedMessage,
        |document, _| wrapped_response(document, str::to_owned),
    );
}

#[test]
fn sa3_a_forged_assertion_before_the_signed_one() {
    refused(&Shape::PLAIN, Refusal::SeveralAssertions, |document, _| {
        let signed = element(document, "saml:Assertion");
        document.replace(signed, &format!("{}{signed}", evil(signed, "_assertion-1")))
    });
}

#[test]
fn sa4_a_forged_assertion_around_the_signed_one() {
    refused(&Shape::PLAIN, Refusal::AssertionElsewhere, |document, _| {
        let signed = element(document, "saml:Assertion");
        let forged = evil(signed, "_assertion-1");
        let around = forged.replace("</saml:Assertion>", &format!("{signed}</saml:Assertion>"));
        document.replace(signed, &around)
    });
}

#[test]
fn sa5_a_forged_assertion_with_the_signature_and_the_signed_one_after_it() {
    refused(
        &[Shape::Assertion, Shape::Both],
        Refusal::SeveralAssertions,
        |document, _| {
            let signed = element(document, "saml:Assertion");
            let signature = element(signed, "ds:Signature");
            let forged = evil(signed, "_assertion-1").replacen(
                "</saml:Issuer>",
                &format!("</saml:Issuer>{signature}"),
                1,
            );
            document.replace(signed, &format!("{forged}{}", signed.replace(signature, "")))
        },
    );
}

#[test]
fn sa6_a_forged_assertion_whose_signature_holds_the_signed_one() {
    refused(
        &[Shape::Assertion, Shape::Both],
        Refusal::AssertionElsewhere,
        |document, _| {
            let signed = element(document, "saml:Assertion");
            let signature = element(signed, "ds:Signature");
            let original = signed.replace(signature, "");
            let holding = signature.replace("</ds:Signature>", &format!("{original}</ds:Signature>"));
            let forged = evil(signed, "_assertion-1").replacen(
                "</saml:Issuer>",
                &format!("</saml:Issuer>{holding}"),
                1,
            );
            document.replace(signed, &forged)
        },
    );
}

#[test]
fn sa7_a_forged_assertion_among_extensions() {
    refused(&Shape::PLAIN, Refusal::AssertionElsewhere, |document, _| {
        let forged = evil(element(document, "saml:Assertion"), "_assertion-1");
        document.replace(
            "<samlp:Status>",
            &format!("<samlp:Extensions>{forged}</samlp:Extensions><samlp:Status>"),
        )
    });
}

#[test]
fn sa8_a_forged_assertion_whose_signature_holds_the_signed_one_as_an_object() {
    refused(
        &[Shape::Assertion, Shape::Both],
        Refusal::AssertionElsewhere,
        |document, _| {
            let signed = element(document, "saml:Assertion");
            let signature = element(signed, "ds:Signature");
            let object = format!("<ds:Object>{}</ds:Object>", signed.replace(signature, ""));
            let holding = signature.replace("</ds:Signature>", &format!("{object}</ds:Signature>"));
            let forged = evil(signed, "_assertion-1").replacen(
                "</saml:Issuer>",
                &format!("</saml:Issuer>{holding}"),
                1,
            );
            document.replace(signed, &forged)
        },
    );
}

#[test]
fn sa9_two_elements_answer_to_one_id() {
    for (shape, id) in [
        (Shape::Response, "_response-1"),
        (Shape::Assertion, "_assertion-1"),
        (Shape::Both, "_assertion-1"),
    ] {
        refused(&[shape], Refusal::DuplicateId, |document, _| {
            document.replace("<samlp:Status>", &format!(r#"<samlp:Status ID="{id}">"#))
        });
    }
    refused(&[Shape::Assertion], Refusal::DuplicateId, |document, _| {
        document.replace("_response-1", "_assertion-1")
    });
}

#[test]
fn sa10_a_forged_assertion_after_the_signed_one() {
    refused(&Shape::PLAIN, Refusal::SeveralAssertions, |document, _| {
        let signed = element(document, "saml:Assertion");
        document.replace(signed, &format!("{signed}{}", evil(signed, "_assertion-1")))
    });
    refused(
        &[Shape::Encrypted, Shape::EncryptedInSigned],
        Refusal::SeveralAssertions,
        |document, _| {
            let forged = evil(&Answer::genuine().assertion_xml(false), "_assertion-1");
            document.replace("</samlp:Response>", &format!("{forged}</samlp:Response>"))
        },
    );
}

#[test]
fn sa11_the_signed_assertion_as_advice_of_a_forged_one() {
    refused(&Shape::PLAIN, Refusal::AssertionElsewhere, |document, _| {
        let signed = element(document, "saml:Assertion");
        let forged = evil(signed, "_assertion-1");
        let advised = forged.replace(
            "</saml:Conditions>",
            &format!("</saml:Conditions><saml:Advice>{signed}</saml:Advice>"),
        );
        document.replace(signed, &advised)
    });
}

/// A signature that is good wherever it stands proves nothing about its new place.
#[test]
fn a_signature_of_the_assertion_does_not_sign_the_response() {
    refused(&[Shape::Assertion], Refusal::ReferenceElsewhere, |document, _| {
        let signature = element(document, "ds:Signature").to_owned();
        let moved = document.replacen(&signature, "", 1);
        moved.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
    });
    refused(&[Shape::Assertion], Refusal::SignatureElsewhere, |document, _| {
        let signature = element(document, "ds:Signature").to_owned();
        let moved = document.replacen(&signature, "", 1);
        moved.replacen("</saml:Subject>", &format!("</saml:Subject>{signature}"), 1)
    });
}

/// Where only the assertion is signed, nothing in the response is believed that the assertion does not say too.
#[test]
fn what_nobody_signed_can_only_make_us_refuse() {
    let document = Answer::genuine().sent(Shape::Assertion);
    let changed = document.replacen("https://idp.example.com/metadata", "https://evil.example.com", 1);
    assert_eq!(read(changed).err(), Some(Refusal::ResponseIssuer));
}
