//! What makers vouch for, where the operator wants that: WA7. The maker here has a certificate of its own making.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward::config::{Config, Setting, Sources};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::api::audited;
use crate::harness::authenticator::{Authenticator, NamedHouse, bytes, text};
use crate::harness::{Engine, Person};

/// The model of the maker's keys.
const MODEL: Uuid = Uuid::from_u128(0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8);

/// Somebody with a certificate (RFC 5280).
struct Maker {
    key: EcdsaKeyPair,
    name: Vec<u8>,
    certificate: Vec<u8>,
}

/// One value of DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = match content.len() {
        short @ 0..0x80 => vec![u8::try_from(short).unwrap()],
        long @ 0x80..0x100 => vec![0x81, u8::try_from(long).unwrap()],
        longer => [[0x82].as_slice(), &u16::try_from(longer).unwrap().to_be_bytes()].concat(),
    };
    [&[tag], length.as_slice(), &content].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, parts)
}

fn oid(body: &[u8]) -> Vec<u8> {
    [&[0x06, u8::try_from(body.len()).unwrap()], body].concat()
}

/// A name as attestation wants it (WebAuthn §8.2.1).
fn name_of(maker: &str, unit: &str) -> Vec<u8> {
    let part = |attribute: u8, tag: u8, text: &str| {
        let value = der(tag, &[text.as_bytes()]);
        der(0x31, &[&sequence(&[&oid(&[0x55, 0x04, attribute]), &value])])
    };
    let country = part(6, 0x13, "DE");
    sequence(&[
        &country,
        &part(10, 0x0C, "Acme Keys"),
        &part(11, 0x0C, unit),
        &part(3, 0x0C, maker),
    ])
}

/// ecdsa-with-SHA256
fn algorithm() -> Vec<u8> {
    sequence(&[&oid(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02])])
}

fn extension(kind: u8, value: &[u8]) -> Vec<u8> {
    let critical = [0x01, 0x01, 0xFF];
    sequence(&[&oid(&[0x55, 0x1D, kind]), &critical, &der(0x04, &[value])])
}

impl Maker {
    /// A maker whose certificate the operator has.
    fn known() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let name = name_of("Root", "Roots");
        let is_authority = extension(0x13, &sequence(&[&[0x01, 0x01, 0xFF]]));
        let signs_certificates = extension(0x0F, &[0x03, 0x02, 0x02, 0x04]);
        let extensions = [is_authority, signs_certificates].concat();
        let certificate = certify(&key, &name, &key, &name, &extensions);
        Self {
            key,
            name,
            certificate,
        }
    }

    /// What is in its keys: they vouch for themselves by it.
    fn of_keys(&self) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let name = name_of("Batch 7", "Authenticator Attestation");
        let is_none = extension(0x13, &sequence(&[]));
        let certificate = certify(&self.key, &self.name, &key, &name, &is_none);
        Self {
            key,
            name,
            certificate,
        }
    }

    /// Has an authenticator be one of its keys.
    fn makes(self, authenticator: &mut Authenticator) {
        authenticator.aaguid = *MODEL.as_bytes();
        authenticator.attestation = Some(Box::new(move |_, signed| {
            let head = [
                text("fmt"),
                text("packed"),
                text("attStmt"),
                vec![0xA3],
                text("alg"),
                vec![0x26],
            ]
            .concat();
            let signature = bytes(&sign(&self.key, signed));
            [
                head,
                text("sig"),
                signature,
                text("x5c"),
                vec![0x81],
                bytes(&self.certificate),
            ]
            .concat()
        }));
    }

    /// Its certificate, as operators keep it.
    fn pem(&self) -> String {
        let body = STANDARD.encode(&self.certificate);
        let lines: Vec<_> = body
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            lines.join("\n")
        )
    }
}

/// An authenticator that vouches for itself, by its own new key.
fn vouches_for_itself(authenticator: &mut Authenticator) {
    authenticator.attestation = Some(Box::new(|own, signed| {
        let head = [
            text("fmt"),
            text("packed"),
            text("attStmt"),
            vec![0xA2],
            text("alg"),
            vec![0x26],
        ]
        .concat();
        [head, text("sig"), bytes(&own.sign(signed))].concat()
    }));
}

