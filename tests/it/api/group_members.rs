//! Who is in a group, and what its leads may: M4, C4, C8.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::who_calls::token;
use super::{GRANTS, GROUPS, PRODUCTS, audited, grant, group, seat};
use crate::harness::{Answer, Api, House, Person, on_both};

/// A team of Acme's that Bob leads, and which grants device:read.
async fn bobs_team(house: &House, alice: &Api) -> String {
    let team = group(alice, "Bob's team").await;
    grant(alice, &team, &["device:read"]).await;
    alice
        .put(&seat(&team, house.acme.bob), &json!({ "lead": true }))
        .await
        .found();
    team
}

fn denied(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.problem()),
        (StatusCode::FORBIDDEN, "permission_denied".to_owned())
    );
}

on_both! {
    async fn c4_a_member_holds_what_all_their_groups_grant_and_at_once(house) {
        let alice = house.in_browser(Person::Alice).await;
        let nina = house.employ_at(house.acme.id, "nina", None).await;
        let (readers, makers) = (group(&alice, "Readers").await, group(&alice, "Makers").await);
        grant(&alice, &readers, &["organization:read"]).await;
        let made = json!({ "subject": makers, "role": "developer" });
        alice.post(GRANTS, &made).await.created();
        assert_eq!(nina.api.get(PRODUCTS).await.problem(), "permission_denied");

        let put = alice.put(&seat(&readers, nina.user), &json!({})).await.found();
        assert_eq!((&put["user"]["email"], &put["lead"]), (&json!("nina@acme.example"), &json!(false)));
        nina.api.get(PRODUCTS).await.found();
        assert_eq!(nina.api.post(PRODUCTS, &json!({ "name": "rover" })).await.problem(), "permission_denied");
        alice.put(&seat(&makers, &nina.email), &json!({})).await.found();
        nina.api.post(PRODUCTS, &json!({ "name": "rover" })).await.created();

        alice.delete(&seat(&makers, nina.user)).await.done();
        assert_eq!(alice.delete(&seat(&makers, nina.user)).await.problem(), "not_found");
        assert_eq!(nina.api.post(PRODUCTS, &json!({ "name": "lantern" })).await.problem(), "permission_denied");
        alice.delete(&format!("{GROUPS}/{readers}")).await.done();
        assert_eq!(nina.api.get(PRODUCTS).await.problem(), "permission_denied");
        for (action, times) in [("group.member_added", 2), ("group.member_removed", 1)] {
            let told = audited(&house, action).await;
            assert_eq!(told.len(), times, "{action}");
            assert_eq!(told[0].1["user"], nina.user.to_string());
        }
    }

    async fn members_are_listed_with_who_leads(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        for name in ["nina", "otis"] {
            let member = house.employ(name, BuiltInRole::Viewer).await;
            alice.put(&seat(&team, member.user), &json!({})).await.found();
        }
        let place = format!("{GROUPS}/{team}/members");
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = alice.get(&format!("{place}?limit=2&total=true{next}")).await.found();
            assert_eq!(page["total"], 3);
            seen.extend(page["data"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        let mut told: Vec<_> = seen.iter().map(|one| (one["user"]["name"].as_str().unwrap(), one["lead"] == true)).collect();
        told.sort_unstable();
        assert_eq!(told, [("Bob Becker", true), ("nina", false), ("otis", false)]);
        let other = group(&alice, "Other").await;
        assert_eq!(alice.get(&format!("{GROUPS}/{other}/members?{}", &next[1..])).await.problem(), "invalid_cursor");
    }

    async fn m4_a_lead_changes_who_is_in_the_own_team_and_nothing_else(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        let other = group(&alice, "Other").await;
        let nina = house.employ("nina", BuiltInRole::Viewer).await;
        let bob = house.in_browser(Person::Bob).await;
        let put = bob.put(&seat(&team, nina.user), &json!({})).await.found();
        assert_eq!(put["lead"], false);
        assert_eq!(bob.put(&seat(&team, nina.user), &json!({ "lead": false })).await.found(), put, "twice is once");
        denied(&bob.put(&seat(&team, nina.user), &json!({ "lead": true })).await);
        denied(&bob.put(&seat(&team, house.acme.bob), &json!({ "lead": false })).await);
        denied(&bob.delete(&seat(&team, house.acme.bob)).await);
        denied(&bob.put(&seat(&other, nina.user), &json!({})).await);
        denied(&bob.patch(&format!("{GROUPS}/{team}"), &json!({ "name": "Mine" })).await);
        denied(&bob.delete(&format!("{GROUPS}/{team}")).await);
        denied(&bob.post(GROUPS, &json!({ "name": "Mine" })).await);
        denied(&bob.post(GRANTS, &json!({ "subject": team, "permissions": ["device:read"] })).await);
        denied(&nina.api.put(&seat(&team, house.acme.alice), &json!({})).await);
        assert_eq!(bob.put(&seat(&team, "mallory@umbrella.example"), &json!({})).await.problem(), "not_found");
        bob.delete(&seat(&team, nina.user)).await.done();

        alice.put(&seat(&team, nina.user), &json!({ "lead": true })).await.found();
        denied(&bob.delete(&seat(&team, nina.user)).await);
        let added = audited(&house, "group.member_added").await;
        let of_nina = |told: &Value| told["user"] == nina.user.to_string();
        assert!(added.iter().any(|(_, told)| of_nina(told) && told["after"]["lead"] == true), "{added:?}");
        let [(actor, _)] = audited(&house, "group.member_removed").await.try_into().unwrap();
        assert_eq!(actor, house.acme.bob.to_string());
    }

    async fn a_lead_who_stops_leading_or_acting_changes_nothing(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        let nina = house.employ("nina", BuiltInRole::Viewer).await;
        let place = seat(&team, nina.user);
        let bob = house.in_browser(Person::Bob).await;
        bob.put(&place, &json!({})).await.found();
        alice.put(&seat(&team, house.acme.bob), &json!({ "lead": false })).await.found();
        denied(&bob.delete(&place).await);
        alice.put(&seat(&team, house.acme.bob), &json!({ "lead": true })).await.found();
        let membership = format!("/v2/organizations/acme/members/{}", house.acme.bob);
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        key.put(&place, &json!({})).await.found();
        alice.patch(&membership, &json!({ "status": "suspended" })).await.found();
        for suspended in [&bob, &key] {
            let refused = suspended.delete(&place).await.status;
            assert!([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&refused), "{refused}");
        }
        let list = alice.get(&format!("{GROUPS}/{team}/members")).await.found();
        assert_eq!(list["data"].as_array().unwrap().len(), 2);
    }

    async fn a_token_or_key_leads_only_where_it_may_write_groups(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        let nina = house.employ("nina", BuiltInRole::Viewer).await;
        let place = seat(&team, nina.user);
        let held = BuiltInRole::Operator.permissions();
        let writing = held.union(PermissionSet::of(&[Permission::GroupWrite]));
        let (_, narrow) = house.key(Some(house.acme.bob), held).await;
        denied(&narrow.put(&place, &json!({})).await);
        let (_, wide) = house.key(Some(house.acme.bob), writing).await;
        wide.put(&place, &json!({})).await.found();
        let blind = PermissionSet::of(&[Permission::GroupWrite]);
        let (_, blind) = house.key(Some(house.acme.bob), blind).await;
        assert_eq!(blind.delete(&place).await.problem(), "exceeds_own_permissions", "the team grants device:read");
        let narrow = house.bearer(&token(&house, Person::Bob, "read write").await);
        denied(&narrow.delete(&place).await);
        let wide = house.bearer(&token(&house, Person::Bob, "read write group:write").await);
        wide.delete(&place).await.done();
        let (_, robot) = house.key(None, writing).await;
        robot.put(&place, &json!({})).await.found();
    }

    async fn a_lead_shares_what_the_team_has_on_one_product_or_for_a_time(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        let nina = house.employ("nina", BuiltInRole::Viewer).await;
        let place = seat(&team, nina.user);
        let bob = house.in_browser(Person::Bob).await;
        let rover = house.product("rover").await;
        let until = house.clock.now().plus(Duration::from_hours(1)).to_string();
        let given = json!({ "subject": team, "permissions": ["product:write"], "product": rover.to_string(), "ends_at": until });
        alice.post(GRANTS, &given).await.created();
        bob.put(&place, &json!({})).await.found();
        nina.api.patch(&format!("{PRODUCTS}/{rover}"), &json!({ "display_name": "Nina's" })).await.found();
        bob.delete(&place).await.done();
        let later = json!({ "subject": team, "permissions": ["firmware:write"], "starts_at": until });
        let later = alice.post(GRANTS, &later).await;
        later.created();
        assert_eq!(bob.put(&place, &json!({})).await.problem(), "exceeds_own_permissions", "nobody holds it yet");
        alice.patch(&later.location(), &json!({ "starts_at": null })).await.found();
        bob.put(&place, &json!({})).await.found();
    }

    async fn a_batch_does_each_item_by_itself(house) {
        let alice = house.in_browser(Person::Alice).await;
        let team = bobs_team(&house, &alice).await;
        let place = format!("{GROUPS}/{team}/members/batch");
        let nina = house.employ("nina", BuiltInRole::Viewer).await;
        let items = json!({ "items": [
            { "user": nina.email },
            { "user": "mallory@umbrella.example" },
            { "user": nina.user.to_string(), "lead": true },
            { "user": house.acme.bob.to_string(), "remove": true },
            { "user": house.acme.bob.to_string(), "remove": true },
        ] });
        let results = alice.post(&place, &items).await.found()["results"].clone();
        let statuses: Vec<_> = results.as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 404, 200, 204, 404], "{results}");
        assert_eq!((&results[2]["value"]["lead"], &results[1]["problem"]["code"]), (&json!(true), &json!("not_found")));
        assert_eq!(results[3]["value"], Value::Null);
        let bob = house.in_browser(Person::Bob).await;
        denied(&bob.post(&place, &items).await);
        let nina = nina.api.post(&place, &json!({ "items": [{ "user": "bob@acme.example" }, { "user": "alice@acme.example", "lead": true }] })).await;
        let results = nina.found()["results"].clone();
        assert_eq!((&results[0]["status"], &results[1]["status"]), (&json!(200), &json!(403)), "a lead makes no leads");
        for (items, pointer) in [
            (json!({ "items": [] }), "/items"),
            (json!({ "items": vec![json!({ "user": "x" }); 101] }), "/items"),
            (json!({ "items": [{ "user": "x", "admin": true }] }), "/items/0/admin"),
            (json!({ "items": [{ "lead": true }] }), "/items/0/user"),
        ] {
            assert_eq!(alice.post(&place, &items).await.pointer(), pointer);
        }
        assert_eq!(alice.put(&seat(&team, house.acme.bob), &json!({ "lead": true, "role": "owner" })).await.pointer(), "/role");
        assert_eq!(alice.post(&format!("{GROUPS}/grp_x/members/batch"), &json!({ "items": [{ "user": "x" }] })).await.problem(), "not_found");
    }
}
