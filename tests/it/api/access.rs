//! Why: a decision explained with every reason for it. P2, U18, OR1.

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet, Policy};
use doorward::domain::session::SessionLimits;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, GROUPS, PRODUCTS, audited, grant, group, role};
use crate::harness::{Answer, Api, House, Person, on_both};

const EXPLAIN: &str = "/v2/organizations/acme/access/explain";

fn kinds(reasons: &Value) -> Vec<&str> {
    let reasons = reasons.as_array().unwrap();
    reasons
        .iter()
        .map(|reason| reason["kind"].as_str().unwrap())
        .collect()
}

/// Whether it is allowed, and what kinds of reason there are, for it and otherwise.
async fn asked(api: &Api, question: &Value) -> (bool, Vec<String>, Vec<String>) {
    let told = api.post(EXPLAIN, question).await.found();
    let kinds = |name: &str| kinds(&told[name]).into_iter().map(str::to_owned).collect();
    (
        told["allowed"].as_bool().unwrap(),
        kinds("because"),
        kinds("otherwise"),
    )
}

fn yes(kinds: &[&str]) -> (bool, Vec<String>, Vec<String>) {
    (
        true,
        kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        Vec::new(),
    )
}

fn no(kinds: &[&str], otherwise: &[&str]) -> (bool, Vec<String>, Vec<String>) {
    let owned = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
    (false, owned(kinds), owned(otherwise))
}

async fn fenced(house: &House, networks: &[&str], require_mfa: bool) {
    let ip_allowlist = networks.iter().map(|network| network.parse().unwrap()).collect();
    let policy = Policy {
        ip_allowlist,
        require_mfa,
        ..Policy::default()
    };
    house.set_policy(policy, SessionLimits::INSTANCE).await;
}

