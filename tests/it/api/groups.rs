//! Groups, teams and departments. OR7, OR9.

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{GROUPS, audited, group, seat};
use crate::harness::{Answer, Person, on_both};

fn names(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap();
    let mut names: Vec<&str> = data.iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

on_both! {
    async fn a_group_is_made_read_changed_and_deleted(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let made = ana.api.post(GROUPS, &json!({ "name": " Field team ", "kind": "team", "description": "Outdoors" })).await;
        let team = made.created();
        assert_eq!((&team["name"], &team["kind"], &team["description"]), (&json!("Field team"), &json!("team"), &json!("Outdoors")));
        let place = made.location();
        assert_eq!(ana.api.get(&place).await.found(), team);
        let changed = ana.api.patch(&place, &json!({ "name": "FIELD TEAM", "kind": "department" })).await.found();
        assert_eq!((&changed["name"], &changed["kind"]), (&json!("FIELD TEAM"), &json!("department")), "its own name is free");
        let stale = ana.api.request("PATCH", &place).header("if-match", "\"x\"").json(&json!({ "kind": "team" }));
        assert_eq!(Answer::of(stale).await.problem(), "precondition_failed");
        ana.api.delete(&place).await.done();
        assert_eq!(ana.api.get(&place).await.problem(), "not_found");
        for action in ["group.created", "group.updated", "group.deleted"] {
            let [(actor, _)] = audited(&house, action).await.try_into().unwrap();
            assert_eq!(actor, ana.user.to_string());
        }
    }

    async fn or7_no_group_passes_for_another(house) {
        let alice = house.in_browser(Person::Alice).await;
        let first = group(&alice, "Équipe").await;
        for same in ["Équipe", "ÉQUIPE", " E\u{301}quipe ", "\u{ff25}\u{301}quipe"] {
            let refused = alice.post(GROUPS, &json!({ "name": same })).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "taken".to_owned()), "{same}");
        }
        let other = group(&alice, "Équip").await;
        let place = format!("{GROUPS}/{other}");
        assert_eq!(alice.patch(&place, &json!({ "name": "ÉQUIPE" })).await.problem(), "taken");
        let bob = house.acme.bob;
        alice.put(&seat(&other, bob), &json!({})).await.found();
        assert_eq!(alice.get(&format!("{GROUPS}/{first}/members")).await.found()["data"], json!([]));
        let mallory = house.in_browser(Person::Mallory).await;
        mallory.post("/v2/organizations/umbrella/groups", &json!({ "name": "Équipe" })).await.created();
        for name in ["", "x".repeat(101).as_str(), "a\u{202e}b", "a\nb"] {
            assert_eq!(alice.post(GROUPS, &json!({ "name": name })).await.pointer(), "/name");
        }
    }

    async fn or9_what_is_not_to_be_said_is_refused_by_name(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("{GROUPS}/{}", group(&alice, "Field team").await);
        for field in ["id", "organization", "members", "lead", "created_at", "grants"] {
            let mut asked = json!({ "name": "Night watch" });
            asked[field] = json!([]);
            assert_eq!(alice.post(GROUPS, &asked).await.pointer(), format!("/{field}"));
            assert_eq!(alice.patch(&place, &asked).await.pointer(), format!("/{field}"));
        }
        assert_eq!(alice.post(GROUPS, &json!({ "name": "x", "kind": "Team" })).await.pointer(), "/kind");
        assert_eq!(alice.patch(&place, &json!({ "kind": null })).await.pointer(), "/kind");
    }

    async fn groups_are_listed_by_kind_name_and_member(house) {
        let alice = house.in_browser(Person::Alice).await;
        for (name, kind) in [("Field team", "team"), ("Field office", "department"), ("Night_watch", "group")] {
            alice.post(GROUPS, &json!({ "name": name, "kind": kind })).await.created();
        }
        let all = alice.get(&format!("{GROUPS}?query=night")).await.found();
        let night = all["data"][0]["id"].as_str().unwrap();
        alice.put(&seat(night, house.acme.bob), &json!({})).await.found();
        for (query, found) in [
            ("", vec!["Field office", "Field team", "Night_watch"]),
            ("kind=team", vec!["Field team"]),
            ("query=FIELD", vec!["Field office", "Field team"]),
            ("query=field&kind=department", vec!["Field office"]),
            ("query=eld", vec![]),
            ("query=%25", vec![]),
            ("member=bob@acme.example", vec!["Night_watch"]),
            ("member=alice@acme.example", vec![]),
            ("member=mallory@umbrella.example", vec![]),
            ("member=x", vec![]),
        ] {
            let list = alice.get(&format!("{GROUPS}?{query}&total=true")).await.found();
            assert_eq!((names(&list), &list["total"]), (found.clone(), &json!(found.len())), "{query}");
        }
        assert_eq!(alice.get(&format!("{GROUPS}?kind=band")).await.problem(), "invalid_request");
        let mallory = house.in_browser(Person::Mallory).await;
        let theirs = mallory.get("/v2/organizations/umbrella/groups").await.found();
        assert_eq!(theirs["data"], json!([]));
    }
}
