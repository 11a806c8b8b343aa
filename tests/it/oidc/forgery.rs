//! Forging tokens out of real ones: another header, another signature, a key that everybody has.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::refusal::is_nobody;
use super::{part_of, tokens_for, userinfo_with};
use crate::harness::{House, Person, Visitor};
use doorward::config::PublicUrl;
use doorward::oidc::id_token::IdTokenClaims;

/// Both kinds of token that Desk got for Bob, to forge from.
pub(super) struct Loot {
    pub(super) bob: Visitor,
    pub(super) access: String,
    pub(super) id: String,
    pub(super) client_id: String,
}

impl Loot {
    pub(super) async fn at(house: &House) -> Self {
        let bob = house.signed_in(Person::Bob).await;
        let client_id = house.acme.desk.to_string();
        let tokens = tokens_for(&bob, &client_id, &bob.code(&client_id).await).await;
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let loot = Self {
            bob,
            access: token("access_token"),
            id: token("id_token"),
            client_id,
        };
        assert!(loot.passes_as_id_token(house, &loot.id), "the real one is good");
        loot
    }

    pub(super) fn passes_as_id_token(&self, house: &House, token: &str) -> bool {
        let issuer = PublicUrl::parse(&house.url).unwrap();
        let (keyring, now) = (&house.instance.keyring, house.clock.now());
        IdTokenClaims::verify(keyring, &issuer, &self.client_id, token, now).is_ok()
    }

    /// Holds a forgery of each kind to whoever takes that kind.
    pub(super) async fn is_refused(&self, house: &House, case: &str, forge: impl Fn(&str) -> String) {
        is_nobody(&userinfo_with(&self.bob, &forge(&self.access)).await, case);
        assert!(!self.passes_as_id_token(house, &forge(&self.id)), "{case}");
    }
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// A token with another header, its claims and signature as they were.
pub(super) fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut header = part_of(token, 0);
    change(&mut header);
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", encode(&header))
}

/// A token with another signature.
pub(super) fn with_signature(token: &str, signature: &[u8]) -> String {
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(super) fn signature_of(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.rsplit_once('.').unwrap().1).unwrap()
}

/// A token signed by HMAC-SHA256 under a key that everybody has.
pub(super) fn hmac_signed(token: &str, key: &[u8]) -> String {
    let token = with_header(token, |header| header["alg"] = "HS256".into());
    let (signed, _) = token.rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    with_signature(&token, hmac::sign(&key, signed.as_bytes()).as_ref())
}

/// Every way to write a public key down (RFC 5480 §2, RFC 8017 appendix A, RFC 7468 §13, RFC 7517).
pub(super) fn as_bytes(jwk: &Value) -> Vec<Vec<u8>> {
    let member = |name: &str| {
        jwk[name]
            .as_str()
            .map(|text| URL_SAFE_NO_PAD.decode(text).unwrap())
            .unwrap_or_default()
    };
    let hex = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.map(byte).collect()
    };
    let der = match jwk["kty"].as_str().unwrap() {
        "EC" => [
            hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
            member("x"),
            member("y"),
        ]
        .concat(),
        "RSA" => [
            hex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"),
            member("n"),
            hex("0203010001"),
        ]
        .concat(),
        _ => [hex("302a300506032b6570032100"), member("x")].concat(),
    };
    let base64 = STANDARD.encode(&der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        lines.join("\n")
    );
    let whole = jwk.to_string();
    let kid = jwk["kid"].to_string();
    let mut ways = vec![
        der,
        pem.clone().into(),
        format!("{pem}\n").into(),
        base64.into(),
        whole.into(),
    ];
    ways.extend([
        member("x"),
        member("n"),
        [member("x"), member("y")].concat(),
        kid.into(),
    ]);
    ways.retain(|way| !way.is_empty());
    ways
}
