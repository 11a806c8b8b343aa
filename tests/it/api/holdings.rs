//! Nobody hands out more than they hold: every way that there is to try. OR3.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::oauth::GrantType;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, GROUPS, PRODUCTS, ROLES, grant, group, role, seat};
use crate::harness::cast::SECRET;
use crate::harness::{Answer, Api, House, Member, Person, on_both};

/// What Rita holds: enough to hand things out, and of devices only to see them.
const RITAS: [Permission; 7] = [
    Permission::RoleWrite,
    Permission::GroupWrite,
    Permission::MemberWrite,
    Permission::ApiKeyWrite,
    Permission::OrganizationRead,
    Permission::MemberRead,
    Permission::DeviceRead,
];

/// Rita, who has it all by grant and no role.
async fn rita(house: &House) -> Member {
    let rita = house.employ_at(house.acme.id, "rita", None).await;
    house.grant(rita.user, PermissionSet::of(&RITAS), None).await;
    rita
}

#[track_caller]
fn exceeds(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert_eq!(answer.problem(), "exceeds_own_permissions");
}

/// A grant to somebody on all products.
fn to(subject: impl std::fmt::Display, permissions: &[&str]) -> Value {
    json!({ "subject": subject.to_string(), "permissions": permissions })
}

/// A token of an application's own for the API.
async fn own_token(house: &House, application: &str, scope: &str) -> Api {
    let audience = format!("{}/v2", house.url);
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", scope),
        ("resource", &audience),
    ];
    let request = house
        .visitor()
        .request("POST", "/oauth2/token")
        .basic_auth(application, Some(SECRET));
    let answer = Answer::of(request.form(&fields)).await.found();
    house.bearer(answer["access_token"].as_str().unwrap())
}

