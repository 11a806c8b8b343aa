//! `/v2/users` as superusers use it: found, changed, suspended, deleted; and one superuser always stays.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{PRODUCTS, audited};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Api, House, Person, on_both};

fn place(user: impl std::fmt::Display) -> String {
    format!("/v2/users/{user}")
}

/// Alice, and Sue who is made a superuser too.
async fn two_superusers(house: &House) -> [(String, Api); 2] {
    let alice = house.in_browser(Person::Alice).await;
    let sue = house.invited("sue", BuiltInRole::Viewer).await;
    alice
        .patch(&place(sue.user), &json!({ "superuser": true }))
        .await
        .found();
    let sues = house.in_browser_as(&sue.email).await;
    [
        (house.acme.alice.to_string(), alice),
        (sue.user.to_string(), sues),
    ]
}

on_both! {
    async fn superusers_find_everybody(house) {
        let alice = house.in_browser(Person::Alice).await;
        let all = alice.get("/v2/users?total=true").await.found();
        assert_eq!((all["data"].as_array().unwrap().len(), &all["total"]), (3, &json!(3)));
        let found = alice.get("/v2/users?query=BECK&total=true").await.found();
        assert_eq!((&found["data"][0]["email"], &found["total"]), (&json!("bob@acme.example"), &json!(1)));
        let mut seen = Vec::new();
        let mut path = "/v2/users?query=m&limit=1".to_owned();
        house.employ("mo", BuiltInRole::Viewer).await;
        loop {
            let page = alice.get(&path).await.found();
            seen.push(page["data"][0]["email"].as_str().unwrap().to_owned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v2/users?query=m&limit=1&cursor={cursor}");
        }
        assert_eq!(seen, ["mallory@umbrella.example", "mo@acme.example"]);
        let other = alice.get("/v2/users?query=m&limit=1").await.found();
        let foreign = format!("/v2/users?query=b&cursor={}", other["next_cursor"].as_str().unwrap());
        assert_eq!(alice.get(&foreign).await.problem(), "invalid_cursor");
        let bob = alice.get(&place("BOB@acme.example")).await.found();
        assert_eq!(alice.get(&place(house.acme.bob)).await.found(), bob);
        assert_eq!(alice.get(&place("nobody@acme.example")).await.problem(), "not_found");
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        assert_eq!(olga.api.get("/v2/users").await.status, StatusCode::FORBIDDEN);
    }

    async fn a_suspended_person_is_out_everywhere_and_comes_back_with_the_old_password(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        bob.get(PRODUCTS).await.found();
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let desk = house.acme.desk.to_string();
        let tokens = bob.browser().redeem(&desk, &bob.browser().code(&desk).await).await.json();
        let userinfo = async || {
            let token = tokens["access_token"].as_str().unwrap();
            Answer::of(house.visitor().request("GET", "/oauth2/userinfo").bearer_auth(token)).await.status
        };
        assert_eq!(userinfo().await, StatusCode::OK);
        let change = json!({ "status": "suspended", "reason": "stolen laptop" });
        let now = alice.patch(&place(house.acme.bob), &change).await.found();
        assert_eq!((&now["status"], &now["status_reason"]), (&json!("suspended"), &json!("stolen laptop")));
        assert_eq!(now["status_since"], "2026-11-22T09:30:00Z");
        assert_eq!(bob.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(key.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(userinfo().await, StatusCode::UNAUTHORIZED);
        assert_eq!(alice.patch(&place(house.acme.bob), &change).await.found(), now, "the same again");

        alice.patch(&place(house.acme.bob), &json!({ "status": "active" })).await.found();
        assert_eq!(bob.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED, "the session was ended");
        assert_eq!(userinfo().await, StatusCode::UNAUTHORIZED, "and its tokens");
        key.get("/v2/users/me").await.found();
        house.in_browser(Person::Bob).await;
        assert_eq!(audited(&house, "user.suspended").await[0].1["after"]["reason"], "stolen laptop");
        assert_eq!(audited(&house, "user.reactivated").await.len(), 1);
        let lone = alice.patch(&place(house.acme.bob), &json!({ "reason": "why" })).await;
        assert_eq!(lone.pointer(), "/reason");
    }

    async fn a_deleted_person_leaves_an_id_and_a_log_and_nothing_else(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        bob.patch("/v2/users/me", &json!({ "phone": "+4930123456", "preferences": { "a": 1 } })).await.found();
        bob.browser().agrees(&authorize(&house.acme.fleet.to_string(), &[])).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let place = place(house.acme.bob);
        for confirm in ["", "?confirm=", "?confirm=alice@acme.example", "?confirm=bob"] {
            assert_eq!(alice.delete(&format!("{place}{confirm}")).await.pointer(), "confirm", "{confirm}");
        }
        bob.get("/v2/users/me").await.found();
        alice.delete(&format!("{place}?confirm=Bob@ACME.example")).await.done();
        assert_eq!(bob.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(key.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        let left = alice.get(&place).await.found();
        assert_eq!((&left["status"], &left["name"]), (&json!("deleted"), &json!("Deleted user")));
        assert_eq!(left["email"], format!("{}@deleted.invalid", house.acme.bob));
        for field in ["phone", "managed_by", "last_sign_in_at", "avatar_url"] {
            assert_eq!(left[field], Value::Null, "{field}");
        }
        assert_eq!(alice.get(&format!("{PRODUCTS}/../members/bob@acme.example")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(alice.get("/v2/users?query=bob").await.found()["data"], json!([]));
        assert_eq!(alice.delete(&format!("{place}?confirm={}@deleted.invalid", house.acme.bob)).await.problem(), "not_found");
        assert_eq!(alice.patch(&place, &json!({ "status": "active" })).await.problem(), "invalid");
        assert!(!audited(&house, "user.signed_in").await.iter().all(|(who, _)| *who != house.acme.bob.to_string()));
        assert_eq!(audited(&house, "user.deleted").await.len(), 1);
        let heir = house.employ("bob", BuiltInRole::Viewer).await;
        assert_ne!(heir.user, house.acme.bob, "the address is free, the id is not");
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        for table in ["password_credentials", "consents", "known_devices", "memberships", "user_words", "avatars"] {
            let rows = raw.texts(&format!("SELECT user_id FROM {table} WHERE user_id = '{}'", house.acme.bob)).await;
            assert_eq!(rows, [""; 0], "{table}");
        }
    }

    async fn or4_the_last_owner_and_the_last_superuser_stay(house) {
        let alice = house.in_browser(Person::Alice).await;
        let mallory = place("mallory@umbrella.example");
        assert_eq!(alice.patch(&mallory, &json!({ "status": "suspended" })).await.problem(), "last_owner");
        let deleted = alice.delete(&format!("{mallory}?confirm=mallory@umbrella.example")).await;
        assert_eq!(deleted.problem(), "last_owner");
        house.employ("olga", BuiltInRole::Owner).await;
        let own = place(house.acme.alice);
        for change in [json!({ "superuser": false }), json!({ "status": "suspended" })] {
            assert_eq!(alice.patch(&own, &change).await.problem(), "last_superuser", "{change}");
        }
        let deleted = alice.delete(&format!("{own}?confirm=alice@acme.example")).await;
        assert_eq!((deleted.status, deleted.problem()), (StatusCode::CONFLICT, "last_superuser".to_owned()));
        alice.get("/v2/users").await.found();
    }

    async fn or4_two_superusers_who_demote_each_other_leave_one(house) {
        let both = two_superusers(&house).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let (who, whom) = (&both[number % 2], &both[(number + 1) % 2]);
            let request = who.1.request("PATCH", &place(&whom.0)).json(&json!({ "superuser": false }));
            tries.spawn(Answer::of(request));
        }
        let answers = tries.join_all().await;
        let failed: Vec<_> = answers.iter().filter(|answer| answer.status.is_server_error()).collect();
        assert!(failed.is_empty(), "{failed:?}");
        let mut left = 0;
        for (_, api) in &both {
            left += u32::from(api.get("/v2/users").await.status == StatusCode::OK);
        }
        assert_eq!(left, 1);
    }

    async fn or9_only_superusers_make_superusers_and_nobody_assigns_the_rest(house) {
        let alice = house.in_browser(Person::Alice).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let ana = house.invited("ana", BuiltInRole::Admin).await;
        for change in [json!({ "superuser": true }), json!({ "status": "suspended" }), json!({ "status": "active" })] {
            assert_eq!(ana.api.patch(&place(eve.user), &change).await.status, StatusCode::FORBIDDEN, "{change}");
        }
        for field in ["email_verified", "managed_by", "never_managed", "password", "id", "status_since", "preferences"] {
            for api in [&alice, &ana.api] {
                let answer = api.patch(&place(eve.user), &json!({ field: true })).await;
                assert_eq!(answer.pointer(), format!("/{field}"));
            }
        }
        assert_eq!(alice.get(&place(eve.user)).await.found()["superuser"], false);
    }

    async fn a_superuser_gives_any_address_and_it_is_verified_only_in_a_domain_of_the_managing_organization(house) {
        let alice = house.in_browser(Person::Alice).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        house.own_domain(house.acme.id, "acme.example").await;
        let away = alice.patch(&place(eve.user), &json!({ "email": "eve@home.example" })).await.found();
        assert_eq!((&away["email"], &away["email_verified"]), (&json!("eve@home.example"), &json!(false)));
        let back = alice.patch(&place(eve.user), &json!({ "email": "eve2@acme.example" })).await.found();
        assert_eq!((&back["email"], &back["email_verified"]), (&json!("eve2@acme.example"), &json!(true)));
        let taken = alice.patch(&place(eve.user), &json!({ "email": "BOB@acme.example" })).await;
        assert_eq!(taken.problem(), "taken");
        let own = alice.patch(&place(house.acme.alice), &json!({ "email": "a@home.example" })).await;
        assert_eq!(own.pointer(), "/email", "one's own goes by a link, also a superuser's");
    }
}