#[expect(clippy::disallowed_methods, reason = "signing takes randomness")]
fn sign(key: &EcdsaKeyPair, message: &[u8]) -> Vec<u8> {
    key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

fn certify(
    by: &EcdsaKeyPair,
    issuer: &[u8],
    key: &EcdsaKeyPair,
    subject: &[u8],
    extensions: &[u8],
) -> Vec<u8> {
    let version = der(0xA0, &[&[0x02, 0x01, 0x02]]);
    let validity = sequence(&[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])]);
    let curve = sequence(&[
        &oid(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]),
        &oid(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]),
    ]);
    let public = sequence(&[&curve, &der(0x03, &[&[0], key.public_key().as_ref()])]);
    let extensions = der(0xA3, &[&sequence(&[extensions])]);
    let serial = [0x02, 0x01, 0x07];
    let own = sequence(&[
        &version,
        &serial,
        &algorithm(),
        issuer,
        &validity,
        subject,
        &public,
        &extensions,
    ]);
    let signature = der(0x03, &[&[0], &sign(by, &own)]);
    sequence(&[&own, &algorithm(), &signature])
}

/// A house that takes keys of this maker alone, of all models or of those that are listed.
async fn house_of(engine: Engine, maker: &Maker, models: Option<Uuid>) -> NamedHouse {
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, maker.pem()).unwrap();
    let mut sources = Sources::default();
    sources.set(Setting::WebauthnAttestation, "direct");
    sources.set(Setting::WebauthnAttestationRoots, roots.to_str().unwrap());
    if let Some(model) = models {
        sources.set(Setting::WebauthnAllowedAaguids, model.to_string());
    }
    let webauthn = Config::read(&sources).unwrap().webauthn;
    NamedHouse::open_with(engine, |config| config.webauthn = webauthn).await
}

#[tokio::test(flavor = "multi_thread")]
async fn wa7_what_no_maker_vouches_for_is_not_added() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (maker, impostor) = (Maker::known(), Maker::known());
        let house = house_of(engine, &maker, None).await;
        let bob = house.signed_in(Person::Bob).await;
        let asked = bob.new_key("passkey").await.question();
        assert_eq!(asked["options"]["attestation"], "direct");
        let (mut silent, mut own, mut theirs) = (
            house.authenticator(),
            house.authenticator(),
            house.authenticator(),
        );
        vouches_for_itself(&mut own);
        impostor.of_keys().makes(&mut theirs);
        silent.aaguid = *MODEL.as_bytes();
        for (authenticator, kind) in [
            (&mut silent, "passkey"),
            (&mut own, "passkey"),
            (&mut theirs, "security-key"),
        ] {
            let refused = bob.enrol(authenticator, kind, "Unknown").await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(
                refused
                    .body
                    .contains("Keys of this kind can\u{2019}t be used here."),
                "{refused:?}"
            );
        }
        let told = audited(&house, "passkey.refused").await;
        assert_eq!(told.len(), 3);
        assert!(
            told.iter().all(|(_, detail)| detail["reason"] == "attestation"),
            "{told:?}"
        );
        let mut genuine = house.authenticator();
        maker.of_keys().makes(&mut genuine);
        assert!(bob.enrol(&mut genuine, "passkey", "Genuine").await.is_enrolled());
        assert_eq!(house.visitor().sign_in_with(&genuine).await.location(), "/");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wa7_a_maker_vouches_for_the_models_that_may_be_used() {
    let maker = Maker::known();
    for (model, is_known) in [(MODEL, true), (Uuid::from_u128(7), false)] {
        let house = house_of(Engine::Sqlite, &maker, Some(model)).await;
        let bob = house.signed_in(Person::Bob).await;
        let mut key = house.authenticator();
        maker.of_keys().makes(&mut key);
        let answer = bob.enrol(&mut key, "security-key", "Key").await;
        assert_eq!(answer.is_enrolled(), is_known, "{answer:?}");
    }
}
