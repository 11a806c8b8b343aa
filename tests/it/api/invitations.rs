//! Invitations: who may invite whom to what, and what becomes of it. U11, C1, C3; OR3, OR9.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::limit::Resource;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::audited;
use crate::harness::{Answer, Person, on_both};

pub(crate) const INVITATIONS: &str = "/v2/organizations/acme/invitations";

const DAY: Duration = Duration::from_hours(24);

fn of(invitation: &Value) -> String {
    format!("{INVITATIONS}/{}", invitation["id"].as_str().unwrap())
}

on_both! {
    async fn u11_an_administrator_invites_and_the_letter_is_on_its_way(house) {
        let alice = house.in_browser(Person::Alice).await;
        let request = json!({ "email": "new@company.example", "role": "viewer" });
        let made = alice.post(INVITATIONS, &request).await;
        let invitation = made.created();
        assert_eq!(made.header("location"), format!("/v2/organizations/{}/invitations/{}", house.acme.id, invitation["id"].as_str().unwrap()));
        assert_eq!(invitation, json!({
            "id": invitation["id"], "email": "new@company.example", "role": "viewer", "groups": [], "message": "",
            "invited_by": house.acme.alice.to_string(), "state": "pending",
            "created_at": "2026-11-22T09:30:00Z", "sent_at": "2026-11-22T09:30:00Z", "expires_at": "2026-11-29T09:30:00Z",
            "reminded_at": null, "ended_at": null, "accepted_by": null,
        }));
        assert_eq!(alice.get(&of(&invitation)).await.found(), invitation);
        assert_eq!(alice.get(INVITATIONS).await.found()["data"], json!([invitation]));
        let letter = house.letter_to("new@company.example").await;
        assert_eq!(letter.header("Subject"), "Alice Archer invites you to Acme");
        let told = audited(&house, "invitation.created").await;
        assert_eq!(told[0].0, house.acme.alice.to_string());
        assert_eq!(told[0].1["after"], json!({ "email": "new@company.example", "role": "viewer", "groups": [] }));
    }

    async fn se8_the_link_is_the_operators_address_and_stands_in_the_letter_alone(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let request = key.request("POST", INVITATIONS).json(&json!({ "email": "carol@cook.example" }));
        let request = request.header("host", "evil.example").header("x-forwarded-host", "evil.example").header("forwarded", "host=evil.example");
        let made = Answer::of(request).await;
        made.created();
        let letter = house.letter_to("carol@cook.example").await;
        let link = letter.text.lines().find(|line| line.starts_with("http")).unwrap().to_owned();
        assert!(link.starts_with(&format!("{}/invitation/", house.url)) && !letter.html.contains("evil"), "{link}");
        let secret = link.rsplit('/').next().unwrap();
        assert_eq!(secret.len(), 43);
        assert!(!made.body.contains(secret));
        let list = key.get(INVITATIONS).await.body;
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        let events = raw.texts("SELECT detail || COALESCE(personal, '') FROM audit_events").await.concat();
        let rows = raw.texts("SELECT id || email || message || invited_by FROM invitations").await.concat();
        assert!(![list, events, rows].concat().contains(secret));
    }

    async fn c1_with_groups_with_or_without_a_role_and_with_a_message(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let crew = house.group("Rover crew", PermissionSet::of(&[Permission::DeviceRead])).await;
        let request = json!({ "email": "carol@cook.example", "groups": ["Rover crew"], "message": "Welcome\r\non board!" });
        let invitation = key.post(INVITATIONS, &request).await.created();
        assert_eq!((&invitation["role"], &invitation["message"]), (&Value::Null, &json!("Welcome\non board!")));
        assert_eq!(invitation["groups"], json!([{ "id": crew.to_string(), "name": "Rover crew" }]));
        assert!(house.letter_to("carol@cook.example").await.text.contains("> Welcome\n> on board!\n"));
        let role = house.acme.id;
        for (asked, pointer) in [
            (json!({ "email": "carol" }), "/email"),
            (json!({ "role": "viewer" }), "/email"),
            (json!({ "email": "d@cook.example", "role": "king" }), "/role"),
            (json!({ "email": "d@cook.example", "role": role.to_string() }), "/role"),
            (json!({ "email": "d@cook.example", "groups": ["Rover crew", "No crew"] }), "/groups/1"),
            (json!({ "email": "d@cook.example", "groups": vec!["Rover crew"; 51] }), "/groups"),
            (json!({ "email": "d@cook.example", "message": "x".repeat(1001) }), "/message"),
            (json!({ "email": "d@cook.example", "message": "a\u{202e}b" }), "/message"),
            (json!({ "email": "d@cook.example\r\nBcc: x@y.example" }), "/email"),
        ] {
            let answer = key.post(INVITATIONS, &asked).await;
            assert_eq!((answer.status, answer.pointer().as_str()), (StatusCode::BAD_REQUEST, pointer), "{asked} {answer:?}");
        }
        assert_eq!(house.letters().await.len(), 1);
    }

    async fn or9_nothing_else_can_be_set(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        for name in ["organization", "state", "expires_at", "invited_by", "superuser", "secret", "link", "accepted_by"] {
            let answer = key.post(INVITATIONS, &json!({ "email": "d@cook.example", name: "x" })).await;
            assert_eq!(answer.pointer(), format!("/{name}"));
        }
    }

    async fn or3_nobody_invites_to_more_than_they_hold(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.group("Heirs", PermissionSet::of(&[Permission::OrganizationDelete])).await;
        for asked in [
            json!({ "email": "d@cook.example", "role": "owner" }),
            json!({ "email": "d@cook.example", "groups": ["Heirs"] }),
            json!({ "email": "d@cook.example", "role": "viewer", "groups": ["Heirs"] }),
        ] {
            let answer = ana.api.post(INVITATIONS, &asked).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::FORBIDDEN, "exceeds_own_permissions"), "{asked}");
        }
        let (_, narrow) = house.key(Some(ana.user), PermissionSet::of(&[Permission::InvitationWrite])).await;
        let answer = narrow.post(INVITATIONS, &json!({ "email": "d@cook.example", "role": "viewer" })).await;
        assert_eq!(answer.problem(), "exceeds_own_permissions", "a key holds what it was made with");
        narrow.post(INVITATIONS, &json!({ "email": "d@cook.example" })).await.created();
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let invitation = olga.api.post(INVITATIONS, &json!({ "email": "e@cook.example", "role": "owner" })).await.created();
        let again = ana.api.post(&format!("{}/resend", of(&invitation)), &Value::Null).await;
        assert_eq!(again.problem(), "exceeds_own_permissions", "nor sends again what others offered");
        assert_eq!(house.letters().await.len(), 2);
    }

    async fn whoever_is_a_member_or_invited_is_not_invited(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let taken = key.post(INVITATIONS, &json!({ "email": "BOB@acme.example" })).await;
        assert_eq!((taken.status, taken.problem().as_str()), (StatusCode::CONFLICT, "taken"));
        let first = key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.created();
        let taken = key.post(INVITATIONS, &json!({ "email": "Carol@COOK.example" })).await;
        assert_eq!(taken.problem(), "taken");
        assert!(taken.body.contains(first["id"].as_str().unwrap()), "{taken:?}");
        house.wait(Duration::from_millis(7 * 24 * 3_600_000 - 1));
        assert_eq!(key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.problem(), "taken");
        house.wait(Duration::from_millis(1));
        assert_eq!(key.get(&of(&first)).await.found()["state"], "expired");
        let second = key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.created();
        assert_ne!(first["id"], second["id"]);
        let first = key.get(&of(&first)).await.found();
        assert_eq!((&first["state"], &first["ended_at"]), (&json!("expired"), &json!("2026-11-29T09:30:00Z")));
    }

    async fn an_invitation_takes_a_seat_while_it_is_good(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        house.limit(Resource::Users, 3).await;
        let first = key.post(INVITATIONS, &json!({ "email": "a@cook.example" })).await.created();
        let full = key.post(INVITATIONS, &json!({ "email": "b@cook.example" })).await;
        assert_eq!((full.status, full.problem().as_str()), (StatusCode::CONFLICT, "limit_reached"));
        key.delete(&of(&first)).await.done();
        key.post(INVITATIONS, &json!({ "email": "b@cook.example" })).await.created();
        house.wait(7 * DAY);
        key.post(INVITATIONS, &json!({ "email": "c@cook.example" })).await.created();
    }

    async fn what_is_cancelled_is_over(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let made = key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.created();
        let path = house.letter_to("carol@cook.example").await.path();
        key.delete(&of(&made)).await.done();
        let over = key.get(&of(&made)).await.found();
        assert_eq!((&over["state"], &over["ended_at"]), (&json!("cancelled"), &json!("2026-11-22T09:30:00Z")));
        assert_eq!(key.delete(&of(&made)).await.problem(), "unmet_preconditions");
        assert_eq!(key.post(&format!("{}/resend", of(&made)), &Value::Null).await.problem(), "unmet_preconditions");
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::GONE);
        assert_eq!(audited(&house, "invitation.cancelled").await.len(), 1);
    }

    async fn what_is_sent_again_kills_the_first_link_and_lasts_anew(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let made = key.post(INVITATIONS, &json!({ "email": "carol@cook.example", "role": "viewer" })).await.created();
        let first = house.letter_to("carol@cook.example").await.path();
        house.wait(8 * DAY);
        assert_eq!(house.visitor().get(&first).await.status, StatusCode::GONE);
        let resent = olga.api.post(&format!("{}/resend", of(&made)), &Value::Null).await.created();
        assert_eq!((&resent["state"], &resent["invited_by"]), (&json!("pending"), &json!(olga.user.to_string())));
        assert_eq!((&resent["created_at"], &resent["expires_at"]), (&made["created_at"], &json!("2026-12-07T09:30:00Z")));
        let second = house.letter_to("carol@cook.example").await.path();
        assert_ne!(first, second);
        let carol = house.visitor();
        assert_eq!(carol.get(&first).await.status, StatusCode::GONE);
        assert_eq!(carol.get(&second).await.status, StatusCode::OK);
        assert_eq!(audited(&house, "invitation.resent").await.len(), 1);
    }

    async fn no_mailbox_is_buried(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let made = key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.created();
        for _ in 0..5 {
            key.post(&format!("{}/resend", of(&made)), &Value::Null).await.created();
        }
        assert_eq!(key.post(&format!("{}/resend", of(&made)), &Value::Null).await.problem(), "unmet_preconditions");
        key.delete(&of(&made)).await.done();
        let again = key.post(INVITATIONS, &json!({ "email": "Carol@cook.example" })).await;
        assert_eq!(again.problem(), "unmet_preconditions", "nor by new invitations");
        assert_eq!(house.letters().await.len(), 6);
        house.wait(Duration::from_hours(4));
        key.post(INVITATIONS, &json!({ "email": "carol@cook.example" })).await.created();
    }

    async fn the_same_request_twice_sends_one_letter(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let mut tries = JoinSet::new();
        for _ in 0..8 {
            let request = key.request("POST", INVITATIONS).header("idempotency-key", "once");
            tries.spawn(Answer::of(request.json(&json!({ "email": "carol@cook.example" }))));
        }
        let answers = tries.join_all().await;
        assert!(answers.iter().all(|answer| answer.created()["id"] == answers[0].json()["id"]), "{answers:?}");
        assert_eq!(house.letters().await.len(), 1);
    }

    async fn a_batch_invites_each_for_itself(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let items = json!({ "items": [
            { "email": "a@cook.example", "role": "viewer" }, { "email": "bob@acme.example" }, { "email": "nobody" },
            { "email": "b@cook.example", "role": "king" }, { "email": "a@cook.example" }, { "email": "c@cook.example" },
        ] });
        let request = || key.request("POST", &format!("{INVITATIONS}/batch")).header("idempotency-key", "batch").json(&items);
        let answer = Answer::of(request()).await.found();
        let results = answer["results"].as_array().unwrap();
        let statuses: Vec<_> = results.iter().map(|one| one["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 409, 400, 400, 409, 201]);
        assert_eq!(results[0]["value"]["email"], "a@cook.example");
        assert_eq!(results[3]["problem"]["errors"][0]["pointer"], "/role");
        assert_eq!(house.letters().await.len(), 2);
        let again = Answer::of(request()).await.found();
        assert_eq!(again["results"][0]["value"]["id"], results[0]["value"]["id"]);
        assert_eq!(house.letters().await.len(), 2);
        let none = key.post(&format!("{INVITATIONS}/batch"), &json!({ "items": [] })).await;
        assert_eq!(none.pointer(), "/items");
    }

    async fn they_are_listed_by_state_and_found_by_email(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        for email in ["carol@cook.example", "cara@cook.example", "dan@cook.example"] {
            key.post(INVITATIONS, &json!({ "email": email })).await.created();
        }
        let dan = key.get(&format!("{INVITATIONS}?query=dan")).await.found();
        key.delete(&of(&dan["data"][0])).await.done();
        for (query, count) in [("state=pending", 2), ("state=cancelled", 1), ("query=CA", 2), ("query=carol", 1), ("query=d&state=pending", 0)] {
            let list = key.get(&format!("{INVITATIONS}?{query}&total=true")).await.found();
            assert_eq!((list["data"].as_array().unwrap().len(), &list["total"]), (count, &json!(count)), "{query}");
        }
        let first = key.get(&format!("{INVITATIONS}?query=ca&limit=1")).await.found();
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = key.get(&format!("{INVITATIONS}?query=ca&limit=1&cursor={cursor}")).await.found();
        assert_eq!((&first["data"][0]["email"], &second["data"][0]["email"]), (&json!("cara@cook.example"), &json!("carol@cook.example")));
        assert_eq!(key.get(&format!("{INVITATIONS}?query=da&cursor={cursor}")).await.problem(), "invalid_cursor");
        assert_eq!(key.get(&format!("{INVITATIONS}?state=gone")).await.problem(), "invalid_request");
    }
}
