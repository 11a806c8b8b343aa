//! What a change would do, told without doing it. P4.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::storage::Topic;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::coverage::{Things, in_organizations};
use super::{GRANTS, GROUPS, PRODUCTS, ROLES, audited, grant, group, role, seat};
use crate::harness::{Answer, Api, House, Person, Raw, on_both};

const ACME: &str = "/v2/organizations/acme";
const SECURITY: &str = "/v2/organizations/acme/security";
const DRY: &str = "?dry_run=true";

/// What is told of a change that would be done.
async fn tried(api: &Api, method: &str, path: &str, body: &Value) -> Value {
    let request = api.request(method, &format!("{path}{DRY}"));
    let answer = match body {
        Value::Null => Answer::of(request).await,
        body => Answer::of(request.json(body)).await,
    };
    let told = answer.found();
    assert_eq!(told["dry_run"], true);
    told
}

/// The addresses of those who gain or lose something.
fn whose(told: &Value) -> Vec<&str> {
    let access = told["access"].as_array().unwrap();
    let mut whose: Vec<&str> = access
        .iter()
        .map(|change| change["user"]["email"].as_str().unwrap())
        .collect();
    whose.sort_unstable();
    whose
}

/// Of what ends: whose it is, and why.
fn ends<'a>(told: &'a Value, what: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let ends = told["ends"][what].as_array().unwrap();
    let mut ends: Vec<_> = ends
        .iter()
        .map(|end| {
            let because = end["because"].as_array().unwrap();
            let kinds = because
                .iter()
                .map(|cause| cause["kind"].as_str().unwrap())
                .collect();
            (end["user"]["email"].as_str().unwrap_or_default(), kinds)
        })
        .collect();
    ends.sort_unstable();
    ends
}

/// How many rows there are of everything that a change could leave behind.
async fn rows(house: &House) -> Vec<(&'static str, i64)> {
    let mut raw = Raw::connect(house.storage()).await;
    let mut rows = Vec::new();
    for table in [
        "audit_events",
        "outbox",
        "idempotency_keys",
        "roles",
        "groups",
        "group_members",
        "grants",
        "memberships",
        "api_keys",
        "organizations",
        "applications",
        "invitations",
        "products",
        "users",
        "activations",
        "families",
    ] {
        rows.push((table, raw.count(table).await));
    }
    for set in [
        "activations WHERE ended_at IS NULL",
        "api_keys WHERE revoked_at IS NULL",
        "families WHERE revoked_at IS NULL",
        "memberships WHERE status = 'active'",
    ] {
        rows.push((set, raw.count(set).await));
    }
    rows
}

