//! Whom a directory may make a member and change: its organization's own people, and of everybody else only whether they
//! may act here.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::limit::Resource;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, USER, USERS, id, member, place, refused};
use crate::api::audited;
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

fn user(address: &str) -> Value {
    json!({ "schemas": [USER], "userName": address })
}

/// Switches somebody off.
async fn puts_to_rest(directory: &Directory, there: &str) -> Answer {
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    directory.patch(there, off).await
}

fn at(user: impl std::fmt::Display) -> String {
    format!("{USERS}/{user}")
}

on_both! {
    async fn sc5_whoever_is_put_to_rest_has_nothing_at_once(house) {
        let directory = Directory::of(&house).await;
        let eve = house.employ("eve", BuiltInRole::Operator).await;
        house.give_password(eve.user).await;
        let browser = house.in_browser_as(&eve.email).await;
        browser.get("/v2/organizations/acme/products").await.found();
        let fleet = house.acme.fleet.to_string();
        let code = browser.browser().agrees(&authorize(&fleet, &[])).await.code();
        let tokens = browser.browser().redeem(&fleet, &code).await.found();
        let refresh = || {
            let token = tokens["refresh_token"].as_str().unwrap();
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("redirect_uri", ""), ("code_verifier", "")];
            let (visitor, fleet) = (browser.browser().again(), fleet.clone());
            async move { visitor.token(&fleet, &fields).await }
        };
        eve.api.get("/v2/organizations/acme/products").await.found();

        assert_eq!(puts_to_rest(&directory, &at(eve.user)).await.found()["active"], false);
        let seen = browser.get("/v2/organizations/acme/products").await;
        assert!(seen.status == StatusCode::UNAUTHORIZED || seen.status == StatusCode::FORBIDDEN, "{seen:?}");
        assert_eq!(eve.api.get("/v2/organizations/acme/products").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refresh().await.error(), "invalid_grant");

        let on = json!([{ "op": "replace", "path": "active", "value": "True" }]);
        assert_eq!(directory.patch(&at(eve.user), on).await.found()["active"], true);
        assert_eq!(refresh().await.error(), "invalid_grant", "one signs in anew");
        eve.api.get("/v2/organizations/acme/products").await.found();
    }

    async fn sc5_whoever_is_removed_has_nothing_at_once(house) {
        let directory = Directory::of(&house).await;
        let eve = house.employ("eve", BuiltInRole::Operator).await;
        house.give_password(eve.user).await;
        let browser = house.in_browser_as(&eve.email).await;
        browser.get("/v2/organizations/acme/products").await.found();
        directory.delete(&at(eve.user)).await.done();
        assert_eq!(browser.get("/v2/organizations/acme/products").await.status, StatusCode::NOT_FOUND);
        assert_eq!(eve.api.get("/v2/organizations/acme/products").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(audited(&house, "member.removed").await.len(), 1);
    }

    async fn nobody_is_made_a_member_who_is_not_the_organizations_own(house) {
        let directory = Directory::of(&house).await;
        for (address, refusal) in [
            ("zoe@umbrella.example", refused(400, "invalidValue")),
            ("zoe@sub.acme.example", refused(400, "invalidValue")),
            ("zoe", refused(400, "invalidValue")),
            ("mallory@umbrella.example", refused(400, "invalidValue")),
            ("bob@acme.example", refused(409, "uniqueness")),
            ("BOB@ACME.example", refused(409, "uniqueness")),
        ] {
            assert_eq!(directory.post(USERS, &user(address)).await.failure(), refusal, "{address}");
        }
        // Somebody else's account, though its address is in the organization's domain.
        house.employ_at(house.acme.umbrella, "nina", Some(BuiltInRole::Viewer)).await;
        let answer = directory.post(USERS, &user("nina@acme.example")).await;
        assert_eq!(answer.failure(), refused(409, "uniqueness"));
        assert!(answer.json()["detail"].as_str().unwrap().contains("invite them"));
        assert_eq!(directory.get(USERS).await.listed().0, 2);
        assert_eq!(directory.post(USERS, &json!({ "schemas": [USER] })).await.failure(), refused(400, "invalidValue"));
    }

    async fn one_who_left_by_themselves_is_not_brought_back_without_being_asked(house) {
        let directory = Directory::of(&house).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        house.in_browser_as(&eve.email).await.delete("/v2/users/me/memberships/acme").await.done();
        assert_eq!(directory.post(USERS, &user(&eve.email)).await.failure(), refused(409, "uniqueness"));

        let fay = house.invited("fay", BuiltInRole::Viewer).await;
        directory.delete(&at(fay.user)).await.done();
        house.join(fay.user, house.acme.umbrella).await;
        assert_eq!(directory.post(USERS, &user(&fay.email)).await.failure(), refused(409, "uniqueness"));

        let gus = house.invited("gus", BuiltInRole::Viewer).await;
        directory.delete(&at(gus.user)).await.done();
        let back = directory.post(USERS, &user(&gus.email)).await.created();
        assert_eq!(back["id"], gus.user.to_string());
        house.in_browser_as(&gus.email).await.delete("/v2/users/me/memberships/acme").await.done();
        assert_eq!(directory.post(USERS, &user(&gus.email)).await.failure(), refused(409, "uniqueness"), "once removed is not for ever");
    }

    async fn an_account_of_ones_own_stays_ones_own(house) {
        let directory = Directory::of(&house).await;
        let bob = at(house.acme.bob);
        let whole = json!({ "schemas": [USER], "userName": "bob@acme.example", "externalId": "b", "displayName": "Robert", "active": true });
        let now = directory.put(&bob, &whole).await.found();
        assert_eq!((&now["displayName"], &now["externalId"]), (&json!("Bob Becker"), &json!("b")), "a name is theirs to choose");
        let moved = json!([{ "op": "replace", "path": "userName", "value": "robert@acme.example" }]);
        assert_eq!(directory.patch(&bob, moved).await.failure(), refused(400, "mutability"));
        // What can't be changed holds up nobody's end.
        let whole = json!({ "schemas": [USER], "userName": "robert@acme.example", "displayName": "Robert", "active": false });
        let now = directory.put(&bob, &whole).await.found();
        assert_eq!((&now["active"], &now["userName"]), (&json!(false), &json!("bob@acme.example")));
        house.in_browser(Person::Bob).await;
    }

    async fn whom_an_administrator_suspended_no_directory_wakes(house) {
        let directory = Directory::of(&house).await;
        let there = directory.hires("dana").await;
        let alice = house.in_browser(Person::Alice).await;
        alice.patch(&member(id(&there)), &json!({ "status": "suspended" })).await.found();
        for active in [true, false, true] {
            let step = json!([{ "op": "replace", "path": "active", "value": active }]);
            assert_eq!(directory.patch(&there, step).await.found()["active"], false);
        }
        assert_eq!(alice.get(&member(id(&there))).await.found()["status"], "suspended");
    }

    async fn an_invitation_ends_when_a_directory_makes_its_person_a_member(house) {
        let directory = Directory::of(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        let invitations = "/v2/organizations/acme/invitations";
        let of = async |name: &str| {
            let email = format!("{name}@acme.example");
            alice.post(invitations, &json!({ "email": email, "role": "viewer" })).await.created()["id"].clone()
        };
        let (dana, other) = (of("dana").await, of("erin").await);
        // Their invitation holds the last seat.
        let used = alice.get("/v2/organizations/acme/limits").await.found()["users"]["used"].as_i64().unwrap();
        house.limit(Resource::Users, used).await;
        directory.hires("dana").await;
        let state = async |id: &Value| alice.get(&format!("{invitations}/{}", id.as_str().unwrap())).await.found()["state"].clone();
        assert_eq!([state(&dana).await, state(&other).await], ["cancelled", "pending"]);
        let [(who, told)] = audited(&house, "invitation.cancelled").await.try_into().unwrap();
        assert!(who.starts_with("sct_"), "{who}");
        assert_eq!(told["because"], "they came to belong by another way");
    }

    async fn the_limit_of_users_holds(house) {
        let directory = Directory::of(&house).await;
        house.limit(Resource::Users, 3).await;
        directory.hires("dana").await;
        let full = directory.post(USERS, &user("erin@acme.example")).await;
        assert_eq!(full.failure(), refused(403, ""));
        assert!(full.json()["detail"].as_str().unwrap().contains('3'));
    }

    async fn a_person_is_made_without_a_password_and_without_rights(house) {
        let directory = Directory::of(&house).await;
        let asleep = json!({ "schemas": [USER], "userName": "dana@acme.example", "active": false });
        let made = directory.post(USERS, &asleep).await.created();
        assert_eq!((&made["active"], &made["displayName"]), (&json!(false), &json!("dana")));
        let (_, key) = house.key(Some(made["id"].as_str().unwrap().parse().unwrap()), PermissionSet::ALL).await;
        assert_eq!(key.get("/v2/organizations/acme").await.status, StatusCode::UNAUTHORIZED);
        let on = json!([{ "op": "add", "value": { "active": true } }]);
        directory.patch(&place(&made), on).await.found();
        assert_eq!(key.get("/v2/organizations/acme").await.status, StatusCode::FORBIDDEN);
        let told = audited(&house, "user.created").await;
        assert!(told.iter().any(|(who, told)| who.starts_with("sct_") && told["after"]["managed_by"] == house.acme.id.to_string()));
    }

    async fn what_is_told_of_a_person_is_checked(house) {
        let directory = Directory::of(&house).await;
        let there = directory.hires("dana").await;
        for (step, word) in [
            (json!({ "op": "replace", "path": "active", "value": "maybe" }), "invalidValue"),
            (json!({ "op": "replace", "path": "active", "value": 1 }), "invalidValue"),
            (json!({ "op": "replace", "path": "userName", "value": "x" }), "invalidValue"),
            (json!({ "op": "replace", "path": "userName", "value": "dana@umbrella.example" }), "invalidValue"),
            (json!({ "op": "remove", "path": "userName" }), "invalidValue"),
            (json!({ "op": "replace", "path": "displayName", "value": "a\u{202e}b" }), "invalidValue"),
            (json!({ "op": "replace", "path": "name.givenName", "value": "x".repeat(101) }), "invalidValue"),
            (json!({ "op": "replace", "path": "externalId", "value": "x".repeat(256) }), "invalidValue"),
            (json!({ "op": "replace", "path": "id", "value": "usr_x" }), "mutability"),
            (json!({ "op": "replace", "path": "name[x eq 1]", "value": "x" }), "invalidPath"),
            (json!({ "op": "explode", "path": "name" }), "invalidSyntax"),
            (json!({ "op": "remove" }), "noTarget"),
        ] {
            let answer = directory.patch(&there, json!([step.clone()])).await;
            assert_eq!(answer.failure(), refused(400, word), "{step}");
        }
        let bob = json!([{ "op": "replace", "path": "userName", "value": "bob@acme.example" }]);
        assert_eq!(directory.patch(&there, bob).await.failure(), refused(409, "uniqueness"));
        for body in ["[]", "{", "{\"a\":1,\"a\":2}", "\"x\""] {
            let request = directory.request("POST", USERS, &Value::Null).body(body);
            assert_eq!(Answer::of(request).await.failure(), refused(400, "invalidSyntax"), "{body}");
        }
        let plain = directory.0.request("POST", USERS).header("content-type", "text/plain").body("{}");
        assert_eq!(Answer::of(plain).await.failure().0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let long = json!({ "userName": "x".repeat(256 * 1024) });
        assert_eq!(directory.post(USERS, &long).await.failure().0, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
