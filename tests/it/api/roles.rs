//! Roles: six that nobody changes, others that each organization makes. OR7, OR9.

use doorward::domain::access::{BuiltInRole, PermissionSet, RoleTemplate};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, PRODUCTS, ROLES, audited, grant, role};
use crate::harness::cast::SECRET;
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn a_role_is_made_read_changed_and_deleted(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let asked = json!({ "name": "night-watch", "description": " By night ", "permissions": ["device:write", "device:read"] });
        let made = ana.api.post(ROLES, &asked).await;
        let watch = made.created();
        assert_eq!((&watch["name"], &watch["description"]), (&json!("night-watch"), &json!("By night")));
        assert_eq!(watch["permissions"], json!(["device:read", "device:write"]));
        assert_eq!((&watch["built_in"], &watch["created_at"]), (&json!(false), &json!("2026-11-22T09:30:00Z")));
        let place = made.location();
        assert_eq!(ana.api.get(&place).await.found(), watch);
        assert_eq!(ana.api.get(&format!("{ROLES}/night-watch")).await.found(), watch, "by name too");

        let again = ana.api.post(ROLES, &asked).await;
        assert_eq!((again.status, again.problem()), (StatusCode::CONFLICT, "taken".to_owned()));
        role(&ana.api, "day-watch", &[]).await;
        assert_eq!(ana.api.patch(&place, &json!({ "name": "day-watch" })).await.problem(), "taken");
        let change = json!({ "name": "late-watch", "permissions": [], "description": "" });
        let changed = ana.api.patch(&place, &change).await.found();
        assert_eq!((&changed["name"], &changed["permissions"], &changed["description"]), (&json!("late-watch"), &json!([]), &json!("")));
        assert_eq!(ana.api.patch(&place, &json!({})).await.found(), changed, "nothing changes nothing");
        let stale = ana.api.request("DELETE", &place).header("if-match", "\"x\"");
        assert_eq!(Answer::of(stale).await.problem(), "precondition_failed");
        ana.api.delete(&place).await.done();
        assert_eq!(ana.api.get(&place).await.problem(), "not_found");
        for action in ["role.created", "role.updated", "role.deleted"] {
            let told = audited(&house, action).await;
            assert_eq!(told.last().unwrap().0, ana.user.to_string(), "{action}");
        }
    }

    async fn the_six_are_listed_for_all_and_stay_as_they_are(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let alice = house.in_browser(Person::Alice).await;
        role(&alice, "night-watch", &["device:read"]).await;
        let all = vera.api.get(&format!("{ROLES}?total=true")).await.found();
        assert_eq!(all["total"], 7);
        let first = vera.api.get(&format!("{ROLES}?limit=4")).await.found();
        let rest = vera.api.get(&format!("{ROLES}?limit=4&cursor={}", first["next_cursor"].as_str().unwrap())).await.found();
        assert_eq!((first["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (4, 3));
        for built_in in BuiltInRole::ALL {
            let place = format!("{ROLES}/{built_in}");
            let found = vera.api.get(&place).await.found();
            assert_eq!((&found["built_in"], &found["name"]), (&json!(true), &json!(built_in.name())));
            let permissions: PermissionSet = serde_json::from_value(found["permissions"].clone()).unwrap();
            assert_eq!(permissions, built_in.permissions());
            for refused in [
                alice.patch(&place, &json!({ "permissions": ["device:read"] })).await,
                alice.patch(&place, &json!({ "name": "boss" })).await,
                alice.delete(&place).await,
            ] {
                assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "built_in".to_owned()));
            }
            assert_eq!(vera.api.get(&place).await.found(), found);
        }
    }

    async fn or7_no_role_passes_for_another(house) {
        let alice = house.in_browser(Person::Alice).await;
        for name in ["owner", "Owner", "OWNER", " owner", "owner\u{200b}", "\u{ff4f}wner", "own er", "rol_x", "", "x"] {
            let refused = alice.post(ROLES, &json!({ "name": name, "permissions": ["device:read"] })).await;
            assert_eq!(refused.pointer(), "/name", "{name:?}");
        }
        role(&alice, "night-watch", &["device:read"]).await;
        for other in ["night", "Night-Watch", "night-watch2", "rol_night-watch"] {
            assert_eq!(alice.get(&format!("{ROLES}/{other}")).await.problem(), "not_found", "{other}");
            let bob = format!("/v2/organizations/acme/members/{}", Person::Bob.email());
            assert_eq!(alice.patch(&bob, &json!({ "role": other })).await.pointer(), "/role");
        }
        let mallory = house.in_browser(Person::Mallory).await;
        let theirs = "/v2/organizations/umbrella/roles";
        assert_eq!(mallory.get(&format!("{theirs}/night-watch")).await.problem(), "not_found", "it is Acme's");
        let same = json!({ "name": "night-watch", "permissions": ["organization:delete"] });
        mallory.post(theirs, &same).await.created();
        assert_eq!(alice.get(&format!("{ROLES}/night-watch")).await.found()["permissions"], json!(["device:read"]));
    }

    async fn or9_what_is_not_to_be_said_is_refused_by_name(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = role(&alice, "night-watch", &["device:read"]).await;
        for (field, value) in [("id", json!("rol_x")), ("built_in", json!(true)), ("organization_id", json!(null)), ("created_at", json!(1))] {
            let mut asked = json!({ "name": "day-watch", "permissions": ["device:read"] });
            asked[field] = value.clone();
            assert_eq!(alice.post(ROLES, &asked).await.pointer(), format!("/{field}"));
            let mut change = json!({});
            change[field] = value;
            assert_eq!(alice.patch(&place, &change).await.pointer(), format!("/{field}"));
        }
        for (asked, pointer) in [
            (json!({ "permissions": [] }), "/name"),
            (json!({ "name": "day-watch" }), "/permissions"),
            (json!({ "name": "day-watch", "permissions": ["device:read", "device:eat"] }), "/permissions/1"),
            (json!({ "name": "day-watch", "permissions": "device:read" }), "/permissions"),
            (json!({ "name": "day-watch", "permissions": [], "description": "a\nb" }), "/description"),
            (json!({ "template": "team-leader" }), "/template"),
        ] {
            assert_eq!(alice.post(ROLES, &asked).await.pointer(), pointer, "{asked}");
        }
        assert_eq!(alice.patch(&place, &json!({ "permissions": null })).await.pointer(), "/permissions");
    }

    async fn m2_a_role_is_made_by_a_template_and_is_one_like_any_other(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let alice = house.in_browser(Person::Alice).await;
        let templates = vera.api.get("/v2/role-templates").await.found();
        assert_eq!(templates["data"].as_array().unwrap().len(), RoleTemplate::ALL.len());
        for template in templates["data"].as_array().unwrap() {
            let made = alice.post(ROLES, &json!({ "template": template["name"] })).await.created();
            for field in ["name", "description", "permissions"] {
                assert_eq!(made[field], template[field]);
            }
        }
        let asked = json!({ "template": "team-manager", "name": "squad-lead", "permissions": ["device:read"] });
        let own = alice.post(ROLES, &asked).await.created();
        assert_eq!((&own["name"], &own["permissions"]), (&json!("squad-lead"), &json!(["device:read"])));

        let max = house.employ_at(house.acme.id, "max", None).await;
        let place = format!("/v2/organizations/acme/members/{}", max.user);
        alice.patch(&place, &json!({ "role": "team-manager" })).await.found();
        let team = max.api.post("/v2/organizations/acme/groups", &json!({ "name": "Max's", "kind": "team" })).await.created();
        assert_eq!(team["kind"], "team");
        assert_eq!(max.api.post(ROLES, &asked).await.problem(), "permission_denied");
    }

    async fn a_role_in_use_stays_and_says_by_what(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = role(&alice, "night-watch", &["device:read"]).await;
        let bob = format!("/v2/organizations/acme/members/{}", Person::Bob.email());
        alice.patch(&bob, &json!({ "role": "night-watch" })).await.found();
        let given = json!({ "subject": house.acme.bob.to_string(), "role": "night-watch" });
        let given = alice.post(GRANTS, &given).await;
        given.created();
        let refused = alice.delete(&place).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "in_use".to_owned()));
        let told = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("members 1, grants 1, pending invitations 0"), "{told}");
        alice.patch(&bob, &json!({ "role": null })).await.found();
        assert_eq!(alice.delete(&place).await.problem(), "in_use");
        alice.delete(&given.location()).await.done();
        alice.delete(&place).await.done();
    }

    async fn a_role_changes_for_whoever_holds_it_at_the_next_request(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = role(&alice, "maker", &["organization:read", "product:create", "device:read"]).await;
        let bob = format!("/v2/organizations/acme/members/{}", Person::Bob.email());
        alice.patch(&bob, &json!({ "role": "maker" })).await.found();
        let browser = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let desk = house.acme.desk.to_string();
        let visitor = house.signed_in(Person::Bob).await;
        let code = visitor.arrives(&authorize(&desk, &[("organization", "acme")])).await.code();
        let token = visitor.redeem(&desk, &code).await.found()["access_token"].as_str().unwrap().to_owned();
        let introspected = async || {
            let request = house.visitor().request("POST", "/oauth2/introspect");
            let request = request.basic_auth(&desk, Some(SECRET)).form(&[("token", &token)]);
            Answer::of(request).await.found()["permissions"]["*"].clone()
        };
        browser.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        key.post(PRODUCTS, &json!({ "name": "lantern" })).await.created();
        assert_eq!(introspected().await, json!(["product:create", "device:read", "organization:read"]));

        alice.patch(&place, &json!({ "permissions": ["organization:read"] })).await.found();
        assert_eq!(introspected().await, json!(["organization:read"]));
        for api in [&browser, &key] {
            assert_eq!(api.post(PRODUCTS, &json!({ "name": "torch" })).await.problem(), "permission_denied");
        }
        alice.patch(&place, &json!({ "permissions": ["organization:read", "product:create"] })).await.found();
        assert_eq!(introspected().await, json!(["product:create", "organization:read"]));
        browser.post(PRODUCTS, &json!({ "name": "torch" })).await.created();
        key.post(PRODUCTS, &json!({ "name": "buoy" })).await.created();
        let given = grant(&alice, house.acme.bob, &["device:write"]).await;
        assert_eq!(introspected().await, json!(["product:create", "device:write", "organization:read"]));
        alice.delete(&given).await.done();
        assert_eq!(introspected().await, json!(["product:create", "organization:read"]));
        let Value::Array(told) = json!(audited(&house, "role.updated").await) else { unreachable!() };
        assert_eq!(told.len(), 2);
    }
}
