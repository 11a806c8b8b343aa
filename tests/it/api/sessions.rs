//! Sessions as far as they act for an organization, and one's own; consents; and oneself.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::json;

use super::{PRODUCTS, audited};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

const SESSIONS: &str = "/v2/organizations/acme/sessions";
const OWN: &str = "/v2/users/me/sessions";

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
}
