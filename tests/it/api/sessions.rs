//! Sessions as far as they act for an organization, and one's own; consents; and oneself.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::id::UserId;
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::session::Session;
use doorward::domain::time::Timestamp;
use doorward::places::Places;
use doorward::random;
use doorward::storage::sessions::{self, SessionOrigin};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PRODUCTS, audited};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Engine, House, Person, on_both};

const SESSIONS: &str = "/v2/organizations/acme/sessions";
const OWN: &str = "/v2/users/me/sessions";
const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

/// A session that was opened at another address, by another program.
async fn signs_in_from(house: &House, user: UserId, address: &str, user_agent: &str) {
    let session = Session {
        id: random::id(NOW),
        user,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(1)),
        proofs: Vec::new(),
    };
    let origin = SessionOrigin {
        address: address.to_owned(),
        user_agent: user_agent.to_owned(),
    };
    let secret = Secret::received("another").hash(Purpose::Session);
    house
        .write(move |tx| {
            let (session, origin, secret) = (session.clone(), origin.clone(), secret.clone());
            Box::pin(async move { sessions::insert(tx, &session, &secret, &origin).await })
        })
        .await;
}

on_both! {
    async fn an_administrator_sees_and_ends_what_acts_for_the_organization(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bob = house.in_browser(Person::Bob).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        assert_eq!(ana.api.get(SESSIONS).await.found()["data"], json!([]), "a sign-in alone is not the organization's");
        bob.get(PRODUCTS).await.found();
        bob.get("/v2/organizations/umbrella/products").await.found();
        let listed = ana.api.get(&format!("{SESSIONS}?total=true")).await.found();
        let session = &listed["data"][0];
        assert_eq!((&listed["total"], &session["user"]["email"]), (&json!(1), &json!("bob@acme.example")));
        assert!(session["id"].as_str().unwrap().starts_with("act_"));
        assert_eq!((&session["address"], &session["last_seen_at"]), (&json!("127.0.0.1"), &json!("2026-11-22T09:30:00Z")));
        for (of, count) in [("bob@acme.example", 1), ("alice@acme.example", 0), ("mallory@umbrella.example", 0), ("nobody", 0)] {
            let theirs = ana.api.get(&format!("{SESSIONS}?total=true&user={of}")).await.found();
            assert_eq!((&theirs["total"], theirs["data"].as_array().unwrap().len()), (&json!(count), count), "{of}");
        }
        let place = format!("{SESSIONS}/{}", session["id"].as_str().unwrap());
        assert_eq!(ana.api.get(&place).await.found(), *session);
        ana.api.delete(&place).await.done();
        assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again");
        bob.get("/v2/organizations/umbrella/products").await.found();
        assert_eq!(ana.api.delete(&place).await.problem(), "not_found");
        assert_eq!(bob.get(SESSIONS).await.status, StatusCode::UNAUTHORIZED);
        let [(_, told)] = audited(&house, "session.revoked").await.try_into().unwrap();
        assert_eq!(told["user"], house.acme.bob.to_string());
        house.wait(Duration::from_mins(1));
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
    }

    async fn ones_own_sessions_are_listed_and_ended(house) {
        let here = house.in_browser(Person::Bob).await;
        let [there, elsewhere] = [house.in_browser(Person::Bob).await, house.in_browser(Person::Bob).await];
        let mallory = house.in_browser(Person::Mallory).await;
        let listed = here.get(&format!("{OWN}?total=true")).await.found();
        assert_eq!(listed["total"], 3);
        let mine: Vec<_> = listed["data"].as_array().unwrap().iter().filter(|one| one["current"] == true).collect();
        assert_eq!(mine.len(), 1);
        let other = there.get(OWN).await.found();
        let other = other["data"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap().clone();
        let place = format!("{OWN}/{}", other["id"].as_str().unwrap());
        assert_eq!(mallory.delete(&place).await.problem(), "not_found");
        here.delete(&place).await.done();
        assert_eq!(there.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(here.delete(&place).await.problem(), "not_found");
        here.delete(OWN).await.done();
        assert_eq!(elsewhere.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        here.get("/v2/users/me").await.found();
        mallory.get("/v2/users/me").await.found();
    }

    async fn a_key_reaches_what_is_ones_own_only_by_name(house) {
        let (_, reader) = house.key(Some(house.acme.bob), PermissionSet::of(&[Permission::DeviceRead])).await;
        let me = reader.get("/v2/users/me").await.found();
        assert_eq!(me["organizations"].as_array().unwrap().len(), 1);
        for path in [OWN, "/v2/users/me/consents", "/v2/users/me/api-keys"] {
            assert_eq!(reader.get(path).await.problem(), "permission_denied", "{path}");
        }
        assert_eq!(reader.delete(OWN).await.problem(), "permission_denied");
        assert_eq!(reader.patch("/v2/users/me", &json!({ "name": "x" })).await.problem(), "permission_denied");
        let (_, named) = house.key(Some(house.acme.bob), PermissionSet::of(&[Permission::SessionWrite])).await;
        named.get(OWN).await.found();
    }

    async fn oneself_is_shown_and_renamed(house) {
        let bob = house.in_browser(Person::Bob).await;
        let me = bob.get("/v2/users/me").await;
        assert_eq!(
            me.found(),
            json!({
                "id": house.acme.bob.to_string(), "email": "bob@acme.example", "email_verified": true,
                "pending_email": null, "name": "Bob Becker", "avatar_url": null, "timezone": null, "language": null,
                "phone": null, "address": null, "preferences": {}, "superuser": false, "managed_by": null,
                "created_at": "2026-11-22T09:30:00Z", "last_sign_in_at": "2026-11-22T09:30:00Z",
                "default_organization": { "id": house.acme.id.to_string(), "name": "acme" },
                "organizations": [{
                    "organization": { "id": house.acme.id.to_string(), "name": "acme" },
                    "role": "operator", "status": "active", "default": true,
                }],
            })
        );
        assert_eq!(bob.patch("/v2/users/me", &json!({ "name": " Bobby " })).await.found()["name"], "Bobby");
        for (change, pointer) in [
            (json!({ "name": "" }), "/name"),
            (json!({ "name": null }), "/name"),
            (json!({ "email": "root@acme.example" }), "/email"),
            (json!({ "superuser": true }), "/superuser"),
        ] {
            assert_eq!(bob.patch("/v2/users/me", &change).await.pointer(), pointer);
        }
        assert_eq!(audited(&house, "user.updated").await.len(), 1);
    }

    async fn a_consent_taken_back_ends_what_stands_on_it(house) {
        let bob = house.in_browser(Person::Bob).await;
        let fleet = house.acme.fleet.to_string();
        let code = bob.browser().agrees(&authorize(&fleet, &[])).await.code();
        let tokens = bob.browser().redeem(&fleet, &code).await.found();
        let userinfo = || {
            let token = tokens["access_token"].as_str().unwrap();
            Answer::of(bob.browser().request("GET", "/oauth2/userinfo").bearer_auth(token))
        };
        assert_eq!(userinfo().await.status, StatusCode::OK);
        let listed = bob.get("/v2/users/me/consents?total=true").await.found();
        let consent = &listed["data"][0];
        assert_eq!((&listed["total"], &consent["application"]["name"]), (&json!(1), &json!("Acme Fleet")));
        assert_eq!(consent["organization"]["name"], "acme");
        let place = format!("/v2/users/me/consents/acme/{fleet}");
        bob.delete(&place).await.done();
        assert_eq!(userinfo().await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(bob.delete(&place).await.problem(), "not_found");
        assert_eq!(bob.get("/v2/users/me/consents").await.found()["data"], json!([]));
        assert_eq!(audited(&house, "consent.revoked").await.len(), 1);
    }

    async fn c7_a_session_tells_browser_system_and_device(house) {
        let bob = house.in_browser(Person::Bob).await;
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";
        signs_in_from(&house, house.acme.bob, "8.8.8.8", firefox).await;
        let listed = bob.get(OWN).await.found();
        let other = listed["data"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
        assert_eq!(
            (&other["browser"], &other["os"], &other["device"], &other["place"]),
            (&json!("Firefox 133"), &json!("Windows 10"), &json!("computer"), &Value::Null),
            "without a file of places there is none"
        );
    }

    async fn u13_an_administrator_ends_all_that_acts_in_a_members_name_there(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bobs = [house.in_browser(Person::Bob).await, house.in_browser(Person::Bob).await];
        for bob in &bobs {
            bob.get(PRODUCTS).await.found();
            bob.get("/v2/organizations/umbrella/products").await.found();
        }
        house.wait(Duration::from_secs(1));
        ana.api.delete("/v2/organizations/acme/members/bob@acme.example/sessions").await.done();
        for bob in &bobs {
            assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again");
            bob.get("/v2/organizations/umbrella/products").await.found();
        }
        assert_eq!(audited(&house, "session.revoked").await.len(), 1);
    }

    async fn u13_an_ended_sessions_refresh_tokens_are_dead_at_once_and_others_live(house) {
        let (here, there) = (house.in_browser(Person::Bob).await, house.in_browser(Person::Bob).await);
        let fleet = house.acme.fleet.to_string();
        let mut tokens = Vec::new();
        for (browser, scope) in [(&there, "openid"), (&there, "openid offline_access"), (&here, "openid")] {
            let code = browser.browser().agrees(&authorize(&fleet, &[("scope", scope)])).await.code();
            let token = browser.browser().redeem(&fleet, &code).await.found()["refresh_token"].clone();
            tokens.push(token.as_str().unwrap().to_owned());
        }
        let listed = here.get(OWN).await.found();
        let other = listed["data"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap().clone();
        here.delete(&format!("{OWN}/{}", other["id"].as_str().unwrap())).await.done();
        assert_eq!(there.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        for (token, alive) in tokens.iter().zip([false, false, true]) {
            let again = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let answer = here.browser().token(&fleet, &again).await;
            assert_eq!(answer.status == StatusCode::OK, alive, "{answer:?}");
        }
    }

    async fn se2_an_idle_or_old_session_asks_and_changes_nothing(house) {
        let bob = house.in_browser(Person::Bob).await;
        let security = json!({ "session_idle_seconds": 600, "session_max_seconds": 3600 });
        house.in_browser(Person::Alice).await.patch("/v2/organizations/acme/security", &security).await.found();
        bob.get(PRODUCTS).await.found();
        house.wait(Duration::from_secs(601));
        assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again", "idle for Acme");
        bob.get("/v2/users/me").await.found();
        let bob = house.in_browser(Person::Bob).await;
        for _ in 0..6 {
            bob.get(PRODUCTS).await.found();
            house.wait(Duration::from_secs(599));
        }
        bob.get(PRODUCTS).await.found();
        house.wait(Duration::from_secs(10));
        assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again", "an hour is all");
    }
}

/// The place of a session is told where there is a file of places.
#[tokio::test(flavor = "multi_thread")]
async fn c7_a_session_tells_its_place() {
    let file = "tests/clients/node/node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";
    let places =
        Places::open(std::path::Path::new(file)).expect("the file is not installed: run `make clients`");
    assert_eq!(places.of_text("8.8.8.8").as_deref(), Some("US"));
    assert_eq!(places.of_text("::ffff:8.8.8.8").as_deref(), Some("US"));
    for nowhere in ["127.0.0.1", "192.0.2.7", "no address"] {
        assert_eq!(places.of_text(nowhere), None, "{nowhere}");
    }
    let house = House::open_with(Engine::Sqlite, |config| config.places = places).await;
    let bob = house.in_browser(Person::Bob).await;
    signs_in_from(&house, house.acme.bob, "8.8.8.8", "a browser").await;
    let listed = bob.get(OWN).await.found();
    let mut told: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["place"].clone())
        .collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, [json!("US"), Value::Null], "this machine is nowhere");
}
