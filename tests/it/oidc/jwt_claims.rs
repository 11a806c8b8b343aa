//! JW6–JW9: tokens that are signed by the house itself and still say the wrong thing, or say it twice.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::forgery::Loot;
use super::refusal::is_nobody;
use super::{claims_of, userinfo_with};
use crate::harness::{House, on_both};
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::keyring::TokenKind;
use reqwest::StatusCode;

/// Claims in which names may come twice.
struct Claims(Vec<(String, Value)>);

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Claims {
    fn of(token: &str) -> Self {
        let Value::Object(claims) = claims_of(token) else {
            panic!("claims are an object")
        };
        Self(claims.into_iter().collect())
    }

    /// With one claim changed, or taken away.
    fn with(mut self, name: &str, value: Option<Value>) -> Self {
        self.0.retain(|(other, _)| other != name);
        self.0.extend(value.map(|value| (name.to_owned(), value)));
        self
    }

    /// With one claim said a second time, before or after the first.
    fn twice(mut self, name: &str, value: Value, first: bool) -> Self {
        let at = if first { 0 } else { self.0.len() };
        self.0.insert(at, (name.to_owned(), value));
        self
    }
}

fn access_token(house: &House, claims: &Claims) -> String {
    house
        .instance
        .keyring
        .sign(TokenKind::AccessToken, SigningAlgorithm::Es256, claims)
}

fn id_token(house: &House, claims: &Claims) -> String {
    house
        .instance
        .keyring
        .sign(TokenKind::IdToken, SigningAlgorithm::Rs256, claims)
}

/// The house's own signature on changed claims, held to whoever takes that kind; first on unchanged ones, so that the
/// change is what is refused.
async fn are_refused(house: &House, loot: &Loot, case: &str, change: impl Fn(Claims) -> Claims) {
    let unchanged = access_token(house, &Claims::of(&loot.access));
    assert_eq!(userinfo_with(&loot.bob, &unchanged).await.status, StatusCode::OK);
    assert!(loot.passes_as_id_token(house, &id_token(house, &Claims::of(&loot.id))));
    let access = access_token(house, &change(Claims::of(&loot.access)));
    is_nobody(&userinfo_with(&loot.bob, &access).await, case);
    let id = id_token(house, &change(Claims::of(&loot.id)));
    assert!(!loot.passes_as_id_token(house, &id), "{case}");
}

