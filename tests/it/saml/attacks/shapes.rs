//! SA1 to SA20 and SA29 in every shape at once, the encrypted ones included: what an attacker writes, they can encrypt for us
//! too, since everybody has our certificate.
//!
//! Two kinds of combination can't exist. Where the encrypted assertion is covered by the response's signature, nobody puts
//! anything else into the ciphertext: what is about the assertion has no fifth column. And a signature that a shape does not have
//! can't be moved, emptied or wrapped around.

use doorward::saml::Refusal;

use super::super::documents::{AES256_GCM, Answer, Shape, genuine, read};
use super::super::judge::without_declaration;
use super::twins::{TRANSPORTS, sealed};
use super::wrapping::{element, evil, signature, wrapped_response};

/// One attack, and how it is refused in each of [`Shape::ALL`]; `None` where it can't exist.
struct Row {
    name: &'static str,
    attack: fn(&str, Shape) -> String,
    verdicts: [Option<Refusal>; 5],
}

/// The same refusal wherever there is such a thing.
const fn everywhere(why: Refusal) -> [Option<Refusal>; 5] {
    [Some(why); 5]
}

/// About the assertion: not where its ciphertext is signed.
const fn of_the_assertion(why: Refusal) -> [Option<Refusal>; 5] {
    [Some(why), Some(why), Some(why), Some(why), None]
}

/// About the assertion's own signature.
const fn of_its_signature(why: Refusal) -> [Option<Refusal>; 5] {
    [None, Some(why), Some(why), Some(why), None]
}

/// About the response's own signature.
const fn of_the_response(why: Refusal) -> [Option<Refusal>; 5] {
    [Some(why), None, Some(why), None, Some(why)]
}

/// The document with its assertion, or whatever stands in its place, encrypted for us.
fn veiled(document: &str) -> String {
    let document = without_declaration(document);
    let start = document.find("</samlp:Status>").unwrap() + "</samlp:Status>".len();
    let end = document.rfind("</samlp:Response>").unwrap();
    let cipher = (AES256_GCM, &aws_lc_rs::aead::AES_256_GCM);
    let sealed = sealed(&document[start..end], cipher, TRANSPORTS[0]);
    [&document[..start], &sealed, &document[end..]].concat()
}

/// The attack in a shape; in a ciphertext, it was there before it was encrypted.
fn attacked(row: &Row, shape: Shape) -> (String, String) {
    if shape == Shape::Encrypted {
        let plain = genuine(Shape::Assertion);
        return (veiled(plain), veiled(&(row.attack)(plain, Shape::Assertion)));
    }
    (genuine(shape).to_owned(), (row.attack)(genuine(shape), shape))
}

/// An assertion about somebody else, which nobody signed.
fn forged() -> String {
    evil(&Answer::genuine().assertion_xml(false), "_assertion-1")
}

/// The assertion, plain or not.
fn the_assertion(document: &str) -> &str {
    if document.contains("<saml:EncryptedAssertion>") {
        element(document, "saml:EncryptedAssertion")
    } else {
        element(document, "saml:Assertion")
    }
}

fn after(document: &str, place: &str, what: &str) -> String {
    document.replacen(place, &format!("{place}{what}"), 1)
}

fn instead(document: &str, tag: &str, by: &str) -> String {
    let there = element(document, tag).to_owned();
    document.replacen(&there, by, 1)
}

/// The forged assertion with the genuine signature, in which the genuine assertion stands.
fn holding(document: &str, around: impl Fn(&str) -> String) -> String {
    let signed = element(document, "saml:Assertion");
    let signature = element(signed, "ds:Signature");
    let inside = around(&signed.replacen(signature, "", 1));
    let holding = signature.replace("</ds:Signature>", &format!("{inside}</ds:Signature>"));
    let forged = after(&evil(signed, "_assertion-1"), "</saml:Issuer>", &holding);
    document.replacen(signed, &forged, 1)
}

