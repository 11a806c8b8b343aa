//! SA30: assertions that were encrypted for us, by whomever.

use doorward::saml::Refusal;

use super::super::documents::{AES256_GCM, Answer, RSA_OAEP, Shape, encryption_template, read, refused};
use super::twins::{TRANSPORTS, sealed};
use crate::harness::Dice;

const ENCRYPTED: [Shape; 2] = [Shape::Encrypted, Shape::EncryptedInSigned];

#[test]
fn aes_gcm_of_each_length_is_opened() {
    for (cipher, session_key) in [
        ("http://www.w3.org/2009/xmlenc11#aes128-gcm", "aes-128"),
        ("http://www.w3.org/2009/xmlenc11#aes192-gcm", "aes-192"),
        (AES256_GCM, "aes-256"),
    ] {
        let mut answer = Answer::genuine();
        answer.encryption = encryption_template(cipher, RSA_OAEP);
        answer.session_key = session_key;
        for shape in ENCRYPTED {
            assert!(read(answer.sent(shape)).is_ok(), "{cipher} {shape:?}");
        }
    }
}

#[test]
fn sa30_ciphers_that_answer_questions() {
    for (cipher, session_key, why) in [
        (
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            "aes-128",
            Refusal::EncryptedWithCbc,
        ),
        (
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
            "aes-256",
            Refusal::EncryptedWithCbc,
        ),
        (
            "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
            "des-192",
            Refusal::EncryptedWithTripleDes,
        ),
    ] {
        let mut answer = Answer::genuine();
        answer.encryption = encryption_template(cipher, RSA_OAEP);
        answer.session_key = session_key;
        for shape in ENCRYPTED {
            assert_eq!(read(answer.sent(shape)).err(), Some(why), "{cipher} {shape:?}");
        }
    }
    let mut answer = Answer::genuine();
    answer.encryption = encryption_template(AES256_GCM, "http://www.w3.org/2001/04/xmlenc#rsa-1_5");
    for shape in ENCRYPTED {
        assert_eq!(read(answer.sent(shape)).err(), Some(Refusal::KeyTransportRsa15));
    }
}

#[test]
fn sa30_what_is_short_or_changed_is_refused_in_one_way() {
    let genuine = Answer::genuine().sent(Shape::Encrypted);
    let values: Vec<_> = genuine
        .match_indices("<xenc:CipherValue>")
        .map(|(at, tag)| {
            let start = at + tag.len();
            start..start + genuine[start..].find('<').unwrap()
        })
        .collect();
    assert_eq!(values.len(), 2);
    for value in &values {
        for short in ["", "AAAA", "AAAAAAAAAAAAAAAA"] {
            let mut attacked = genuine.clone();
            attacked.replace_range(value.clone(), short);
            assert_eq!(read(&attacked).err(), Some(Refusal::Undecipherable), "{short}");
        }
    }
    let mut dice = Dice::seeded(30);
    for _ in 0..200 {
        let mut attacked = genuine.clone().into_bytes();
        let value = dice.one(&values).clone();
        let at = value.start + dice.below(value.len() - 4);
        attacked[at] = match attacked[at] {
            b'\n' => continue,
            b'A' => b'B',
            _ => b'A',
        };
        assert_eq!(read(&attacked).err(), Some(Refusal::Undecipherable));
    }
}

#[test]
fn sa30_two_keys_or_none() {
    refused(&[Shape::Encrypted], Refusal::EncryptionShape, |document, _| {
        let start = document.find("<xenc:EncryptedKey>").unwrap();
        let end = document.find("</xenc:EncryptedKey>").unwrap() + "</xenc:EncryptedKey>".len();
        let key = document[start..end].to_owned();
        [&document[..end], &key, &document[end..]].concat()
    });
    refused(&[Shape::Encrypted], Refusal::EncryptionShape, |document, _| {
        let start = document.find("<xenc:EncryptedKey>").unwrap();
        let end = document.find("</xenc:EncryptedKey>").unwrap() + "</xenc:EncryptedKey>".len();
        [&document[..start], &document[end..]].concat()
    });
}

/// What comes out of a ciphertext passes the gate like everything else.
#[test]
fn sa30_what_was_hidden_in_the_ciphertext() {
    for (inside, why) in [
        ("<saml:NameID><!-- x -->", Refusal::Declaration),
        ("<saml:NameID>&evil;", Refusal::Entity),
    ] {
        let answer = Answer::genuine();
        let assertion = answer.sent(Shape::Assertion);
        let start = assertion.find("<saml:Assertion").unwrap();
        let end = assertion.find("</samlp:Response>").unwrap();
        let plain = assertion[start..end].replacen(
            "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">",
            inside,
            1,
        );
        let cipher = (AES256_GCM, &aws_lc_rs::aead::AES_256_GCM);
        let encrypted = sealed(&plain, cipher, TRANSPORTS[0]);
        assert_eq!(read(answer.response_xml(false, &encrypted)).err(), Some(why));
    }
}