on_both! {
    async fn jw6_a_token_of_one_kind_is_none_of_another(house) {
        let loot = Loot::at(&house).await;
        let (keyring, now) = (&house.instance.keyring, house.clock.now());
        let kinds = [TokenKind::AccessToken, TokenKind::IdToken];
        for made in kinds {
            for taken in kinds {
                for algorithm in SigningAlgorithm::ALL {
                    let token = keyring.sign(made, algorithm, &json!({}));
                    assert_eq!(keyring.verify::<Value>(taken, &token, now).is_ok(), made == taken, "{made:?} as {taken:?}");
                }
            }
        }
        // Even with all the claims that the other kind has.
        let access_as_id = keyring.sign(TokenKind::IdToken, SigningAlgorithm::Es256, &claims_of(&loot.access));
        is_nobody(&userinfo_with(&loot.bob, &access_as_id).await, "typ JWT");
        let id_as_access = keyring.sign(TokenKind::AccessToken, SigningAlgorithm::Rs256, &claims_of(&loot.id));
        assert!(!loot.passes_as_id_token(&house, &id_as_access));
        is_nobody(&userinfo_with(&loot.bob, &id_as_access).await, "an id token's claims");
        assert!(!loot.passes_as_id_token(&house, &loot.access));
    }

    async fn jw7_times_are_whole_numbers_and_now_is_within_them(house) {
        let loot = Loot::at(&house).await;
        let now = house.clock.now().seconds();
        let odd = |at: i64| [json!(at.to_string()), json!(null), json!([at]), json!({ "at": at }), json!(true), json!(u64::MAX), json!(i64::MIN)];
        for exp in [json!(now), json!(now - 1), json!(0), json!(-1), json!(1e10), json!(99_999_999_999.5)].into_iter().chain(odd(now + 300)) {
            are_refused(&house, &loot, &format!("exp {exp}"), |claims| claims.with("exp", Some(exp.clone()))).await;
        }
        for iat in [json!(now + 11), json!(i64::MAX), json!(1.5)].into_iter().chain(odd(now).into_iter().take(6)) {
            are_refused(&house, &loot, &format!("iat {iat}"), |claims| claims.with("iat", Some(iat.clone()))).await;
        }
        for nbf in [json!(now + 11), json!(i64::MAX), json!(now.to_string()), json!(1.5), json!([now])] {
            are_refused(&house, &loot, &format!("nbf {nbf}"), |claims| claims.with("nbf", Some(nbf.clone()))).await;
        }
        // Another node's clock may be ten seconds ahead (FAPI 2.0 §5.3.2.1).
        for name in ["iat", "nbf"] {
            let ahead = access_token(&house, &Claims::of(&loot.access).with(name, Some(json!(now + 10))));
            assert_eq!(userinfo_with(&loot.bob, &ahead).await.status, StatusCode::OK, "{name}");
        }
        for name in ["exp", "iat", "auth_time"] {
            are_refused(&house, &loot, &format!("no {name}"), |claims| claims.with(name, None)).await;
        }
    }

    async fn jw8_the_issuer_is_this_house_letter_for_letter(house) {
        let loot = Loot::at(&house).await;
        let url = house.url.as_str();
        for iss in [
            json!(format!("{url}/")),
            json!(format!("{url}.evil.example")),
            json!(format!("{url}/oauth2")),
            json!(format!("{url}@evil.example")),
            json!(format!(" {url}")),
            json!(&url[..url.len() - 1]),
            json!(url.to_uppercase()),
            json!(url.replacen("http", "https", 1)),
            json!(url.replace("127.0.0.1", "localhost")),
            json!("https://evil.example"),
            json!(""),
            json!([url]),
            json!([url, "https://evil.example"]),
            json!({ "url": url }),
            json!(null),
            json!(1),
        ] {
            are_refused(&house, &loot, &format!("iss {iss}"), |claims| claims.with("iss", Some(iss.clone()))).await;
        }
        are_refused(&house, &loot, "no iss", |claims| claims.with("iss", None)).await;
    }

    async fn jw8_the_audience_is_one_application_letter_for_letter(house) {
        let loot = Loot::at(&house).await;
        let own = loot.client_id.clone();
        for aud in [json!([&own]), json!([]), json!([&own, "other"]), json!({ "id": &own }), json!(null), json!(1), json!(true)] {
            are_refused(&house, &loot, &format!("aud {aud}"), |claims| claims.with("aud", Some(aud.clone()))).await;
        }
        are_refused(&house, &loot, "no aud", |claims| claims.with("aud", None)).await;
        let fleet = house.acme.fleet.to_string();
        for aud in ["", &fleet, &format!("{own}/"), &format!("{own} "), &own[..own.len() - 1], &own.to_uppercase(), &format!("{own},{fleet}"), &house.url] {
            let token = id_token(&house, &Claims::of(&loot.id).with("aud", Some(json!(aud))));
            assert!(!loot.passes_as_id_token(&house, &token), "{aud}");
        }
    }

    async fn jw9_what_is_said_twice_is_not_believed_once(house) {
        let loot = Loot::at(&house).await;
        let later = house.clock.now().seconds() + 86_400;
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("sub", json!(house.acme.alice.to_string())),
            ("aud", json!(house.acme.fleet.to_string())),
            ("exp", json!(later)),
            ("iat", json!(0)),
            ("sid", json!("act_x")),
            ("roles", json!(["owner"])),
            ("org", json!({ "id": house.acme.umbrella.to_string(), "name": "umbrella" })),
        ] {
            for first in [true, false] {
                are_refused(&house, &loot, name, |claims| claims.twice(name, value.clone(), first)).await;
            }
        }
        for name in ["email", "name", "email_verified", "nonce", "at_hash"] {
            let said = claims_of(&loot.id)[name].clone();
            let token = id_token(&house, &Claims::of(&loot.id).twice(name, said, false));
            assert!(!loot.passes_as_id_token(&house, &token), "{name}");
        }
    }

    async fn a_token_of_no_living_family_is_nobodys(house) {
        let loot = Loot::at(&house).await;
        for jti in ["", ".", "x", "fam_", "fam_01k9zzzzzzzzzzzzzzzzzzzzzz.x", &house.acme.bob.to_string(), "fam_01k9zzzzzzzzzzzzzzzzzzzzzz"] {
            let token = access_token(&house, &Claims::of(&loot.access).with("jti", Some(json!(jti))));
            is_nobody(&userinfo_with(&loot.bob, &token).await, jti);
        }
        for name in ["sub", "jti", "client_id", "scope", "sid", "org"] {
            for value in [None, Some(json!(null)), Some(json!(1)), Some(json!([]))] {
                let token = access_token(&house, &Claims::of(&loot.access).with(name, value));
                is_nobody(&userinfo_with(&loot.bob, &token).await, name);
            }
        }
    }
}