fn moved_aside() -> Vec<Row> {
    vec![
        Row {
            name: "SA1",
            attack: |document, _| {
                wrapped_response(document, |response| format!("<ds:Object>{response}</ds:Object>"))
            },
            verdicts: of_the_response(Refusal::NestedMessage),
        },
        Row {
            name: "SA2",
            attack: |document, _| wrapped_response(document, str::to_owned),
            verdicts: of_the_response(Refusal::NestedMessage),
        },
        Row {
            name: "SA3",
            attack: |document, _| {
                let signed = the_assertion(document);
                document.replacen(signed, &format!("{}{signed}", forged()), 1)
            },
            verdicts: everywhere(Refusal::SeveralAssertions),
        },
        Row {
            name: "SA4",
            attack: |document, _| {
                let signed = the_assertion(document);
                let around = forged().replace("</saml:Assertion>", &format!("{signed}</saml:Assertion>"));
                document.replacen(signed, &around, 1)
            },
            verdicts: of_the_assertion(Refusal::AssertionElsewhere),
        },
        Row {
            name: "SA5",
            attack: |document, _| {
                let signed = the_assertion(document);
                let signature = element(signed, "ds:Signature");
                let forged = after(&forged(), "</saml:Issuer>", signature);
                let bare = signed.replacen(signature, "", 1);
                document.replacen(signed, &format!("{forged}{bare}"), 1)
            },
            verdicts: of_its_signature(Refusal::SeveralAssertions),
        },
        Row {
            name: "SA6",
            attack: |document, _| holding(document, str::to_owned),
            verdicts: of_its_signature(Refusal::AssertionElsewhere),
        },
        Row {
            name: "SA7",
            attack: |document, _| {
                let extensions = format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", forged());
                document.replacen("<samlp:Status>", &extensions, 1)
            },
            verdicts: everywhere(Refusal::AssertionElsewhere),
        },
        Row {
            name: "SA8",
            attack: |document, _| {
                holding(document, |assertion| {
                    format!("<ds:Object>{assertion}</ds:Object>")
                })
            },
            verdicts: of_its_signature(Refusal::AssertionElsewhere),
        },
        Row {
            name: "SA9",
            attack: |document, shape| {
                let id = match shape {
                    Shape::Response | Shape::EncryptedInSigned => "_response-1",
                    _ => "_assertion-1",
                };
                document.replacen("<samlp:Status>", &format!(r#"<samlp:Status ID="{id}">"#), 1)
            },
            verdicts: everywhere(Refusal::DuplicateId),
        },
        Row {
            name: "SA10",
            attack: |document, _| after(document, the_assertion(document), &forged()),
            verdicts: everywhere(Refusal::SeveralAssertions),
        },
        Row {
            name: "SA11",
            attack: |document, _| {
                let signed = the_assertion(document);
                let advice = format!("<saml:Advice>{signed}</saml:Advice>");
                document.replacen(signed, &after(&forged(), "</saml:Conditions>", &advice), 1)
            },
            verdicts: of_the_assertion(Refusal::AssertionElsewhere),
        },
    ]
}

/// What is done to the first signature that a shape has.
fn spoilt() -> Vec<Row> {
    vec![
        Row {
            name: "SA12, none",
            attack: |document, _| {
                let mut bare = document.to_owned();
                while bare.contains("<ds:Signature ") {
                    bare = instead(&bare, "ds:Signature", "");
                }
                bare
            },
            verdicts: everywhere(Refusal::Unsigned),
        },
        Row {
            name: "SA12, empty",
            attack: |document, _| {
                instead(
                    document,
                    "ds:SignatureValue",
                    "<ds:SignatureValue></ds:SignatureValue>",
                )
            },
            verdicts: everywhere(Refusal::SignatureInvalid),
        },
        Row {
            name: "SA12, two",
            attack: |document, _| after(document, &signature(document), &signature(document)),
            verdicts: everywhere(Refusal::SeveralSignatures),
        },
        Row {
            name: "SA12, of nothing",
            attack: |document, _| instead(document, "ds:Reference", ""),
            verdicts: everywhere(Refusal::References),
        },
        Row {
            name: "SA14",
            attack: |document, _| {
                document.replacen("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1", 1)
            },
            verdicts: everywhere(Refusal::SignatureMethod),
        },
        Row {
            name: "SA15",
            attack: |document, _| {
                let transform = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>";
                after(document, "<ds:Transforms>", transform)
            },
            verdicts: everywhere(Refusal::Transforms),
        },
        Row {
            name: "SA16, of the empty text",
            attack: |document, _| {
                let nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
                let value = format!("<ds:DigestValue>{nothing}</ds:DigestValue>");
                instead(document, "ds:DigestValue", &value)
            },
            verdicts: everywhere(Refusal::SignatureInvalid),
        },
    ]
}

/// What parsers differ about, in what was signed.
fn misread() -> Vec<Row> {
    vec![
        Row {
            name: "SA16, a relative namespace",
            attack: |document, _| document.replacen("<saml:Subject>", "<saml:Subject xmlns=\"relative\">", 1),
            verdicts: of_the_assertion(Refusal::RelativeNamespace),
        },
        Row {
            name: "SA17",
            attack: |document, _| {
                document.replacen("<saml:Assertion ", "<saml:Assertion xml:id=\"_assertion-1\" ", 1)
            },
            verdicts: of_the_assertion(Refusal::DisguisedId),
        },
        Row {
            name: "SA18",
            attack: |document, _| document.replacen("saml:NameID", "unbound:NameID", 2),
            verdicts: of_the_assertion(Refusal::NotXml),
        },
        Row {
            name: "SA19, a comment",
            attack: |document, _| document.replacen("alice-1", "alice<!-- -->-1", 1),
            verdicts: of_the_assertion(Refusal::Declaration),
        },
        Row {
            name: "SA19, an instruction",
            attack: |document, _| document.replacen("alice-1", "alice<?php ?>-1", 1),
            verdicts: of_the_assertion(Refusal::ProcessingInstruction),
        },
        Row {
            name: "SA20, NUL",
            attack: |document, _| document.replacen("alice-1", "alice-1\0", 1),
            verdicts: of_the_assertion(Refusal::Nul),
        },
        Row {
            name: "SA20, something after it",
            attack: |document, _| after(document, "</saml:Assertion>", "<evil/>"),
            verdicts: of_the_assertion(Refusal::UnexpectedElement),
        },
        Row {
            name: "SA29",
            attack: |document, _| document.replacen("alice-1", "&evil;", 1),
            verdicts: of_the_assertion(Refusal::Entity),
        },
        Row {
            name: "SA29, a document type",
            attack: |document, _| {
                let doctype = r#"<!DOCTYPE x [<!ENTITY evil SYSTEM "file:///etc/passwd">]><saml:Assertion "#;
                document.replacen("<saml:Assertion ", doctype, 1)
            },
            verdicts: of_the_assertion(Refusal::Declaration),
        },
    ]
}

#[test]
fn sa1_to_sa20_in_every_shape_that_they_have() {
    let rows = moved_aside().into_iter().chain(spoilt()).chain(misread());
    for row in rows {
        for (shape, verdict) in Shape::ALL.into_iter().zip(row.verdicts) {
            let Some(why) = verdict else { continue };
            let (twin, attacked) = attacked(&row, shape);
            assert_eq!(read(&twin).err(), None, "{} {shape:?}", row.name);
            assert_ne!(attacked, twin, "{} does nothing to {shape:?}", row.name);
            assert_eq!(
                read(&attacked).err(),
                Some(why),
                "{} {shape:?}: {attacked}",
                row.name
            );
        }
    }
}

/// What is signed stays so under its veil: a changed name, in each place where there is one to change.
#[test]
fn what_was_encrypted_after_it_was_changed_is_refused() {
    let plain = genuine(Shape::Assertion);
    assert_eq!(read(veiled(plain)).err(), None);
    for (from, to) in [
        ("alice-1", "bob-1"),
        ("17:30:00Z", "18:30:00Z"),
        ("alice@", "bob@"),
    ] {
        let changed = plain.replacen(from, to, 1);
        assert_eq!(
            read(veiled(&changed)).err(),
            Some(Refusal::DigestInvalid),
            "{from}"
        );
    }
    let twice = veiled(&veiled(plain));
    assert_eq!(read(twice).err(), Some(Refusal::UnexpectedEncryption));
}