on_both! {
    async fn p4_a_role_is_tried_before_it_is_given_less(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = house.product("rover").await;
        let crew = role(&alice, "crew", &["device:read", "device:write"]).await;
        let nina = house.employ_at(house.acme.id, "nina", None).await;
        alice.patch(&format!("{ACME}/members/{}", nina.user), &json!({ "role": "crew" })).await.found();
        house.grant(nina.user, PermissionSet::of(&[Permission::DeviceWrite]), Some(rover)).await;
        let team = group(&alice, "Team").await;
        let given = json!({ "subject": team, "role": "crew", "product": rover.to_string() });
        alice.post(GRANTS, &given).await.created();
        let bob = house.acme.bob;
        alice.put(&seat(&team, bob), &json!({})).await.found();

        let change = json!({ "permissions": ["device:read", "firmware:write"] });
        let told = tried(&alice, "PATCH", &crew, &change).await;
        let mut changes = told["access"].as_array().unwrap().clone();
        changes.sort_by_key(|change| change["user"]["email"].to_string());
        let expected = json!([
            {
                "user": { "id": bob.to_string(), "email": "bob@acme.example", "name": "Bob Becker" },
                "gained": { rover.to_string(): ["firmware:write"] },
                "lost": {},
            },
            {
                "user": { "id": nina.user.to_string(), "email": "nina@acme.example", "name": "nina" },
                "gained": { "*": ["firmware:write"] },
                "lost": { "*": ["device:write"] },
            },
        ]);
        assert_eq!(json!(changes), expected, "Bob is an operator too, and Nina keeps what she holds on one product");
        assert_eq!((&told["applications"], &told["ends"]), (&json!([]), &json!({ "activations": [], "api_keys": [] })));
        let narrowed = &told["narrowed"][0];
        assert_eq!((&narrowed["id"], &narrowed["lost"]), (&json!(nina.key.to_string()), &json!({ "*": ["device:write"] })));
        assert_eq!((&narrowed["user"]["email"], told["narrowed"].as_array().unwrap().len()), (&json!("nina@acme.example"), 1));
        assert_eq!(alice.get(&crew).await.found()["permissions"], json!(["device:read", "device:write"]), "nothing was done");
    }

    async fn grants_and_groups_are_tried(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (bob, fleet) = (house.acme.bob.to_string(), house.acme.fleet.to_string());
        let given = json!({ "subject": bob, "permissions": ["firmware:write"] });
        let told = tried(&alice, "POST", GRANTS, &given).await;
        assert_eq!((&told["access"][0]["gained"], whose(&told)), (&json!({ "*": ["firmware:write"] }), vec!["bob@acme.example"]));
        let later = json!({ "subject": bob, "permissions": ["firmware:write"], "starts_at": "2026-12-01T00:00:00Z" });
        assert_eq!(tried(&alice, "POST", GRANTS, &later).await["access"], json!([]), "not at this moment");
        let to_fleet = json!({ "subject": fleet, "permissions": ["device:read"] });
        let told = tried(&alice, "POST", GRANTS, &to_fleet).await;
        let named = json!({ "id": fleet, "name": "Acme Fleet" });
        assert_eq!(told["applications"], json!([{ "application": named, "gained": { "*": ["device:read"] }, "lost": {} }]));

        let team = group(&alice, "Team").await;
        let place = grant(&alice, &team, &["firmware:write"]).await;
        let told = tried(&alice, "PUT", &seat(&team, &bob), &json!({})).await;
        assert_eq!(told["access"][0]["gained"], json!({ "*": ["firmware:write"] }));
        alice.put(&seat(&team, &bob), &json!({})).await.found();
        for (method, path) in [("DELETE", &seat(&team, &bob)), ("DELETE", &place), ("DELETE", &format!("{GROUPS}/{team}"))] {
            let told = tried(&alice, method, path, &Value::Null).await;
            assert_eq!((whose(&told), &told["access"][0]["lost"]), (vec!["bob@acme.example"], &json!({ "*": ["firmware:write"] })));
        }
        let told = tried(&alice, "PATCH", &place, &json!({ "ends_at": "2026-11-22T09:30:00Z" })).await;
        assert_eq!(told["access"][0]["lost"], json!({ "*": ["firmware:write"] }));
        for (path, body) in [(ROLES, json!({ "name": "new", "permissions": [] })), (GROUPS, json!({ "name": "New" }))] {
            assert_eq!(tried(&alice, "POST", path, &body).await["access"], json!([]));
        }
    }

    async fn whoever_is_suspended_or_removed_has_sessions_and_keys_that_end(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bobs = house.in_browser(Person::Bob).await;
        bobs.get(PRODUCTS).await.found();
        let (key, robot) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        robot.get(PRODUCTS).await.found();
        let member = format!("{ACME}/members/{}", house.acme.bob);
        let bob = "bob@acme.example";
        for (method, body, kind) in [
            ("PATCH", json!({ "status": "suspended" }), "membership_suspended"),
            ("PATCH", json!({ "status": "inactive" }), "membership_inactive"),
            ("DELETE", Value::Null, "no_membership"),
        ] {
            let told = tried(&alice, method, &member, &body).await;
            assert_eq!((whose(&told), &told["access"][0]["gained"]), (vec![bob], &json!({})));
            assert_eq!(told["access"][0]["lost"]["*"].as_array().unwrap().len(), BuiltInRole::Operator.permissions().iter().count());
            assert_eq!(ends(&told, "activations"), [(bob, vec![kind])]);
            assert_eq!((ends(&told, "api_keys"), &told["ends"]["api_keys"][0]["id"]), (vec![(bob, vec![kind])], &json!(key.to_string())));
        }
        let told = tried(&alice, "PATCH", &member, &json!({ "role": "viewer" })).await;
        assert_eq!(told["access"][0]["lost"], json!({ "*": ["device:write", "deployment:execute"] }));
        assert_eq!((ends(&told, "activations"), told["narrowed"].as_array().unwrap().len()), (vec![], 1));
        bobs.get(PRODUCTS).await.found();
        robot.get(PRODUCTS).await.found();
    }

    async fn p4_settings_tell_whom_they_would_cut_off(house) {
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
        let bob = "bob@acme.example";
        house.wait(Duration::from_mins(20));
        let told = tried(&alice, "PATCH", SECURITY, &json!({ "session_idle_seconds": 600 })).await;
        assert_eq!((ends(&told, "activations"), &told["access"]), (vec![(bob, vec!["session_idle"])], &json!([])));
        let longest = json!({ "session_idle_seconds": 600, "session_max_seconds": 900 });
        let told = tried(&alice, "PATCH", SECURITY, &longest).await;
        assert_eq!(ends(&told, "activations"), [(bob, vec!["session_idle"])], "one thing is enough");
        let told = tried(&alice, "PATCH", SECURITY, &json!({ "ip_allowlist": ["127.0.0.1/32"] })).await;
        assert_eq!(ends(&told, "activations"), []);
        let told = tried(&alice, "PATCH", SECURITY, &json!({ "require_mfa": true })).await;
        assert_eq!(ends(&told, "activations"), [(bob, vec!["second_factor_missing"])]);
        assert_eq!((whose(&told), ends(&told, "api_keys")), (vec!["alice@acme.example", bob], vec![]), "people, and no keys");
        let lapses = tried(&alice, "PATCH", SECURITY, &json!({ "api_key_max_age_days": 1 })).await;
        assert_eq!(ends(&lapses, "api_keys"), []);

        let (young, bobs) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        house.wait(Duration::from_hours(25));
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let told = tried(&alice, "PATCH", SECURITY, &json!({ "api_key_max_age_days": 1 })).await;
        let old = ends(&told, "api_keys");
        assert_eq!(old, [("alice@acme.example", vec!["key_too_old"]), (bob, vec!["key_too_old"])]);
        assert!(told["ends"]["api_keys"].to_string().contains(&young.to_string()));
        bobs.get(PRODUCTS).await.found();
        alice.patch(SECURITY, &json!({ "api_key_max_age_days": 1 })).await.found();
        assert_eq!(bobs.get(PRODUCTS).await.problem(), "unauthenticated", "and so it is");
        house.wait(Duration::from_hours(24));
        let own = house.in_browser(Person::Alice).await;
        own.patch(SECURITY, &json!({ "api_key_max_age_days": null })).await.found();
        let locked = alice.patch(SECURITY, &json!({ "api_key_max_age_days": 1 })).await;
        assert_eq!(locked.pointer(), "/api_key_max_age_days", "nobody locks themselves out");
    }

    async fn what_refuses_a_change_refuses_its_dry_run(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let owner = format!("{ACME}/members/{}{DRY}", olga.user);
        assert_eq!(ana.api.delete(&owner).await.problem(), "exceeds_own_permissions");
        assert_eq!(vera.api.delete(&owner).await.problem(), "permission_denied");
        assert_eq!(house.in_browser(Person::Mallory).await.delete(&owner).await.problem(), "not_found");
        assert_eq!(house.nobody().delete(&owner).await.problem(), "unauthenticated");
        let alone = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Admin)).await;
        assert_eq!(alone.api.delete(&owner).await.problem(), "not_found");
        let alice = house.in_browser(Person::Alice).await;
        alice.delete(&format!("{ACME}/members/{}", olga.user)).await.done();
        let last = format!("{ACME}/members/{}{DRY}", house.acme.alice);
        assert_eq!(alice.patch(&last, &json!({ "role": "admin" })).await.problem(), "last_owner");
        let place = role(&alice, "crew", &["device:read"]).await;
        let stale = alice.request("DELETE", &format!("{place}{DRY}")).header("if-match", "\"x\"");
        assert_eq!(Answer::of(stale).await.problem(), "precondition_failed");
        let taken = json!({ "name": "crew", "permissions": [] });
        assert_eq!(alice.post(&format!("{ROLES}{DRY}"), &taken).await.problem(), "taken");
        let senseless = json!({ "session_idle_seconds": 1 });
        assert_eq!(alice.patch(&format!("{SECURITY}{DRY}"), &senseless).await.pointer(), "/session_idle_seconds");
        for query in ["?dry_run=yes", "?dry_run", "?dry_run=true&dry_run=false", "?dry_run=true&dry_run=true"] {
            let answer = alice.delete(&format!("{place}{query}")).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"), "{query}");
        }
        alice.get(&place).await.found();
        alice.delete(&format!("{place}?dry_run=false")).await.done();
    }

    async fn nobody_learns_more_by_a_dry_run_than_they_may_read(house) {
        let alice = house.in_browser(Person::Alice).await;
        let lead = house.employ_at(house.acme.id, "lea", None).await;
        let team = group(&alice, "Team").await;
        grant(&alice, &team, &["device:read"]).await;
        alice.put(&seat(&team, lead.user), &json!({ "lead": true })).await.found();
        let told = tried(&lead.api, "PUT", &seat(&team, house.acme.bob), &json!({})).await;
        let nothing = json!({
            "dry_run": true, "access": null, "applications": null, "narrowed": null,
            "ends": { "activations": null, "api_keys": null },
        });
        assert_eq!(told, nothing);
        let some = [Permission::RoleWrite, Permission::MemberRead, Permission::DeviceWrite];
        house.grant(lead.user, PermissionSet::of(&some), None).await;
        let given = json!({ "subject": house.acme.alice.to_string(), "permissions": ["device:write"] });
        let told = tried(&lead.api, "POST", GRANTS, &given).await;
        assert_eq!((&told["access"], &told["ends"]["api_keys"]), (&json!([]), &Value::Null), "Alice holds all of it");
        house.grant(lead.user, PermissionSet::of(&[Permission::ApiKeyWrite]), None).await;
        let told = tried(&lead.api, "POST", GRANTS, &given).await;
        assert_eq!(told["ends"], json!({ "activations": null, "api_keys": [] }));
    }

    async fn nothing_is_left_of_a_dry_run(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
        house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let crew = role(&alice, "crew", &["device:read"]).await;
        alice.get(PRODUCTS).await.found();
        let before = rows(&house).await;
        let seen = [
            Topic::Organization(house.acme.id), Topic::User(house.acme.bob), Topic::User(house.acme.alice), Topic::Outbox,
        ];
        let mark = house.db().changes().mark(&seen);
        let bob = format!("{ACME}/members/{}", house.acme.bob);
        tried(&alice, "DELETE", &bob, &Value::Null).await;
        tried(&alice, "PATCH", &bob, &json!({ "status": "suspended" })).await;
        tried(&alice, "PATCH", &crew, &json!({ "name": "team" })).await;
        tried(&alice, "PATCH", SECURITY, &json!({ "session_idle_seconds": 60 })).await;
        let new = json!({ "name": "new", "permissions": [] });
        let once = alice.request("POST", &format!("{ROLES}{DRY}")).header("idempotency-key", "k1").json(&new);
        Answer::of(once).await.found();
        assert_eq!(rows(&house).await, before);
        assert!(mark.is_current(house.db().changes()), "and nobody heard of it");
        let once = || alice.request("POST", ROLES).header("idempotency-key", "k1").json(&new);
        Answer::of(once()).await.created();
        assert_eq!(Answer::of(once()).await.created()["name"], "new");
        assert_eq!(audited(&house, "role.created").await.len(), 2);
    }

    async fn every_change_is_rehearsed_or_refused_and_none_is_done(house) {
        let owner = house.employ("olga", BuiltInRole::Owner).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let things = Things::of(&house, &owner.api, "acme", 0).await;
        owner.api.get(PRODUCTS).await.found();
        let seat = things.fill("/v2/organizations/{org}/groups/{group}/members/{user}");
        owner.api.put(&seat, &json!({})).await.found();
        let before = rows(&house).await;
        let mut rehearsed = 0;
        for route in in_organizations() {
            if route.method == "GET" || route.path.ends_with("/access/explain") {
                continue;
            }
            let (method, path) = (route.method, things.fill(route.path));
            let mut body = things.fill_body(&route.body);
            if body["email"] == "new" {
                body["email"] = json!("new@cook.example");
            }
            let asked = |api: &Api| {
                let request = api.request(method, &format!("{path}{DRY}"));
                if body.is_null() { request } else { request.json(&body) }
            };
            let told = Answer::of(asked(&owner.api)).await;
            if described(method, route.path) {
                rehearsed += 1;
                assert_eq!(told.found()["dry_run"], true, "{method} {path}");
                let low = Answer::of(asked(&vera.api)).await;
                assert_eq!(low.status, route.members[0], "{method} {path}: {low:?}");
            } else {
                let items = told.status == StatusCode::OK && path.contains("/batch");
                let all = told.body.matches("\"code\":\"invalid_request\"").count();
                assert!(items && all == 1 || told.problem() == "invalid_request", "{method} {path}: {told:?}");
            }
        }
        assert_eq!(rehearsed, 14, "security; a role, group and grant made, changed and deleted; members of both");
        assert_eq!(rows(&house).await, before);
    }
}

/// Whether the document tells of a dry run there.
fn described(method: &str, path: &str) -> bool {
    let document = doorward::endpoints::api::openapi::document();
    let operation = &document["paths"][path][method.to_lowercase()];
    let parameters = operation["parameters"].as_array().unwrap();
    parameters.iter().any(|parameter| parameter["name"] == "dry_run")
}