on_both! {
    async fn u18_alice_learns_what_bob_lacks_and_when_he_gets_it(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = house.product("rover").await;
        let team = group(&alice, "Night shift").await;
        role(&alice, "night-watch", &["firmware:write", "device:read"]).await;
        let bob = house.acme.bob.to_string();
        alice.put(&format!("{GROUPS}/{team}/members/{bob}"), &json!({})).await.found();
        let schedule = json!({ "timezone": "Europe/Berlin", "windows": [{ "days": ["mon"], "from": "08:00", "to": "18:00" }] });
        let given = json!({ "subject": team, "role": "night-watch", "product": rover.to_string(), "schedule": schedule });
        let given = alice.post(GRANTS, &given).await.created();

        let question = json!({ "user": "Bob@acme.example", "permission": "firmware:write", "product": "rover" });
        let told = alice.post(EXPLAIN, &question).await.found();
        assert_eq!((&told["allowed"], &told["subject"], &told["product"]), (&json!(false), &json!(bob), &json!(rover.to_string())));
        assert_eq!((&told["at"], &told["ip"], &told["otherwise"]), (&json!("2026-11-22T09:30:00Z"), &Value::Null, &json!([])));
        let because = &told["because"][0];
        assert_eq!(kinds(&told["because"]), ["outside_schedule"]);
        let detail = format!(
            "A grant of the role night-watch to the group Night shift on the product {rover} would give it, but not at \
             this time of the week. It is next in force from 2026-11-23T07:00:00Z."
        );
        assert_eq!((because["detail"].as_str().unwrap(), &because["in_force_from"]), (detail.as_str(), &json!("2026-11-23T07:00:00Z")));
        let grant = &because["grant"];
        for (name, value) in [
            ("id", given["id"].clone()),
            ("product", json!(rover.to_string())),
            ("starts_at", Value::Null),
            ("ends_at", Value::Null),
            ("schedule", schedule),
        ] {
            assert_eq!(grant[name], value, "{name}");
        }
        assert_eq!((&grant["group"]["name"], &grant["group"]["id"]), (&json!("Night shift"), &json!(team)));
        assert_eq!(grant["role"]["name"], "night-watch");

        let at = |at: &str| {
            let mut question = question.clone();
            question["at"] = json!(at);
            question
        };
        assert_eq!(asked(&alice, &at("2026-11-23T08:00:00+01:00")).await, yes(&["grant"]));
        assert_eq!(asked(&alice, &at("2026-11-23T18:00:00+01:00")).await, no(&["outside_schedule"], &[]));
        let everywhere = json!({ "user": bob, "permission": "firmware:write", "at": "2026-11-23T08:00:00Z" });
        assert_eq!(asked(&alice, &everywhere).await, no(&["outside_product"], &[]));
        let by_role = json!({ "user": bob, "permission": "device:write" });
        let told = alice.post(EXPLAIN, &by_role).await.found();
        assert_eq!((kinds(&told["because"]), &told["because"][0]["role"]["name"]), (vec!["role"], &json!("operator")));
        assert_eq!(asked(&alice, &json!({ "user": bob, "permission": "organization:delete" })).await, no(&["nothing_gives_it"], &[]));
    }

    async fn all_that_stands_in_the_way_is_told_and_what_would_give_it_otherwise(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.acme.bob.to_string();
        let member = format!("/v2/organizations/acme/members/{bob}");
        alice.patch(&member, &json!({ "status": "suspended" })).await.found();
        fenced(&house, &["127.0.0.0/8"], false).await;
        let question = |permission: &str, ip: &str| json!({ "user": bob, "permission": permission, "ip": ip });
        let here = question("device:write", "127.0.0.1");
        assert_eq!(asked(&alice, &here).await, no(&["membership_suspended"], &["role"]));
        let elsewhere = question("device:write", "192.0.2.7");
        assert_eq!(asked(&alice, &elsewhere).await, no(&["membership_suspended", "address_not_allowed"], &["role"]));
        let nothing = question("role:write", "192.0.2.7");
        let all = no(&["membership_suspended", "address_not_allowed", "nothing_gives_it"], &[]);
        assert_eq!(asked(&alice, &nothing).await, all);
        alice.patch(&member, &json!({ "status": "active" })).await.found();
        assert_eq!(asked(&alice, &here).await, yes(&["role"]));
        let unsaid = json!({ "user": bob, "permission": "device:write" });
        assert_eq!(asked(&alice, &unsaid).await, no(&["address_untold"], &["role"]), "nobody named an address");
        fenced(&house, &[], false).await;
        assert_eq!(asked(&alice, &unsaid).await, yes(&["role"]));
    }

    async fn a_second_factor_that_is_asked_for_stands_in_the_way_of_people_alone(house) {
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let (key, _) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        fenced(&house, &[], true).await;
        let bob = json!({ "user": house.acme.bob.to_string(), "permission": "device:write" });
        assert_eq!(asked(&alice, &bob).await, no(&["second_factor_missing"], &["role"]));
        assert_eq!(house.in_browser(Person::Bob).await.get(PRODUCTS).await.problem(), "second_factor_missing");
        let key = json!({ "api_key": key.to_string(), "permission": "device:write" });
        assert_eq!(asked(&alice, &key).await, yes(&["role"]));
    }

    async fn applications_and_keys_are_explained_too(house) {
        let alice = house.in_browser(Person::Alice).await;
        let fleet = house.acme.fleet.to_string();
        grant(&alice, &fleet, &["device:read"]).await;
        let about_fleet = json!({ "application": fleet, "permission": "device:read" });
        assert_eq!(asked(&alice, &about_fleet).await, yes(&["grant"]));
        house.switch_off(house.acme.fleet).await;
        assert_eq!(asked(&alice, &about_fleet).await, no(&["application_inactive"], &["grant"]));

        let reading = PermissionSet::of(&[Permission::DeviceRead]);
        let (own, robot) = house.key(None, reading).await;
        let about = |key: String, permission: &str| json!({ "api_key": key, "permission": permission });
        assert_eq!(asked(&alice, &about(own.to_string(), "device:read")).await, yes(&["key_permission"]));
        assert_eq!(asked(&robot, &about(own.to_string(), "device:write")).await, no(&["nothing_gives_it"], &[]));
        let (bobs, key) = house.key(Some(house.acme.bob), reading).await;
        let (reads, writes) = (about(bobs.to_string(), "device:read"), about(bobs.to_string(), "device:write"));
        assert_eq!(asked(&alice, &reads).await, yes(&["role"]));
        assert_eq!(asked(&key, &writes).await, no(&["above_ceiling"], &[]), "of itself a key learns all");
        let mut later = reads.clone();
        later["at"] = json!("2027-11-22T09:30:00Z");
        assert_eq!(asked(&alice, &later).await, no(&["key_expired"], &["role"]));
        alice.delete(&format!("/v2/organizations/acme/api-keys/{bobs}")).await.done();
        assert_eq!(asked(&alice, &reads).await, no(&["key_revoked"], &["role"]));
        assert_eq!(asked(&alice, &writes).await, no(&["key_revoked", "above_ceiling"], &[]));
    }

    async fn one_learns_about_oneself_without_any_permission_and_about_others_with_the_log(house) {
        let nina = house.employ_at(house.acme.id, "nina", None).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let own = json!({ "user": "me", "permission": "device:read" });
        house.give_password(nina.user).await;
        let browser = house.in_browser_as(&nina.email).await;
        assert_eq!(asked(&browser, &own).await, no(&["nothing_gives_it"], &[]), "she has no role at all");
        for name in [nina.user.to_string(), nina.email.to_uppercase()] {
            let own = json!({ "user": name, "permission": "device:read" });
            assert_eq!(asked(&browser, &own).await, no(&["nothing_gives_it"], &[]));
        }
        assert_eq!(asked(&vera.api, &own).await, yes(&["role"]));
        assert_eq!(audited(&house, "access.explained").await, []);
        for others in [
            json!({ "user": house.acme.bob.to_string(), "permission": "device:read" }),
            json!({ "user": "bob@acme.example", "permission": "device:read" }),
            json!({ "user": "nobody@acme.example", "permission": "device:read" }),
            json!({ "application": house.acme.fleet.to_string(), "permission": "device:read" }),
            json!({ "api_key": nina.key.to_string(), "permission": "device:read" }),
            json!({ "api_key": "key_01kaxw3vd0f1wvj1d2sahtfxyz", "permission": "device:read" }),
        ] {
            let answer = vera.api.post(EXPLAIN, &others).await;
            assert_eq!(answer.problem(), "permission_denied", "{others}");
            assert_eq!(answer.json()["permission"], "audit_log:read");
        }
        let narrow = house.key(Some(vera.user), PermissionSet::of(&[Permission::DeviceRead])).await.1;
        assert_eq!(narrow.post(EXPLAIN, &own).await.problem(), "permission_denied", "beyond the key's scopes");

        house.grant(vera.user, PermissionSet::of(&[Permission::AuditLogRead]), None).await;
        let others = json!({ "user": nina.email, "permission": "device:read" });
        assert_eq!(asked(&vera.api, &others).await, no(&["nothing_gives_it"], &[]));
        house.instance.observations.write(house.clock.now()).await.unwrap();
        let told = audited(&house, "access.explained").await;
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].0.as_str(), &told[0].1["permission"]), (vera.user.to_string().as_str(), &json!("device:read")));
    }

    async fn or1_whoever_is_elsewhere_is_nobody_here_and_a_stranger_learns_nothing(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let about = |user: &str| json!({ "user": user, "permission": "device:read" });
        assert_eq!(mallory.post(EXPLAIN, &about("me")).await.status, StatusCode::NOT_FOUND);
        let nobody = ana.api.post(EXPLAIN, &about("nobody@nowhere.example")).await.found();
        assert_eq!((kinds(&nobody["because"]), &nobody["subject"]), (vec!["no_membership"], &Value::Null));
        let shown = |told: Value| (told["allowed"].clone(), told["because"].clone(), told["subject"].clone(), told["otherwise"].clone());
        let elsewhere = ana.api.post(EXPLAIN, &about(Person::Mallory.email())).await.found();
        assert_eq!(shown(elsewhere), shown(nobody.clone()), "as if there were no such account");
        let parasol = json!({ "application": house.acme.parasol.to_string(), "permission": "device:read" });
        assert_eq!(ana.api.post(EXPLAIN, &parasol).await.pointer(), "/application");
        let (theirs, _) = house.key_of(house.acme.umbrella, None, PermissionSet::ALL).await;
        let theirs = json!({ "api_key": theirs.to_string(), "permission": "device:read" });
        assert_eq!(ana.api.post(EXPLAIN, &theirs).await.pointer(), "/api_key");

        let alice = house.in_browser(Person::Alice).await;
        let umbrella = "/v2/organizations/umbrella/access/explain";
        let told = alice.post(umbrella, &about("me")).await.found();
        assert_eq!((&told["allowed"], kinds(&told["because"])), (&json!(true), vec!["superuser"]));
        let told = mallory.post(umbrella, &about(Person::Alice.email())).await.found();
        assert_eq!(shown(told), shown(nobody), "who runs the installation is told to nobody who does not");
        let delete = json!({ "user": "me", "permission": "organization:delete" });
        assert_eq!(asked(&alice, &delete).await, yes(&["role"]), "a member first");
    }

    async fn a_question_names_one_subject_and_what_there_is(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        for (question, pointer) in [
            (json!({ "permission": "device:read" }), "/user"),
            (json!({ "user": "me", "application": "app_x", "permission": "device:read" }), "/user"),
            (json!({ "user": "somebody", "permission": "device:read" }), "/user"),
            (json!({ "user": "me" }), "/permission"),
            (json!({ "user": "me", "permission": "device:eat" }), "/permission"),
            (json!({ "user": "me", "permission": "device:read", "product": "nothing" }), "/product"),
            (json!({ "user": "me", "permission": "device:read", "at": "tomorrow" }), "/at"),
            (json!({ "user": "me", "permission": "device:read", "ip": "home" }), "/ip"),
            (json!({ "user": "me", "permission": "device:read", "why": 1 }), "/why"),
        ] {
            let answer = ana.api.post(EXPLAIN, &question).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{question}");
        }
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        assert_eq!(robot.post(EXPLAIN, &json!({ "user": "me", "permission": "device:read" })).await.pointer(), "/user");
    }

    async fn whom_something_refuses_altogether_is_told_what_and_no_more(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let own = json!({ "user": "me", "permission": "device:read", "ip": "192.0.2.7" });
        fenced(&house, &["192.0.2.0/24"], false).await;
        assert_eq!(vera.api.post(EXPLAIN, &own).await.problem(), "address_not_allowed");
        let spoofed = vera.api.request("POST", EXPLAIN).json(&own).header("x-forwarded-for", "192.0.2.7");
        assert_eq!(Answer::of(spoofed).await.problem(), "address_not_allowed");
    }
}
