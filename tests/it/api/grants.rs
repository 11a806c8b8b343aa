//! Grants: given, listed, timed and taken back. M6, U10, OR2, OR9.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{GRANTS, GROUPS, PRODUCTS, audited, grant, group, role};
use crate::harness::{Answer, Person, on_both};

fn subjects(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap();
    let mut subjects: Vec<&str> = data.iter().map(|one| one["subject"].as_str().unwrap()).collect();
    subjects.sort_unstable();
    subjects
}

on_both! {
    async fn a_grant_is_given_read_timed_and_taken_back(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let nina = house.employ_at(house.acme.id, "nina", None).await;
        let given = json!({ "subject": nina.user.to_string(), "role": "viewer" });
        let made = ana.api.post(GRANTS, &given).await;
        let grant = made.created();
        assert_eq!((&grant["subject"], &grant["role"]), (&given["subject"], &json!("viewer")));
        for nothing in ["permissions", "product", "starts_at", "ends_at", "schedule"] {
            assert_eq!(grant[nothing], Value::Null, "{nothing}");
        }
        nina.api.get(PRODUCTS).await.found();
        let place = made.location();
        assert_eq!(ana.api.get(&place).await.found(), grant);

        let change = json!({ "starts_at": "2026-11-22T12:00:00+01:00", "ends_at": "2026-11-22T13:30:00.5+01:00" });
        let timed = ana.api.patch(&place, &change).await.found();
        assert_eq!((&timed["starts_at"], &timed["ends_at"]), (&json!("2026-11-22T11:00:00Z"), &json!("2026-11-22T12:30:00.5Z")));
        assert_eq!(nina.api.get(PRODUCTS).await.problem(), "permission_denied", "not before eleven");
        house.wait(Duration::from_mins(90));
        nina.api.get(PRODUCTS).await.found();
        house.wait(Duration::from_mins(91));
        assert_eq!(nina.api.get(PRODUCTS).await.problem(), "permission_denied", "not after half past twelve");
        let open = json!({ "starts_at": null, "ends_at": null });
        assert_eq!(ana.api.patch(&place, &open).await.found(), grant);
        nina.api.get(PRODUCTS).await.found();

        let stale = ana.api.request("DELETE", &place).header("if-match", "\"x\"");
        assert_eq!(Answer::of(stale).await.problem(), "precondition_failed");
        ana.api.delete(&place).await.done();
        assert_eq!(nina.api.get(PRODUCTS).await.problem(), "permission_denied");
        assert_eq!(ana.api.delete(&place).await.problem(), "not_found");
        for (action, times) in [("grant.given", 1), ("grant.updated", 2), ("grant.taken_back", 1)] {
            let told = audited(&house, action).await;
            assert_eq!((told.len(), &told[0].0), (times, &ana.user.to_string()), "{action}");
        }
        for (action, moment) in [("grant.given", "after"), ("grant.taken_back", "before")] {
            let told = &audited(&house, action).await[0].1[moment];
            assert_eq!((&told["role"], &told["subject"]), (&json!("viewer"), &json!(nina.user.to_string())), "{action}");
        }
    }

    async fn u10_a_grant_on_a_product_counts_there_alone(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (rover, lantern) = (house.product("rover").await, house.product("lantern").await);
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let team = group(&alice, "Rover team").await;
        alice.put(&format!("{GROUPS}/{team}/members/{}", vera.user), &json!({})).await.found();
        let given = json!({ "subject": team, "permissions": ["product:write"], "product": rover.to_string() });
        let made = alice.post(GRANTS, &given).await.created();
        assert_eq!((&made["product"], &made["permissions"]), (&given["product"], &given["permissions"]));
        let change = json!({ "display_name": "Vera's" });
        vera.api.patch(&format!("{PRODUCTS}/{rover}"), &change).await.found();
        assert_eq!(vera.api.patch(&format!("{PRODUCTS}/{lantern}"), &change).await.problem(), "permission_denied");
        alice.delete(&format!("{PRODUCTS}/{rover}")).await.done();
        let place = format!("{GRANTS}/{}", made["id"].as_str().unwrap());
        assert_eq!(alice.get(&place).await.problem(), "not_found", "gone with the product");
    }

    async fn grants_are_listed_by_subject_and_product(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = house.product("rover").await;
        let (bob, fleet) = (house.acme.bob.to_string(), house.acme.fleet.to_string());
        let team = group(&alice, "Team").await;
        for subject in [&bob, &team, &fleet] {
            let given = json!({ "subject": subject, "permissions": ["device:read"], "product": rover.to_string() });
            alice.post(GRANTS, &given).await.created();
        }
        grant(&alice, &bob, &["device:write"]).await;
        let parasol = house.acme.parasol.to_string();
        let mallory = house.acme.umbrella.to_string().replace("org_", "usr_");
        for (query, found) in [
            (String::new(), 4),
            (format!("subject={bob}"), 2),
            (format!("subject={team}"), 1),
            (format!("subject={fleet}"), 1),
            (format!("product={rover}"), 3),
            (format!("subject={bob}&product={rover}"), 1),
            (format!("subject={parasol}"), 0),
            (format!("subject={mallory}"), 0),
            ("subject=bob".to_owned(), 0),
            (format!("product={}", rover.to_string().replace('0', "1")), 0),
        ] {
            let list = alice.get(&format!("{GRANTS}?total=true&{query}")).await.found();
            assert_eq!((subjects(&list).len(), &list["total"]), (found, &json!(found)), "{query}");
        }
        assert_eq!(alice.get(&format!("{GRANTS}?product=rover")).await.problem(), "invalid_request");
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = alice.get(&format!("{GRANTS}?subject={bob}&limit=1{next}")).await.found();
            seen.extend(subjects(&page).into_iter().map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(seen, [bob.as_str(), bob.as_str()]);
    }

    async fn or2_what_a_grant_names_is_the_same_organizations(house) {
        let alice = house.in_browser(Person::Alice).await;
        let mal = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Owner)).await;
        let id = |made: Value| made["id"].as_str().unwrap().to_owned();
        let umbrella = "/v2/organizations/umbrella";
        let theirs = mal.api.post(&format!("{umbrella}/products"), &json!({ "name": "parasol" })).await.created();
        let their_role = mal.api.post(&format!("{umbrella}/roles"), &json!({ "name": "rainy", "permissions": [] })).await.created();
        let their_group = mal.api.post(&format!("{umbrella}/groups"), &json!({ "name": "Rain" })).await.created();
        let made_up = "01kaxw3vd0f1wvj1d2sahtfxyz";
        let told = |answer: Answer| (answer.status, answer.pointer(), answer.json()["errors"][0]["detail"].clone());
        for (subject, kind) in
            [(mal.user.to_string(), "usr"), (id(their_group), "grp"), (house.acme.parasol.to_string(), "app")]
        {
            let asked = |subject: &str| json!({ "subject": subject, "permissions": ["device:read"] });
            let swapped = told(alice.post(GRANTS, &asked(&subject)).await);
            assert_eq!((swapped.0, swapped.1.as_str()), (StatusCode::BAD_REQUEST, "/subject"));
            assert_eq!(swapped, told(alice.post(GRANTS, &asked(&format!("{kind}_{made_up}"))).await), "as if it were not");
        }
        let bob = house.acme.bob.to_string();
        let on = |product: &str| json!({ "subject": bob, "permissions": ["device:read"], "product": product });
        let swapped = told(alice.post(GRANTS, &on(&id(theirs))).await);
        assert_eq!(swapped.1, "/product");
        assert_eq!(swapped, told(alice.post(GRANTS, &on(&format!("prd_{made_up}"))).await));
        let of = |role: &str| json!({ "subject": bob, "role": role });
        let swapped = told(alice.post(GRANTS, &of(&id(their_role))).await);
        assert_eq!(swapped.1, "/role");
        for role in ["rainy", &format!("rol_{made_up}")] {
            assert_eq!(swapped, told(alice.post(GRANTS, &of(role)).await), "{role}");
        }
        assert_eq!(alice.get(GRANTS).await.found()["data"], json!([]));
    }

    async fn or9_a_grant_says_what_it_may_and_nothing_else(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.acme.bob.to_string();
        role(&alice, "watch", &["device:read"]).await;
        let of = |more: Value| {
            let mut asked = json!({ "subject": bob, "permissions": ["device:read"] });
            for (name, value) in more.as_object().unwrap() {
                asked[name] = value.clone();
            }
            asked
        };
        let hours = |window: Value| json!({ "schedule": { "timezone": "UTC", "windows": [window] } });
        for (asked, pointer) in [
            (json!({ "permissions": ["device:read"] }), "/subject"),
            (of(json!({ "subject": "bob" })), "/subject"),
            (json!({ "subject": bob }), "/role"),
            (of(json!({ "role": "watch" })), "/permissions"),
            (of(json!({ "permissions": [] })), "/permissions"),
            (of(json!({ "permissions": ["device:read", "*"] })), "/permissions/1"),
            (of(json!({ "product": "rover" })), "/product"),
            (of(json!({ "ends_at": "2026-11-22" })), "/ends_at"),
            (of(json!({ "ends_at": "2026-11-22T09:30:00Z" })), "/ends_at"),
            (of(json!({ "ends_at": "2026-11-23T09:30:00" })), "/ends_at"),
            (of(json!({ "starts_at": "2026-11-24T10:00:00+01:00", "ends_at": "2026-11-24T09:00:00Z" })), "/ends_at"),
            (of(json!({ "starts_at": 1_795_339_800 })), "/starts_at"),
            (of(json!({ "schedule": { "timezone": "Europe/Atlantis", "windows": [] } })), "/schedule/timezone"),
            (of(json!({ "schedule": { "timezone": "UTC", "windows": [] } })), "/schedule/windows"),
            (of(hours(json!({ "days": [], "from": "08:00", "to": "09:00" }))), "/schedule/windows/0/days"),
            (of(hours(json!({ "days": ["monday"], "from": "08:00", "to": "09:00" }))), "/schedule/windows/0/days/0"),
            (of(hours(json!({ "days": ["mon"], "from": "8:00", "to": "09:00" }))), "/schedule/windows/0/from"),
            (of(hours(json!({ "days": ["mon"], "from": "24:00", "to": "09:00" }))), "/schedule/windows/0/from"),
            (of(hours(json!({ "days": ["mon"], "from": "08:00", "to": "24:01" }))), "/schedule/windows/0/to"),
            (of(hours(json!({ "days": ["mon"], "from": "08:00" }))), "/schedule/windows/0/to"),
            (of(hours(json!({ "days": ["mon"], "from": "08:00", "to": "09:00", "until": 1 }))), "/schedule/windows/0/until"),
            (of(json!({ "id": "grt_x" })), "/id"),
            (of(json!({ "organization": "umbrella" })), "/organization"),
            (of(json!({ "created_at": "2026-11-22T09:30:00Z" })), "/created_at"),
        ] {
            let refused = alice.post(GRANTS, &asked).await;
            assert_eq!((refused.status, refused.pointer().as_str()), (StatusCode::BAD_REQUEST, pointer), "{asked}");
        }
        let place = grant(&alice, &bob, &["device:read"]).await;
        for (change, pointer) in [
            (json!({ "subject": bob }), "/subject"),
            (json!({ "permissions": ["device:write"] }), "/permissions"),
            (json!({ "role": "owner" }), "/role"),
            (json!({ "product": null }), "/product"),
            (json!({ "ends_at": "soon" }), "/ends_at"),
            (json!({ "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z" }), "/ends_at"),
            (hours(json!({ "days": ["mon"], "from": "x", "to": "09:00" })), "/schedule/windows/0/from"),
        ] {
            assert_eq!(alice.patch(&place, &change).await.pointer(), pointer, "{change}");
        }
        let found = alice.get(&place).await.found();
        assert_eq!((&found["permissions"], &found["ends_at"]), (&json!(["device:read"]), &json!(null)));
    }
}