on_both! {
    async fn or3_by_a_role_that_one_makes(house) {
        let rita = rita(&house).await;
        exceeds(&rita.api.post(ROLES, &json!({ "name": "mine", "permissions": ["device:read", "device:write"] })).await);
        exceeds(&rita.api.post(ROLES, &json!({ "template": "team-manager" })).await);
        role(&rita.api, "mine", &["device:read", "role:write"]).await;
    }

    async fn or3_by_a_role_that_others_have(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let (low, high) = (role(&alice, "low", &["device:read"]).await, role(&alice, "high", &["device:write"]).await);
        exceeds(&rita.api.patch(&low, &json!({ "permissions": ["device:read", "device:write"] })).await);
        for change in [json!({ "permissions": [] }), json!({ "description": "Mine" }), json!({ "name": "low2" })] {
            exceeds(&rita.api.patch(&high, &change).await);
        }
        exceeds(&rita.api.delete(&high).await);
        let bob = format!("/v2/organizations/acme/members/{}", house.acme.bob);
        exceeds(&rita.api.patch(&bob, &json!({ "role": "low" })).await);
        rita.api.patch(&low, &json!({ "permissions": ["organization:read"] })).await.found();
        assert_eq!(alice.get(&high).await.found()["permissions"], json!(["device:write"]));
    }

    async fn or3_by_a_role_named_like_a_built_in_one(house) {
        let rita = rita(&house).await;
        for name in ["owner", "Owner", "\u{ff4f}wner", "owner "] {
            let refused = rita.api.post(ROLES, &json!({ "name": name, "permissions": [] })).await;
            assert_eq!(refused.pointer(), "/name");
        }
        let mine = role(&rita.api, "mine", &[]).await;
        assert_eq!(rita.api.patch(&mine, &json!({ "name": "owner" })).await.pointer(), "/name");
        exceeds(&rita.api.post(GRANTS, &json!({ "subject": rita.user.to_string(), "role": "owner" })).await);
    }

    async fn or3_by_being_let_into_a_group(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let (strong, weak) = (group(&alice, "Strong").await, group(&alice, "Weak").await);
        grant(&alice, &strong, &["device:read", "device:write"]).await;
        grant(&alice, &weak, &["device:read"]).await;
        for user in [rita.user, house.acme.bob] {
            exceeds(&rita.api.put(&seat(&strong, user), &json!({})).await);
            rita.api.put(&seat(&weak, user), &json!({})).await.found();
        }
        alice.put(&seat(&strong, house.acme.bob), &json!({})).await.found();
        exceeds(&rita.api.delete(&seat(&strong, house.acme.bob)).await);
        let batch = json!({ "items": [{ "user": rita.email }, { "user": "bob@acme.example", "remove": true }] });
        let results = rita.api.post(&format!("{GROUPS}/{strong}/members/batch"), &batch).await.found();
        for outcome in results["results"].as_array().unwrap() {
            assert_eq!(outcome["problem"]["code"], "exceeds_own_permissions", "{outcome}");
        }
        let list = alice.get(&format!("{GROUPS}/{strong}/members")).await.found();
        assert_eq!(list["data"].as_array().unwrap().len(), 1);
    }

    async fn or3_by_what_a_group_is_given(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let team = group(&rita.api, "Rita's").await;
        rita.api.put(&seat(&team, rita.user), &json!({ "lead": true })).await.found();
        exceeds(&rita.api.post(GRANTS, &to(&team, &["device:write"])).await);
        exceeds(&rita.api.post(GRANTS, &json!({ "subject": team, "role": "admin" })).await);
        let more = grant(&alice, &team, &["device:write"]).await;
        let again = json!({ "subject": rita.user.to_string(), "permissions": ["product:write"], "ends_at": "2026-11-23T00:00:00Z" });
        let lent = alice.post(GRANTS, &again).await;
        lent.created();
        rita.api.patch(&format!("{GROUPS}/{team}"), &json!({ "name": "Mine" })).await.found();
        rita.api.delete(&more).await.done();
        exceeds(&rita.api.patch(&lent.location(), &json!({ "ends_at": null })).await);
        exceeds(&rita.api.patch(&lent.location(), &json!({ "ends_at": "2026-11-24T00:00:00Z" })).await);
        let strong = group(&alice, "Strong").await;
        let given = grant(&alice, &strong, &["device:write"]).await;
        exceeds(&rita.api.patch(&format!("{GROUPS}/{strong}"), &json!({ "name": "Mine too" })).await);
        exceeds(&rita.api.delete(&format!("{GROUPS}/{strong}")).await);
        exceeds(&rita.api.patch(&given, &json!({ "ends_at": null })).await);
        exceeds(&rita.api.delete(&given).await);
    }

    async fn or3_by_leading_a_group(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let strong = group(&alice, "Strong").await;
        grant(&alice, &strong, &["firmware:write"]).await;
        exceeds(&rita.api.put(&seat(&strong, rita.user), &json!({ "lead": true })).await);
        alice.put(&seat(&strong, house.acme.bob), &json!({})).await.found();
        exceeds(&rita.api.put(&seat(&strong, house.acme.bob), &json!({ "lead": true })).await);
        let weak = group(&alice, "Weak").await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        alice.put(&seat(&weak, vera.user), &json!({ "lead": true })).await.found();
        let browser = house.key(Some(vera.user), BuiltInRole::Viewer.permissions().union(PermissionSet::of(&[Permission::GroupWrite]))).await.1;
        browser.put(&seat(&weak, house.acme.bob), &json!({})).await.found();
        let later = json!({ "subject": weak, "permissions": ["device:write"], "starts_at": "2026-11-23T00:00:00Z" });
        alice.post(GRANTS, &later).await.created();
        exceeds(&browser.put(&seat(&weak, rita.user), &json!({})).await);
        exceeds(&browser.delete(&seat(&weak, house.acme.bob)).await);
    }

    async fn or3_by_what_one_holds_on_one_product(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let (rover, lantern) = (house.product("rover").await, house.product("lantern").await);
        house.grant(rita.user, PermissionSet::of(&[Permission::DeviceWrite]), Some(rover)).await;
        let bob = house.acme.bob.to_string();
        let on = |product: Value| json!({ "subject": bob, "permissions": ["device:write"], "product": product });
        exceeds(&rita.api.post(GRANTS, &on(Value::Null)).await);
        exceeds(&rita.api.post(GRANTS, &on(json!(lantern.to_string()))).await);
        exceeds(&rita.api.post(ROLES, &json!({ "name": "mine", "permissions": ["device:write"] })).await);
        rita.api.post(GRANTS, &on(json!(rover.to_string()))).await.created();
        let (here, there) = (group(&alice, "Here").await, group(&alice, "There").await);
        for (team, product) in [(&here, rover), (&there, lantern)] {
            let given = json!({ "subject": team, "permissions": ["device:write"], "product": product.to_string() });
            alice.post(GRANTS, &given).await.created();
        }
        rita.api.put(&seat(&here, house.acme.bob), &json!({})).await.found();
        exceeds(&rita.api.put(&seat(&there, house.acme.bob), &json!({})).await);
    }

    async fn or3_by_what_starts_later_or_is_held_for_a_time(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let tomorrow = house.clock.now().plus(Duration::from_hours(24)).to_string();
        let always = json!({ "timezone": "UTC", "windows": [
            { "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00" }] });
        let rule = |permission: &str, times: Value| {
            let mut given = to(rita.user, &[permission]);
            for (name, value) in times.as_object().unwrap() {
                given[name] = value.clone();
            }
            given
        };
        for given in [
            rule("device:write", json!({ "starts_at": tomorrow })),
            rule("firmware:write", json!({ "ends_at": tomorrow })),
            rule("deployment:write", json!({ "schedule": always })),
        ] {
            alice.post(GRANTS, &given).await.created();
            let mut handed = given.clone();
            handed["subject"] = json!(house.acme.bob.to_string());
            exceeds(&rita.api.post(GRANTS, &handed).await);
            exceeds(&rita.api.post(ROLES, &json!({ "name": "mine", "permissions": given["permissions"] })).await);
            let key = json!({ "name": "x", "expires_in": "1d", "scopes": given["permissions"], "owner": "organization" });
            exceeds(&rita.api.post("/v2/organizations/acme/api-keys", &key).await);
        }
        let own = json!({ "name": "x", "expires_in": "1d", "scopes": ["firmware:write"] });
        rita.api.post("/v2/organizations/acme/api-keys", &own).await.created();
        let team = group(&alice, "Soon").await;
        let soon = json!({ "subject": team, "permissions": ["product:write"], "starts_at": tomorrow });
        alice.post(GRANTS, &soon).await.created();
        exceeds(&rita.api.put(&seat(&team, rita.user), &json!({})).await);
        let over = group(&alice, "Over").await;
        let until = house.clock.now().plus(Duration::from_mins(1)).to_string();
        let soon_over = json!({ "subject": over, "permissions": ["product:write"], "ends_at": until });
        alice.post(GRANTS, &soon_over).await.created();
        exceeds(&rita.api.put(&seat(&over, rita.user), &json!({})).await);
        house.wait(Duration::from_mins(1));
        rita.api.put(&seat(&over, rita.user), &json!({})).await.found();
    }

    async fn or3_by_a_key_or_token_of_somebody_who_holds_more(house) {
        let handing = PermissionSet::of(&[Permission::RoleWrite, Permission::GroupWrite, Permission::ApiKeyWrite]);
        let alice = house.in_browser(Person::Alice).await;
        let strong = group(&alice, "Strong").await;
        grant(&alice, &strong, &["device:read"]).await;
        for owner in [Some(house.acme.alice), None] {
            let (_, key) = house.key(owner, handing).await;
            exceeds(&key.post(GRANTS, &to(house.acme.bob, &["device:read"])).await);
            exceeds(&key.post(ROLES, &json!({ "name": "mine", "permissions": ["device:read"] })).await);
            exceeds(&key.put(&seat(&strong, house.acme.bob), &json!({})).await);
            let made = json!({ "name": "x", "expires_in": "1d", "scopes": ["device:read"], "owner": "organization" });
            exceeds(&key.post("/v2/organizations/acme/api-keys", &made).await);
            grant(&key, house.acme.bob, &["role:write"]).await;
        }
    }

    async fn or3_by_an_application_that_acts_for_itself(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let scope = "role:write group:write device:read device:write";
        let audience = format!("{}/v2", house.url);
        let robot = house
            .register("Robot", move |application| {
                application.grant_types = vec![GrantType::ClientCredentials];
                application.admin_api = true;
                application.scope = scope.parse().unwrap();
                application.resources.push(audience);
            })
            .await;
        exceeds(&rita.api.post(GRANTS, &to(&robot, &["device:write"])).await);
        exceeds(&rita.api.post(GRANTS, &json!({ "subject": robot, "role": "admin" })).await);
        grant(&rita.api, &robot, &["role:write", "device:read"]).await;
        let acting = own_token(&house, &robot, scope).await;
        for subject in [robot.clone(), house.acme.bob.to_string(), house.acme.fleet.to_string()] {
            exceeds(&acting.post(GRANTS, &to(&subject, &["device:write"])).await);
        }
        let elsewhere = acting.post(GRANTS, &to(house.acme.parasol, &["device:read"])).await;
        assert_eq!(elsewhere.pointer(), "/subject");
        assert_eq!(acting.post(GROUPS, &json!({ "name": "Mine" })).await.problem(), "permission_denied");
        grant(&acting, house.acme.bob, &["device:read"]).await;

        grant(&alice, &robot, &["device:write"]).await;
        let sam = house.employ_at(house.acme.id, "sam", None).await;
        house.grant(sam.user, PermissionSet::of(&[Permission::ApplicationWrite]), None).await;
        let place = format!("/v2/organizations/acme/applications/{robot}");
        for taking_over in [
            Answer::of(sam.api.request("POST", &format!("{place}/secret"))).await,
            sam.api.patch(&place, &json!({ "client_name": "Mine" })).await,
            sam.api.delete(&place).await,
        ] {
            exceeds(&taking_over);
        }
    }

    async fn or3_on_whoever_holds_more(house) {
        let (alice, rita) = (house.in_browser(Person::Alice).await, rita(&house).await);
        let bob = format!("/v2/organizations/acme/members/{}", house.acme.bob);
        for change in [json!({ "role": null }), json!({ "status": "suspended" })] {
            exceeds(&rita.api.patch(&bob, &change).await);
        }
        let nina = house.employ_at(house.acme.id, "nina", None).await;
        let place = format!("/v2/organizations/acme/members/{}", nina.user);
        let later = json!({ "subject": nina.user.to_string(), "permissions": ["device:write"], "starts_at": "2027-01-01T00:00:00Z" });
        let later = alice.post(GRANTS, &later).await;
        later.created();
        exceeds(&rita.api.patch(&place, &json!({ "status": "suspended" })).await);
        exceeds(&rita.api.delete(&later.location()).await);
        alice.delete(&later.location()).await.done();
        rita.api.patch(&place, &json!({ "status": "suspended" })).await.found();
        assert_eq!(rita.api.get(PRODUCTS).await.status, StatusCode::OK);
    }

    async fn whoever_stands_above_hands_out_anything(house) {
        let alice = house.in_browser(Person::Alice).await;
        let members = "/v2/organizations/acme/members";
        house.employ("olga", BuiltInRole::Owner).await;
        alice.patch(&format!("{members}/{}", Person::Alice.email()), &json!({ "role": "admin" })).await.found();
        grant(&alice, house.acme.bob, &["organization:delete"]).await;
        alice.patch(&format!("{members}/{}", Person::Bob.email()), &json!({ "role": "owner" })).await.found();
    }
}
