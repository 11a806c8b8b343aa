//! What administrators look after: who has not been there for long, invitations that nobody follows, and many of them at
//! once. C3, C6, C10.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use serde_json::{Value, json};

use super::invitations::INVITATIONS;
use crate::harness::{Answer, Person, on_both};

const MEMBERS: &str = "/v2/organizations/acme/members";

const DAY: Duration = Duration::from_hours(24);

/// The addresses on a page of members or invitations.
fn emails(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap().iter();
    let mut emails: Vec<_> = data
        .map(|row| row["user"]["email"].as_str().or(row["email"].as_str()).unwrap())
        .collect();
    emails.sort_unstable();
    emails
}

on_both! {
    async fn or1_when_somebody_signs_in_elsewhere_is_nobodys_business_here(house) {
        let (acme, umbrella) = (house.acme.id, house.acme.umbrella);
        house.join(house.acme.bob, umbrella).await;
        let bob = house.in_browser(Person::Bob).await;
        house.wait(Duration::from_mins(5));
        bob.get("/v2/organizations/umbrella/members").await.found();
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let seen_by = async |api: &crate::harness::Api, organization: doorward::domain::id::OrganizationId| {
            let path = format!("/v2/organizations/{organization}/members/{}", house.acme.bob);
            api.get(&path).await.found()["last_sign_in_at"].clone()
        };
        assert_eq!(seen_by(&mallory, umbrella).await, "2026-11-22T09:35:00Z");
        assert_eq!(seen_by(&alice, acme).await, Value::Null, "Acme does not learn what Bob does at Umbrella");
        house.wait(Duration::from_mins(5));
        bob.get(MEMBERS).await.found();
        assert_eq!(seen_by(&alice, acme).await, "2026-11-22T09:40:00Z");
        assert_eq!(seen_by(&mallory, umbrella).await, "2026-11-22T09:35:00Z");
    }

    async fn c10_whoever_has_not_signed_in_for_long_is_found_and_dealt_with_in_one_step(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let bob = house.in_browser(Person::Bob).await;
        bob.get(MEMBERS).await.found();
        house.wait(DAY * 60);
        let again = house.in_browser(Person::Bob).await;
        again.get(MEMBERS).await.found();
        house.employ("nora", BuiltInRole::Viewer).await;
        house.wait(DAY * 30);
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let list = key.get(&format!("{MEMBERS}?not_signed_in_for=90d&total=true")).await.found();
        assert_eq!(emails(&list), ["alice@acme.example", "vera@acme.example"]);
        assert_eq!(list["total"], 2);
        assert_eq!(emails(&key.get(&format!("{MEMBERS}?not_signed_in_for=91d")).await.found()), [""; 0]);
        let list = key.get(&format!("{MEMBERS}?not_signed_in_for=30d&role=viewer")).await.found();
        assert_eq!(emails(&list), ["nora@acme.example", "vera@acme.example"]);

        let items: Vec<_> = list["data"].as_array().unwrap().iter()
            .map(|row| json!({ "user": row["user"]["id"], "status": "inactive", "reason": "Not here for long" }))
            .collect();
        let done = key.post(&format!("{MEMBERS}/batch"), &json!({ "items": items })).await.found();
        assert!(done["results"].as_array().unwrap().iter().all(|one| one["status"] == 200), "{done}");
        let veras = key.get(&format!("{MEMBERS}/{}", vera.user)).await.found();
        assert_eq!((&veras["status"], &veras["status_reason"]), (&json!("inactive"), &json!("Not here for long")));
        assert_eq!(emails(&key.get(&format!("{MEMBERS}?inactive_for=30d")).await.found()), [""; 0]);
        house.wait(DAY * 30);
        let rest = key.get(&format!("{MEMBERS}?status=inactive&inactive_for=30d")).await.found();
        assert_eq!(emails(&rest), ["nora@acme.example", "vera@acme.example"]);
        for wrong in ["90", "d", "0d", "-1d", "3651d", "90h", "1e3d", "090d", "99999999999999999999d"] {
            for name in ["not_signed_in_for", "inactive_for"] {
                let answer = key.get(&format!("{MEMBERS}?{name}={wrong}")).await;
                assert_eq!(answer.pointer(), name, "{wrong}");
            }
        }
    }

    async fn c3_many_invitations_are_sent_again_or_taken_back_each_for_itself(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let mut ids = Vec::new();
        for name in ["carol", "dan", "erin"] {
            let made = key.post(INVITATIONS, &json!({ "email": format!("{name}@cook.example") })).await;
            ids.push(made.created()["id"].clone());
            house.wait(DAY * 4);
        }
        for (before, found) in [
            ("2026-11-22", vec![]),
            ("2026-11-23", vec!["carol@cook.example"]),
            ("2026-11-26T09:30:00Z", vec!["carol@cook.example"]),
            ("2026-11-26T09:30:00.001Z", vec!["carol@cook.example", "dan@cook.example"]),
        ] {
            let list = key.get(&format!("{INVITATIONS}?invited_before={before}&total=true")).await.found();
            assert_eq!(emails(&list), found, "{before}");
            assert_eq!(list["total"], found.len());
        }
        assert_eq!(key.get(&format!("{INVITATIONS}?invited_before=yesterday")).await.pointer(), "invited_before");

        let items = |ids: &[&Value]| json!({ "items": ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() });
        let (made_up, batch) = (json!("inv_01kaxw3vd0f1wvj1d2sahtfxyz"), items(&[&ids[0], &ids[1]]));
        let cancel = items(&[&ids[2], &made_up, &json!("x"), &ids[2]]);
        let statuses = |answer: &Value| -> Vec<_> {
            answer["results"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect()
        };
        let taken = key.post(&format!("{INVITATIONS}/batch/cancel"), &cancel).await.found();
        assert_eq!(statuses(&taken), [204, 404, 404, 409]);
        let request = || key.request("POST", &format!("{INVITATIONS}/batch/resend")).header("idempotency-key", "again").json(&batch);
        let sent = Answer::of(request()).await.found();
        assert_eq!(statuses(&sent), [201, 201]);
        assert_eq!(sent["results"][0]["value"]["sent_at"], "2026-12-04T09:30:00Z");
        assert_eq!(sent["results"][0]["value"]["state"], "pending", "one that had expired is pending again");
        assert_eq!(house.letters().await.len(), 5);
        assert_eq!(statuses(&Answer::of(request()).await.found()), [201, 201]);
        assert_eq!(house.letters().await.len(), 5, "the same request sends nothing twice");
        let over = key.post(&format!("{INVITATIONS}/batch/resend"), &items(&[&ids[2]])).await.found();
        assert_eq!(statuses(&over), [409], "what was taken back stays so");
        let mallory = house.in_browser(Person::Mallory).await;
        for action in ["resend", "cancel"] {
            let theirs = mallory.post(&format!("/v2/organizations/umbrella/invitations/batch/{action}"), &batch).await.found();
            assert_eq!(statuses(&theirs), [404, 404], "another organization's are as if they were not");
            assert_eq!(key.post(&format!("{INVITATIONS}/batch/{action}"), &json!({ "items": [] })).await.pointer(), "/items");
        }
    }
}
