//! SCIM tokens: made by an administrator, shown once, and refused from the moment they end.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, TOKENS, USERS};
use crate::api::audited;
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn a_token_is_made_shown_once_used_and_revoked(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let browser = house.in_browser(Person::Alice).await;
        let answer = browser.post(TOKENS, &json!({ "name": "Okta" })).await;
        let made = answer.created();
        let secret = made["token"].as_str().unwrap();
        assert!(secret.starts_with("dws_") && secret.len() == 47);
        assert_eq!(made["expires_at"], "2027-11-22T09:30:00Z", "a year");
        let found = ana.api.get(&answer.location()).await.found();
        assert_eq!((&found["name"], &found["last_used_at"]), (&json!("Okta"), &Value::Null));
        for shown in [found.to_string(), ana.api.get(TOKENS).await.found().to_string()] {
            assert!(!shown.contains(secret) && !shown.contains("\"token\""), "{shown}");
        }
        let directory = Directory::with(&house, &made);
        directory.get(USERS).await.found();
        assert_eq!(ana.api.get(&answer.location()).await.found()["last_used_at"], "2026-11-22T09:30:00Z");
        house.wait(Duration::from_secs(59));
        directory.get(USERS).await.found();
        assert_eq!(ana.api.get(&answer.location()).await.found()["last_used_at"], "2026-11-22T09:30:00Z");
        house.wait(Duration::from_secs(1));
        directory.get(USERS).await.found();
        assert_eq!(ana.api.get(&answer.location()).await.found()["last_used_at"], "2026-11-22T09:31:00Z");
        ana.api.delete(&answer.location()).await.done();
        assert_eq!(directory.get(USERS).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(ana.api.delete(&answer.location()).await.problem(), "not_found");
        let [(_, told)] = audited(&house, "scim_token.created").await.try_into().unwrap();
        assert_eq!(told["after"]["name"], "Okta");
        assert!(!told.to_string().contains(secret));
        assert_eq!(audited(&house, "scim_token.revoked").await[0].0, ana.user.to_string());
    }

    async fn what_a_key_makes_ends_with_the_key(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let made = key.post(TOKENS, &json!({ "name": "Okta" })).await.created();
        assert_eq!(made["expires_at"], "2027-02-20T09:30:00Z");
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let alice = house.in_browser(Person::Alice).await;
        for (body, pointer) in [
            (json!({}), "/name"),
            (json!({ "name": "" }), "/name"),
            (json!({ "name": "x", "expires_in": "0d" }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "731d" }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "1y" }), "/expires_in"),
            (json!({ "name": "x", "permissions": ["organization:delete"] }), "/permissions"),
        ] {
            assert_eq!(alice.post(TOKENS, &body).await.pointer(), pointer, "{body}");
        }
        for number in 0..20 {
            alice.post(TOKENS, &json!({ "name": format!("Token {number}") })).await.created();
        }
        assert_eq!(alice.post(TOKENS, &json!({ "name": "one more" })).await.problem(), "limit_reached");
    }

    async fn it_takes_a_fresh_proof(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.wait(Duration::from_mins(16));
        let stale = alice.post(TOKENS, &json!({ "name": "x" })).await;
        assert_eq!(stale.problem(), "insufficient_user_authentication");
        alice.get(TOKENS).await.found();
    }

    async fn the_same_request_again_is_told_the_id_and_never_the_secret(house) {
        let alice = house.in_browser(Person::Alice).await;
        let post = || {
            let request = alice.request("POST", TOKENS).header("idempotency-key", "k");
            Answer::of(request.json(&json!({ "name": "x" })))
        };
        let made = post().await.created();
        let again = post().await;
        assert_eq!((again.problem(), &again.json()["id"]), ("already_created".to_owned(), &made["id"]));
        assert!(!again.body.contains("dws_"));
    }

    async fn o4_whoever_may_make_another_is_warned_before_a_token_ends(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.employ("vera", BuiltInRole::Viewer).await;
        let token = async |name: &str, life: &str| {
            alice.post(TOKENS, &json!({ "name": name, "expires_in": life })).await.created();
        };
        token("Okta", "30d").await;
        let told = async || {
            let (db, keyring) = (house.db(), &house.instance.keyring);
            doorward::directory::scim::warnings::warn_of_ends(db, keyring, house.clock.now()).await.unwrap();
            let letters = house.letters().await;
            let of = letters.iter().filter(|letter| letter.header("Subject") == "A SCIM token ends soon");
            let mut told: Vec<_> = of.map(|letter| letter.header("To").to_owned()).collect();
            told.sort();
            told
        };
        assert!(told().await.is_empty());
        house.wait(Duration::from_hours(16 * 24));
        let both = ["alice@acme.example", ana.email.as_str()];
        assert_eq!(told().await, both, "who may make another, and nobody else");
        assert_eq!(told().await.len(), 2, "once");
        let alerts = ana.api.get("/v2/organizations/acme/alerts").await.found();
        let alert = alerts["data"].as_array().unwrap().iter().find(|alert| alert["kind"] == "scim_token_expires");
        assert_eq!(alert.unwrap()["detail"]["name"], "Okta");
        house.wait(Duration::from_hours(7 * 24));
        assert_eq!(told().await.len(), 4);
        house.wait(Duration::from_hours(6 * 24));
        assert_eq!(told().await.len(), 6);
        house.wait(Duration::from_hours(2 * 24));
        assert_eq!(told().await.len(), 6, "what is over needs no warning");
    }

    async fn the_rate_of_the_api_is_theirs_too(house) {
        let directory = Directory::of(&house).await;
        let answer = directory.get(USERS).await;
        assert!(answer.header("ratelimit").starts_with("\"default\";r="), "{answer:?}");
    }
}
