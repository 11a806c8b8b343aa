//! JW1–JW4, JW10, JW12, JW13: a token that we did not sign, however it is dressed up, is nobody's.

use std::io::ErrorKind;
use std::net::TcpListener;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::forgery::{Loot, as_bytes, hmac_signed, signature_of, with_header, with_signature};
use super::refusal::is_nobody;
use super::{part_of, userinfo_with};
use crate::harness::{Engine as Database, House, on_both};

/// `n`, the order of P-256 (FIPS 186-5, SP 800-186 §3.2.1.3).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

on_both! {
    async fn jw1_a_token_without_a_signature_is_nobodys(house) {
        let loot = Loot::at(&house).await;
        for algorithm in ["none", "None", "NONE", "nOnE", "", "null", "ES256 ", "es256"] {
            for keeps_kid in [true, false] {
                let forge = |token: &str| with_header(token, |header| {
                    header["alg"] = algorithm.into();
                    if !keeps_kid {
                        header.as_object_mut().unwrap().remove("kid");
                    }
                });
                loot.is_refused(&house, algorithm, forge).await;
                loot.is_refused(&house, algorithm, |token| with_signature(&forge(token), &[])).await;
                loot.is_refused(&house, algorithm, |token| forge(token).rsplit_once('.').unwrap().0.to_owned()).await;
            }
        }
        loot.is_refused(&house, "an empty signature", |token| with_signature(token, &[])).await;
        loot.is_refused(&house, "no third part", |token| token.rsplit_once('.').unwrap().0.to_owned()).await;
        loot.is_refused(&house, "a fourth part", |token| format!("{token}.e30")).await;
        loot.is_refused(&house, "five parts", |token| format!("{token}.e30.e30")).await;
        loot.is_refused(&house, "a dot", |token| format!("{token}.")).await;
        loot.is_refused(&house, "padding", |token| format!("{token}=")).await;
        loot.is_refused(&house, "JSON serialization", |token| {
            let parts: Vec<_> = token.split('.').collect();
            json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] }).to_string()
        }).await;
    }

    async fn jw2_a_public_key_is_no_shared_secret(house) {
        let loot = Loot::at(&house).await;
        let jwks = loot.bob.get("/oauth2/jwks").await.json();
        for jwk in jwks["keys"].as_array().unwrap() {
            for key in as_bytes(jwk) {
                loot.is_refused(&house, "HS256 under a public key", |token| hmac_signed(token, &key)).await;
                let kid = &jwk["kid"];
                let forge = |token: &str| hmac_signed(&with_header(token, |header| header["kid"] = kid.clone()), &key);
                loot.is_refused(&house, "HS256 under the key it names", forge).await;
            }
        }
        loot.is_refused(&house, "HS256 under nothing", |token| hmac_signed(token, b"")).await;
    }

    async fn jw3_a_key_id_is_looked_up_and_nothing_else(house) {
        let loot = Loot::at(&house).await;
        let jwks = loot.bob.get("/oauth2/jwks").await.json();
        let mut ids: Vec<Value> = jwks["keys"].as_array().unwrap().iter().map(|jwk| jwk["kid"].clone()).collect();
        ids.extend([json!("../../../../dev/null"), json!("/dev/null"), json!("' UNION SELECT 'x' --"), json!("x; sleep 10")]);
        ids.extend([json!(""), json!("unknown"), json!("k".repeat(4096)), json!(null), json!(0), json!(["a"]), json!({ "a": 1 })]);
        let genuine = [part_of(&loot.access, 0)["kid"].clone(), part_of(&loot.id, 0)["kid"].clone()];
        for id in ids {
            let case = id.to_string();
            let named = |token: &str| with_header(token, |header| header["kid"] = id.clone());
            if !genuine.contains(&id) {
                loot.is_refused(&house, &case, named).await;
            }
            loot.is_refused(&house, &case, |token| hmac_signed(&named(token), b"")).await;
        }
    }

    async fn jw4_a_key_that_comes_with_the_token_opens_nothing_and_none_is_fetched(house) {
        let loot = Loot::at(&house).await;
        let trap = TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let url = format!("http://{}/jwks", trap.local_addr().unwrap());
        let mallorys = Ed25519KeyPair::generate().unwrap();
        let x = URL_SAFE_NO_PAD.encode(mallorys.public_key().as_ref());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "use": "sig", "kid": "mine" });
        let jwks = loot.bob.get("/oauth2/jwks").await.json();
        let ours = jwks["keys"].as_array().unwrap().iter().find(|key| key["alg"] == "EdDSA").unwrap()["kid"].clone();
        for (name, value) in [
            ("jwk", jwk.clone()),
            ("jku", url.as_str().into()),
            ("x5u", url.as_str().into()),
            ("x5c", json!([x])),
            ("x5t", x.as_str().into()),
            ("iss", "https://evil.example".into()),
            ("alg", "EdDSA".into()),
        ] {
            for kid in [ours.clone(), json!("mine"), part_of(&loot.access, 0)["kid"].clone()] {
                let forge = |token: &str| {
                    let token = with_header(token, |header| {
                        header["alg"] = "EdDSA".into();
                        header["kid"] = kid.clone();
                        header[name] = value.clone();
                    });
                    let (signed, _) = token.rsplit_once('.').unwrap();
                    with_signature(&token, mallorys.sign(signed.as_bytes()).as_ref())
                };
                loot.is_refused(&house, name, forge).await;
            }
        }
        assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "somebody came for the keys");
    }

    async fn jw10_signatures_out_of_shape_are_no_signatures(house) {
        let loot = Loot::at(&house).await;
        let one = [vec![0; 31], vec![1]].concat();
        for (case, signature) in [
            ("r = s = 0", vec![0; 64]),
            ("r = 0", [vec![0; 32], one.clone()].concat()),
            ("s = 0", [one.clone(), vec![0; 32]].concat()),
            ("r = s = 1", [one.clone(), one].concat()),
            ("r = s = n", [ORDER, ORDER].concat()),
            ("all ones", vec![0xff; 64]),
            ("an RSA signature of nothing", vec![0; 256]),
            ("an RSA signature of 1", [vec![0; 255], vec![1]].concat()),
            ("one byte", vec![0]),
            ("a kibibyte", vec![1; 1024]),
        ] {
            loot.is_refused(&house, case, |token| with_signature(token, &signature)).await;
        }
        loot.is_refused(&house, "cut short", |token| with_signature(token, &signature_of(token)[..63])).await;
        loot.is_refused(&house, "one byte more", |token| with_signature(token, &[signature_of(token), vec![0]].concat())).await;
        loot.is_refused(&house, "zeros in front", |token| with_signature(token, &[vec![0], signature_of(token)].concat())).await;
        loot.is_refused(&house, "halves swapped", |token| {
            let mut signature = signature_of(token);
            let half = signature.len() / 2;
            signature.rotate_left(half);
            with_signature(token, &signature)
        }).await;
        loot.is_refused(&house, "DER instead of two numbers", |token| {
            let number = |half: &[u8]| [vec![2, 33, 0], half.to_vec()].concat();
            let signature = signature_of(token);
            with_signature(token, &[vec![0x30, 70], number(&signature[..32]), number(&signature[32..64])].concat())
        }).await;
        for algorithm in ["ES384", "ES512", "ES256K", "RS384", "RS512", "PS256", "EdDSA", "RS256", "ES256", "HS512"] {
            let forge = |token: &str| with_header(token, |header| {
                header["alg"] = if header["alg"] == algorithm { "PS384".into() } else { algorithm.into() };
            });
            loot.is_refused(&house, algorithm, forge).await;
        }
        let (access, id) = (signature_of(&loot.access), signature_of(&loot.id));
        loot.is_refused(&house, "the other token's", |token| with_signature(token, if token == loot.id { &access } else { &id })).await;
    }

    async fn jw10_the_twin_of_an_ecdsa_signature_dies_with_it(house) {
        let loot = Loot::at(&house).await;
        let mut signature = signature_of(&loot.access);
        let mut borrow = 0;
        for (digit, of_order) in signature[32..].iter_mut().zip(ORDER).rev() {
            let difference = i16::from(of_order) - i16::from(*digit) - borrow;
            borrow = i16::from(difference < 0);
            *digit = u8::try_from(difference.rem_euclid(256)).unwrap();
        }
        let twin = with_signature(&loot.access, &signature);
        assert_ne!(twin, loot.access);
        // ECDSA has two signatures for each; they say the same, so what counts is that no list of dead tokens is
        // kept by signature.
        loot.bob.submit(&loot.bob.get("/sign-out").await, &[]).await;
        is_nobody(&userinfo_with(&loot.bob, &twin).await, "after sign-out");
    }

    async fn jw12_another_houses_token_is_a_strangers(house) {
        let loot = Loot::at(&house).await;
        let elsewhere = House::open(Database::Sqlite).await;
        let theirs = Loot::at(&elsewhere).await;
        loot.is_refused(&house, "signed elsewhere", |token| if token == loot.id { theirs.id.clone() } else { theirs.access.clone() }).await;
        let kid = |token: &str| part_of(token, 0)["kid"].clone();
        loot.is_refused(&house, "signed elsewhere, in our key's name", |token| {
            let other = if token == loot.id { &theirs.id } else { &theirs.access };
            with_header(other, |header| header["kid"] = kid(token))
        }).await;
    }

    async fn jw13_what_is_no_token_is_refused_whatever_its_size(house) {
        let loot = Loot::at(&house).await;
        let deep = URL_SAFE_NO_PAD.encode("[".repeat(10_000));
        let deep_object = URL_SAFE_NO_PAD.encode("{\"a\":".repeat(2_000));
        let header = loot.access.split_once('.').unwrap().0.to_owned();
        for sent in [
            ".", "..", "...", "a.b.c", "e30.e30.e30", "e30..", "null", "{}", "%00", "\u{1f511}", "=.=.=",
            &"a".repeat(15 * 1024), &"a".repeat(64 * 1024), &".".repeat(10_000), &format!("{deep}.e30.AA"),
            &format!("{deep_object}.e30.AA"), &format!("{header}.{deep}.AA"), &format!("{header}.{deep_object}.AA"),
            &format!("{}A", loot.access), &loot.access[1..], &loot.access.replacen('.', "..", 1), &loot.access.to_lowercase(),
        ] {
            if sent.is_ascii() {
                is_nobody(&userinfo_with(&loot.bob, sent).await, &sent[..sent.len().min(40)]);
            }
            assert!(!loot.passes_as_id_token(&house, sent));
        }
        let huge = format!("{}.{}", loot.access, "a".repeat(1024 * 1024));
        assert!(!loot.passes_as_id_token(&house, &huge));
        // The server may close before everything is sent; then there is no answer to look at.
        let request = house.visitor().request("GET", "/oauth2/userinfo").bearer_auth(&huge);
        if let Ok(response) = request.send().await {
            assert!(response.status().is_client_error(), "{response:?}");
        }
        assert_eq!(userinfo_with(&house.visitor(), &loot.access).await.status, reqwest::StatusCode::OK, "and goes on");
    }
}
