//! One's own passkeys and security keys at the API.

use std::time::Duration;

use doorward::domain::access::{Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::audited;
use crate::harness::authenticator::{BE, NamedHouse, UP, UV};
use crate::harness::{Person, on_both};

const PASSKEYS: &str = "/v2/users/me/passkeys";

on_both! {
    async fn one_sees_names_and_removes_what_is_ones_own(house: NamedHouse) {
        let browser = house.signed_in(Person::Bob).await;
        let mut synced = house.authenticator();
        synced.flags = UP | UV | BE;
        browser.enrol(&mut synced, "passkey", "Chrome on Linux").await;
        let bob = house.in_browser_with(&synced).await;
        let listed = bob.get(PASSKEYS).await.found();
        let one = listed["data"][0].clone();
        assert_eq!(listed["data"].as_array().unwrap().len(), 1);
        assert_eq!((&one["kind"], &one["name"], &one["synced"]), (&json!("passkey"), &json!("Chrome on Linux"), &json!(true)));
        assert_eq!((&one["created_at"], &one["clone_seen_at"]), (&json!("2026-11-22T09:30:00Z"), &Value::Null));
        let path = format!("{PASSKEYS}/{}", one["id"].as_str().unwrap());
        let renamed = bob.patch(&path, &json!({ "name": "Laptop" })).await.found();
        assert_eq!(renamed["name"], "Laptop");
        assert_eq!(bob.get(&path).await.found(), renamed);
        let told = audited(&house, "passkey.renamed").await;
        assert_eq!((&told[0].1["before"], &told[0].1["after"]), (&json!({ "name": "Chrome on Linux" }), &json!({ "name": "Laptop" })));
        bob.delete(&path).await.done();
        assert_eq!(bob.get(PASSKEYS).await.found()["data"], json!([]));
        assert_eq!(audited(&house, "passkey.removed").await.len(), 1);
        assert_eq!(house.visitor().sign_in_with(&synced).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn its_person_is_told_of_each_change(house: NamedHouse) {
        let browser = house.signed_in(Person::Bob).await;
        let mut own = house.authenticator();
        own.counter = 5;
        browser.enrol(&mut own, "passkey", "Laptop").await;
        own.counter = 6;
        let bob = house.in_browser_with(&own).await;
        own.counter = 2;
        house.visitor().sign_in_with(&own).await;
        let id = bob.get(PASSKEYS).await.found()["data"][0]["id"].as_str().unwrap().to_owned();
        bob.delete(&format!("{PASSKEYS}/{id}")).await.done();
        let alerts = bob.get("/v2/users/me/alerts").await.found();
        let told = |kind: &str| {
            let alerts = alerts["data"].as_array().unwrap().iter();
            alerts.filter(|alert| alert["kind"] == kind).map(|alert| alert["detail"].clone()).collect::<Vec<_>>()
        };
        let laptop = json!({ "factor": "passkey", "name": "Laptop" });
        assert!(told("factor_added").contains(&laptop), "{alerts}");
        assert_eq!(told("passkey_copied"), [json!({ "name": "Laptop" })]);
        assert!(told("factor_removed").contains(&laptop), "{alerts}");
    }

    async fn what_is_no_name_is_refused(house: NamedHouse) {
        let browser = house.signed_in(Person::Bob).await;
        let mut own = house.authenticator();
        browser.enrol(&mut own, "passkey", "Laptop").await;
        let bob = house.in_browser_with(&own).await;
        let one = bob.get(PASSKEYS).await.found()["data"][0].clone();
        let path = format!("{PASSKEYS}/{}", one["id"].as_str().unwrap());
        for name in [json!(""), json!("x".repeat(101)), json!("a\u{202E}b"), Value::Null, json!(7)] {
            let answer = bob.patch(&path, &json!({ "name": name })).await;
            assert!(answer.status.is_client_error(), "{name}: {answer:?}");
        }
        assert_eq!(bob.patch(&path, &json!({ "synced": true })).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(bob.patch(&path, &json!({})).await.found(), one);
    }

    async fn or1_what_is_anothers_is_as_if_it_were_not(house: NamedHouse) {
        let browser = house.signed_in(Person::Bob).await;
        browser.enrol(&mut house.authenticator(), "passkey", "Bob\u{2019}s").await;
        let (_, bobs_key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let id = bobs_key.get(PASSKEYS).await.found()["data"][0]["id"].as_str().unwrap().to_owned();
        let mallory = house.in_browser(Person::Mallory).await;
        let path = format!("{PASSKEYS}/{id}");
        assert_eq!(mallory.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(mallory.patch(&path, &json!({ "name": "Mine" })).await.status, StatusCode::NOT_FOUND);
        assert_eq!(mallory.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bobs_key.get(&path).await.found()["name"], "Bob\u{2019}s");
    }

    async fn removing_takes_a_person_who_has_just_proved_themselves(house: NamedHouse) {
        let browser = house.signed_in(Person::Bob).await;
        let mut own = house.authenticator();
        browser.enrol(&mut own, "passkey", "Laptop").await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let path = format!("{PASSKEYS}/{}", key.get(PASSKEYS).await.found()["data"][0]["id"].as_str().unwrap());
        assert_eq!(key.delete(&path).await.status, StatusCode::FORBIDDEN, "a key proves nothing");
        let few = PermissionSet::of(&[Permission::OrganizationRead]);
        let (_, reader) = house.key(Some(house.acme.bob), few).await;
        assert_eq!(reader.get(PASSKEYS).await.status, StatusCode::FORBIDDEN);
        let bob = house.in_browser_with(&own).await;
        house.wait(Duration::from_mins(16));
        assert_eq!(bob.delete(&path).await.status, StatusCode::UNAUTHORIZED, "too long ago");
        house.in_browser_with(&own).await.delete(&path).await.done();
    }
}
