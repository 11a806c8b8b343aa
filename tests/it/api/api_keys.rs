//! Keys: made within what their maker holds, used, and refused from the moment they are revoked. OR6.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{PRODUCTS, audited};
use crate::harness::{Answer, Api, House, Person, on_both};

const KEYS: &str = "/v2/organizations/acme/api-keys";

fn key(scopes: &[&str]) -> Value {
    json!({ "name": "CI", "expires_in": "90d", "scopes": scopes })
}

/// Whoever has the key that was just made.
fn holder(house: &House, made: &Value) -> Api {
    house.bearer(made["key"].as_str().unwrap())
}

on_both! {
    async fn a_key_is_made_shown_once_used_and_revoked(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let answer = ana.api.post(KEYS, &key(&["read", "product:create"])).await;
        let made = answer.created();
        let secret = made["key"].as_str().unwrap();
        assert!(secret.starts_with("dw_") && secret.len() == 46);
        assert_eq!((&made["owner"], &made["user"]), (&json!("user"), &json!(ana.user.to_string())));
        assert_eq!(made["expires_at"], "2027-02-20T09:30:00Z");
        assert!(made["scopes"].as_array().unwrap().contains(&json!("product:create")));
        let found = ana.api.get(&answer.location()).await.found();
        assert_eq!(found["id"], made["id"]);
        for shown in [found.to_string(), ana.api.get(KEYS).await.found().to_string()] {
            assert!(!shown.contains(secret) && !shown.contains("\"key\""), "{shown}");
        }
        let ci = holder(&house, &made);
        ci.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        house.instance.key_uses.write_down(house.db()).await.unwrap();
        let used = ana.api.get(&answer.location()).await.found();
        assert_eq!((&used["use_count"], &used["last_used_at"]), (&json!(1), &json!("2026-11-22T09:30:00Z")));

        ana.api.delete(&answer.location()).await.done();
        assert_eq!(ci.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        for gone in [ana.api.get(&answer.location()).await, ana.api.delete(&answer.location()).await] {
            assert_eq!(gone.problem(), "not_found");
        }
        let [(_, told)] = audited(&house, "api_key.created").await.try_into().unwrap();
        assert_eq!((&told["after"]["name"], &told["after"]["owner"]), (&json!("CI"), &json!(ana.user.to_string())));
        assert!(!told.to_string().contains(secret));
        assert_eq!(audited(&house, "api_key.revoked").await.len(), 1);
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let alice = house.in_browser(Person::Alice).await;
        for (body, pointer) in [
            (json!({ "name": "", "expires_in": "90d", "scopes": ["read"] }), "/name"),
            (json!({ "name": "x\u{202e}", "expires_in": "90d", "scopes": ["read"] }), "/name"),
            (json!({ "name": "x", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "never", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "0d", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "366d", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "+9d", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "24h", "scopes": ["read"] }), "/expires_in"),
            (json!({ "name": "x", "expires_in": "90d", "scopes": [] }), "/scopes"),
            (json!({ "name": "x", "expires_in": "90d", "scopes": ["read", "openid"] }), "/scopes/1"),
            (json!({ "name": "x", "expires_in": "90d", "scopes": "read" }), "/scopes"),
            (json!({ "name": "x", "expires_in": "90d", "scopes": ["read"], "owner": "root" }), "/owner"),
            (json!({ "name": "x", "expires_in": "90d", "scopes": ["read"], "user": "usr_x" }), "/user"),
        ] {
            let answer = alice.post(KEYS, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        assert_eq!(alice.get(KEYS).await.found()["data"], json!([]));
    }

    async fn or6_a_key_is_never_wider_than_its_maker(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let wide = ana.api.post(KEYS, &key(&["read", "organization:delete"])).await;
        assert_eq!((wide.status, wide.problem()), (StatusCode::FORBIDDEN, "exceeds_own_permissions".to_owned()));
        assert!(wide.json()["detail"].as_str().unwrap().contains("organization:delete"));
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        assert_eq!(vera.api.post(KEYS, &key(&["read"])).await.problem(), "permission_denied");
        let own = house.employ("mona", BuiltInRole::Manager).await;
        house.grant(own.user, PermissionSet::of(&[Permission::ApiKeyWrite]), None).await;
        let made = own.api.post(KEYS, &key(&["read", "write"])).await.created();
        let scopes = made["scopes"].as_array().unwrap();
        let has = |name: &str| scopes.contains(&json!(name));
        assert!(has("product:read") && has("product:create"), "{scopes:?}");
        assert!(!has("audit_log:read") && !has("product:delete") && !has("api_key:write"), "{scopes:?}");
    }

    async fn or6_a_key_makes_a_key_only_by_name_and_within_itself(house) {
        let alice = house.in_browser(Person::Alice).await;
        let words = alice.post(KEYS, &key(&["read", "write"])).await.created();
        let denied = holder(&house, &words).post(KEYS, &key(&["read"])).await;
        assert_eq!(denied.problem(), "permission_denied");

        let body = json!({ "name": "minter", "expires_in": "10d", "scopes": ["api_key:write", "device:read"] });
        let minter = holder(&house, &alice.post(KEYS, &body).await.created());
        for (expires_in, scope, code) in [
            ("9d", "device:write", "exceeds_own_permissions"),
            ("9d", "product:create", "exceeds_own_permissions"),
        ] {
            let body = json!({ "name": "x", "expires_in": expires_in, "scopes": [scope] });
            assert_eq!(minter.post(KEYS, &body).await.problem(), code, "{expires_in} {scope}");
        }
        house.wait(Duration::from_hours(24));
        let body = json!({ "name": "x", "expires_in": "10d", "scopes": ["device:read"] });
        let heir = minter.post(KEYS, &body).await.created();
        assert_eq!(heir["expires_at"], "2026-12-02T09:30:00Z", "it ends with the key that made it");
        let body = json!({ "name": "x", "expires_in": "9d", "scopes": ["read"], "owner": "organization" });
        let made = minter.post(KEYS, &body).await.created();
        assert_eq!((&made["scopes"], &made["owner"], &made["user"]), (&json!(["device:read"]), &json!("organization"), &Value::Null));
    }

    async fn an_organizations_key_is_nobodys_and_outlives_its_maker(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let body = json!({ "name": "bot", "expires_in": "1d", "scopes": ["api_key:write", "read"], "owner": "organization" });
        let bot = holder(&house, &ana.api.post(KEYS, &body).await.created());
        let alice = house.in_browser(Person::Alice).await;
        alice.delete(&format!("/v2/organizations/acme/members/{}", ana.email)).await.done();
        bot.get(PRODUCTS).await.found();
        assert_eq!(ana.api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        let own = json!({ "name": "x", "expires_in": "1d", "scopes": ["read"] });
        assert_eq!(bot.post(KEYS, &own).await.pointer(), "/owner");
        assert_eq!(bot.get("/v2/users/me").await.problem(), "not_found");
        house.wait(Duration::from_hours(24));
        assert_eq!(bot.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn the_same_request_again_is_told_the_id_and_never_the_secret(house) {
        let alice = house.in_browser(Person::Alice).await;
        let post = || {
            let request = alice.request("POST", KEYS).header("idempotency-key", "k");
            Answer::of(request.json(&key(&["read"])))
        };
        let made = post().await.created();
        let again = post().await;
        assert_eq!((again.status, again.problem()), (StatusCode::CONFLICT, "already_created".to_owned()));
        assert_eq!(again.json()["id"], made["id"]);
        assert!(!again.body.contains("dw_"));
        assert_eq!(alice.get(KEYS).await.found()["data"].as_array().unwrap().len(), 1);
    }

    async fn ones_own_keys_are_ones_own(house) {
        let bob = house.in_browser(Person::Bob).await;
        let mut body = key(&["read", "write"]);
        body["organization"] = json!("acme");
        let made = bob.post("/v2/users/me/api-keys", &body).await.created();
        let bobs = holder(&house, &made);
        bobs.get(PRODUCTS).await.found();
        assert_eq!(bobs.post(PRODUCTS, &json!({ "name": "xx" })).await.problem(), "permission_denied");
        assert_eq!(bobs.post("/v2/users/me/api-keys", &body).await.problem(), "permission_denied", "a browser's only");
        assert_eq!(bobs.get("/v2/users/me/api-keys").await.problem(), "permission_denied", "not among its scopes");
        body["organization"] = json!("umbrella");
        assert_eq!(bob.post("/v2/users/me/api-keys", &body).await.problem(), "not_found");

        let place = format!("/v2/users/me/api-keys/{}", made["id"].as_str().unwrap());
        let listed = bob.get("/v2/users/me/api-keys?total=true").await.found();
        assert_eq!((&listed["data"][0]["id"], &listed["total"]), (&made["id"], &json!(1)));
        bob.get(&place).await.found();
        assert_eq!(bob.get(KEYS).await.problem(), "permission_denied", "the organization's list is its administrators'");
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.delete(&place).await.problem(), "not_found");
        bob.delete(&place).await.done();
        assert_eq!(bobs.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn after_the_revocation_is_answered_no_use_succeeds(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let (id, _) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let alice = house.in_browser(Person::Alice).await;
        let revoked = Arc::new(AtomicBool::new(false));
        let mut uses = JoinSet::new();
        for _ in 0..20 {
            let (request, revoked) = (ana.api.request("GET", PRODUCTS), Arc::clone(&revoked));
            uses.spawn(async move {
                let mut allowed_late = false;
                for _ in 0..10 {
                    let before = revoked.load(Ordering::SeqCst);
                    let answer = Answer::of(request.try_clone().unwrap()).await;
                    allowed_late |= before && answer.status != StatusCode::UNAUTHORIZED;
                }
                allowed_late
            });
        }
        alice.delete(&format!("{KEYS}/{}", ana.key)).await.done();
        revoked.store(true, Ordering::SeqCst);
        assert_eq!(ana.api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        assert!(uses.join_all().await.into_iter().all(|late| !late));
        alice.get(&format!("{KEYS}/{id}")).await.found();
    }

    async fn or6_a_key_limited_to_products_does_nothing_elsewhere(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = alice.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        let buoy = alice.post(PRODUCTS, &json!({ "name": "buoy" })).await.created();
        let body = json!({ "name": "CI", "expires_in": "9d", "scopes": ["read", "product:write"], "products": [rover["id"]] });
        let made = alice.post(KEYS, &body).await.created();
        assert_eq!(made["products"], json!([rover["id"]]));
        let ci = holder(&house, &made);
        let place = |product: &Value| format!("{PRODUCTS}/{}", product["id"].as_str().unwrap());
        ci.patch(&place(&rover), &json!({ "display_name": "Rover 2" })).await.found();
        assert_eq!(ci.patch(&place(&buoy), &json!({ "display_name": "Sunk" })).await.problem(), "permission_denied");
        for path in [PRODUCTS, KEYS, "/v2/organizations/acme/members", "/v2/users/me/sessions"] {
            assert_eq!(ci.get(path).await.problem(), "permission_denied", "{path}");
        }
        alice.delete(&place(&rover)).await.done();
        assert_eq!(ci.patch(&place(&buoy), &json!({ "display_name": "x" })).await.problem(), "permission_denied");

        let question = json!({ "api_key": made["id"], "permission": "product:write", "product": buoy["id"] });
        let told = alice.post("/v2/organizations/acme/access/explain", &question).await.found();
        assert_eq!((&told["allowed"], &told["because"][0]["kind"]), (&json!(false), &json!("above_ceiling")));
        let umbrellas = house.in_browser(Person::Mallory).await;
        let elsewhere = umbrellas.post("/v2/organizations/umbrella/products", &json!({ "name": "boat" })).await.created();
        for (products, pointer) in [(json!([elsewhere["id"]]), "/products/0"), (json!(["rover"]), "/products/0")] {
            let body = json!({ "name": "CI", "expires_in": "9d", "scopes": ["read"], "products": products });
            assert_eq!(alice.post(KEYS, &body).await.pointer(), pointer);
        }
    }

    async fn or6_a_key_with_an_allowlist_is_used_from_there_alone(house) {
        let alice = house.in_browser(Person::Alice).await;
        let body = |nets: Value| json!({ "name": "CI", "expires_in": "9d", "scopes": ["read"], "ip_allowlist": nets });
        let here = alice.post(KEYS, &body(json!(["127.0.0.0/8", "2001:db8::/32"]))).await.created();
        holder(&house, &here).get(PRODUCTS).await.found();
        let there = alice.post(KEYS, &body(json!(["192.0.2.0/24"]))).await.created();
        assert_eq!(there["ip_allowlist"], json!(["192.0.2.0/24"]));
        let stolen = holder(&house, &there);
        for path in [PRODUCTS, "/v2/users/me"] {
            assert_eq!(stolen.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let ask = |ip: Value| {
            let question = json!({ "api_key": there["id"], "permission": "product:read", "ip": ip });
            let alice = &alice;
            async move { alice.post("/v2/organizations/acme/access/explain", &question).await.found() }
        };
        assert_eq!(ask(json!("192.0.2.7")).await["allowed"], true);
        let told = ask(json!("203.0.113.9")).await;
        assert_eq!((&told["allowed"], &told["because"][0]["kind"]), (&json!(false), &json!("key_address_not_allowed")));
        assert_eq!(alice.post(KEYS, &body(json!(["everywhere"]))).await.pointer(), "/ip_allowlist/0");

        let minter = json!({ "name": "m", "expires_in": "9d", "scopes": ["api_key:write", "device:read"], "ip_allowlist": ["127.0.0.0/8"] });
        let minter = holder(&house, &alice.post(KEYS, &minter).await.created());
        let child = |nets: Value| json!({ "name": "c", "expires_in": "1d", "scopes": ["device:read"], "ip_allowlist": nets });
        assert_eq!(minter.post(KEYS, &child(json!(["0.0.0.0/0"]))).await.pointer(), "/ip_allowlist/0");
        assert_eq!(minter.post(KEYS, &child(json!([]))).await.created()["ip_allowlist"], json!(["127.0.0.0/8"]));
        let wide = alice.post(KEYS, &key(&["read", "organization:delete"])).await.created();
        let rotate = format!("{KEYS}/{}/rotate", wide["id"].as_str().unwrap());
        assert_eq!(minter.post(&rotate, &json!({})).await.problem(), "exceeds_own_permissions", "its owner's key, and more");
    }

    async fn o4_a_rotated_key_has_a_successor_and_a_day(house) {
        let alice = house.in_browser(Person::Alice).await;
        let body = json!({ "name": "CI", "expires_in": "90d", "scopes": ["organization:read"], "ip_allowlist": ["127.0.0.1"] });
        let old = alice.post(KEYS, &body).await.created();
        house.wait(Duration::from_mins(10));
        let place = format!("{KEYS}/{}", old["id"].as_str().unwrap());
        let new = alice.post(&format!("{place}/rotate"), &json!({})).await.created();
        for field in ["name", "scopes", "ip_allowlist", "products", "owner", "user"] {
            assert_eq!(new[field], old[field], "{field}");
        }
        assert_eq!(new["expires_at"], "2027-02-20T09:40:00Z", "a whole life");
        let left = alice.get(&place).await.found();
        assert_eq!((&left["rotated_to"], &left["expires_at"]), (&new["id"], &json!("2026-11-23T09:40:00Z")));
        for key in [&old, &new] {
            holder(&house, key).get(PRODUCTS).await.found();
        }
        assert_eq!(alice.post(&format!("{place}/rotate"), &json!({})).await.status, StatusCode::CONFLICT, "once");
        let [(_, told)] = audited(&house, "api_key.rotated").await.try_into().unwrap();
        assert_eq!(told["after"]["rotated_to"], new["id"]);
        assert!(!told.to_string().contains(new["key"].as_str().unwrap()));
        house.wait(Duration::from_hours(24));
        assert_eq!(holder(&house, &old).get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        holder(&house, &new).get(PRODUCTS).await.found();
    }

    async fn or6_nobody_rotates_a_key_into_more_than_is_theirs(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let personal = alice.post(KEYS, &key(&["read"])).await.created();
        let rotate = |id: &Value| format!("{KEYS}/{}/rotate", id.as_str().unwrap());
        let refused = ana.api.post(&rotate(&personal["id"]), &json!({})).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "whoever rotates gets to know the new one: {refused:?}");
        let body = json!({ "name": "root", "expires_in": "9d", "scopes": ["organization:delete"], "owner": "organization" });
        let root = alice.post(KEYS, &body).await.created();
        assert_eq!(ana.api.post(&rotate(&root["id"]), &json!({})).await.problem(), "exceeds_own_permissions");
        let left = alice.get(&format!("{KEYS}/{}", root["id"].as_str().unwrap())).await.found();
        assert_eq!(left["rotated_to"], Value::Null, "a refusal changes nothing");
        for overlap in ["8d", "169h", "x", "-1h", "1"] {
            let body = json!({ "overlap": overlap });
            assert_eq!(alice.post(&rotate(&root["id"]), &body).await.pointer(), "/overlap", "{overlap}");
        }
        alice.post(&rotate(&root["id"]), &json!({ "overlap": "0h" })).await.created();
        assert_eq!(holder(&house, &root).get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn or6_the_key_of_a_demoted_user_loses_the_rights_at_its_next_call(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let made = ana.api.post(KEYS, &key(&["read", "product:create"])).await.created();
        let ci = holder(&house, &made);
        ci.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        let place = format!("/v2/organizations/acme/members/{}", ana.user);
        alice.patch(&place, &json!({ "role": "viewer" })).await.found();
        assert_eq!(ci.post(PRODUCTS, &json!({ "name": "buoy" })).await.problem(), "permission_denied");
        ci.get(PRODUCTS).await.found();
        alice.delete(&place).await.done();
        assert_eq!(ci.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn o4_those_whom_it_concerns_are_warned_before_a_key_ends(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.employ("vera", BuiltInRole::Viewer).await;
        ana.api.post(KEYS, &key(&["read"])).await.created();
        let body = json!({ "name": "bot", "expires_in": "30d", "scopes": ["read"], "owner": "organization" });
        alice.post(KEYS, &body).await.created();
        let told = |subject: &'static str| {
            let house = &house;
            async move {
                let (db, keyring) = (house.db(), &house.instance.keyring);
                doorward::directory::key_warnings::warn_of_ends(db, keyring, house.clock.now()).await.unwrap();
                let letters = house.letters().await;
                let of = letters.iter().filter(|letter| letter.header("Subject") == subject);
                of.map(|letter| letter.header("To").to_owned()).collect::<Vec<_>>()
            }
        };
        let subject = "An API key ends soon";
        assert!(told(subject).await.is_empty());
        house.wait(Duration::from_hours(16 * 24));
        let mut first = told(subject).await;
        first.sort();
        assert_eq!(first, ["alice@acme.example", ana.email.as_str()], "who may make another, and nobody else");
        assert_eq!(told(subject).await.len(), 2, "once");
        house.wait(Duration::from_hours(7 * 24));
        assert_eq!(told(subject).await.len(), 4);
        house.wait(Duration::from_hours(53 * 24));
        told(subject).await;
        let letters = house.letters().await;
        let own = letters.iter().filter(|letter| letter.header("Subject") == subject && letter.text.contains("“CI”"));
        assert_eq!(own.map(|letter| letter.header("To")).collect::<Vec<_>>(), [ana.email.as_str()], "a person of their own");
    }

    async fn a_use_is_told_with_its_place_and_program(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let answer = ana.api.post(KEYS, &key(&["read"])).await;
        let ci = holder(&house, &answer.created());
        Answer::of(ci.request("GET", PRODUCTS).header("User-Agent", "curl/8.5.0")).await.found();
        house.instance.key_uses.write_down(house.db()).await.unwrap();
        let used = ana.api.get(&answer.location()).await.found();
        let from = &used["last_used_from"];
        assert_eq!((&from["address"], &from["user_agent"], &from["device"]), (&json!("127.0.0.1"), &json!("curl/8.5.0"), &json!("other")));
    }
}
