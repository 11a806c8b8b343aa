//! Oneself: profile, default organization, leaving.

use doorward::domain::access::BuiltInRole;
use doorward::domain::membership::MembershipStatus;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{PRODUCTS, audited};
use crate::harness::{Answer, Person, on_both};

const ME: &str = "/v2/users/me";

on_both! {
    async fn one_tells_of_oneself_and_takes_it_back(house) {
        let bob = house.in_browser(Person::Bob).await;
        let blank = bob.get(ME).await.found();
        for field in ["timezone", "language", "phone", "address", "avatar_url", "pending_email", "managed_by"] {
            assert_eq!(blank[field], Value::Null, "{field}");
        }
        assert_eq!((&blank["preferences"], &blank["superuser"]), (&json!({}), &json!(false)));
        assert_eq!((&blank["email_verified"], &blank["created_at"]), (&json!(true), &json!("2026-11-22T09:30:00Z")));
        let told = json!({
            "name": "Bob B. Becker", "timezone": "europe/berlin", "language": "DE-at", "phone": "+4930123456",
            "address": "1 Lane\r\nTown", "preferences": { "color_theme": "dark", "default_views": { "devices": "map" } },
        });
        let now = bob.patch(ME, &told).await.found();
        assert_eq!((&now["timezone"], &now["language"]), (&json!("Europe/Berlin"), &json!("de-AT")));
        assert_eq!((&now["phone"], &now["address"]), (&json!("+4930123456"), &json!("1 Lane\nTown")));
        assert_eq!(bob.get(ME).await.found(), now);
        let merged = json!({ "preferences": { "color_theme": null, "default_views": { "list": 1 } }, "phone": null });
        let now = bob.patch(ME, &merged).await.found();
        assert_eq!(now["preferences"], json!({ "default_views": { "devices": "map", "list": 1 } }));
        assert_eq!((&now["phone"], &now["timezone"]), (&Value::Null, &json!("Europe/Berlin")));
        let told = audited(&house, "user.updated").await;
        let fields = |told: &Value| told["after"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let mut fields: Vec<_> = told.iter().map(|(_, told)| fields(told)).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["address language name phone preferences timezone", "phone preferences"]);
    }

    async fn what_makes_no_sense_is_refused_field_by_field(house) {
        let bob = house.in_browser(Person::Bob).await;
        let before = bob.get(ME).await.found();
        for (field, value) in [
            ("timezone", json!("Europe/Atlantis")),
            ("language", json!("english language")),
            ("phone", json!("030 123456")),
            ("address", json!("a\u{202E}b")),
            ("name", json!("")),
            ("name", json!("Bob\u{202E}nimda")),
            ("name", Value::Null),
            ("preferences", json!({ "a": { "b": { "c": { "d": { "e": 1 } } } } })),
            ("preferences", json!({ "a": "x".repeat(9_000) })),
            ("preferences", json!([1])),
            ("preferences", Value::Null),
            ("default_organization", json!("umbrella")),
            ("default_organization", json!("nowhere")),
            ("email", json!("bob@new.example")),
            ("email", Value::Null),
        ] {
            let answer = bob.patch(ME, &json!({ field: value })).await;
            assert_eq!(answer.pointer(), format!("/{field}"), "{value}");
        }
        let told = bob.patch(ME, &json!({ "email": "bob@new.example" })).await;
        assert!(told.body.contains("POST /v2/users/me/email"), "it says the way: {told:?}");
        assert_eq!(bob.get(ME).await.found(), before);
    }

    async fn or9_nobody_assigns_themselves_what_others_decide(house) {
        let bob = house.in_browser(Person::Bob).await;
        for field in
            ["superuser", "email_verified", "managed_by", "status", "id", "organizations", "created_at", "avatar_url"]
        {
            let answer = bob.patch(ME, &json!({ field: true })).await;
            assert_eq!((answer.problem(), answer.pointer()), ("invalid".to_owned(), format!("/{field}")));
        }
        assert_eq!(bob.get(ME).await.found()["superuser"], false);
    }

    async fn one_acts_by_default_where_one_chose(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bob = house.in_browser(Person::Bob).await;
        let me = bob.get(ME).await.found();
        assert_eq!(me["default_organization"]["name"], "acme", "where the account was made");
        let now = bob.patch(ME, &json!({ "default_organization": "umbrella" })).await.found();
        assert_eq!(now["default_organization"]["name"], "umbrella");
        let defaults: Vec<_> = now["organizations"].as_array().unwrap().iter().map(|one| &one["default"]).collect();
        assert_eq!(defaults, [false, true]);
        assert_eq!(bob.patch(ME, &json!({ "default_organization": null })).await.found()["default_organization"], Value::Null);
        house.set_member(house.acme.bob, house.acme.umbrella, MembershipStatus::Suspended).await;
        let answer = bob.patch(ME, &json!({ "default_organization": "umbrella" })).await;
        assert_eq!(answer.pointer(), "/default_organization", "one can't act there");
    }

    async fn one_leaves_and_everything_of_one_there_ends(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bob = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), doorward::domain::access::PermissionSet::ALL).await;
        bob.get(PRODUCTS).await.found();
        assert_eq!(key.delete("/v2/users/me/memberships/umbrella").await.problem(), "not_found", "a key acts at Acme");
        bob.delete("/v2/users/me/memberships/acme").await.done();
        assert_eq!(bob.get(PRODUCTS).await.problem(), "not_found");
        assert_eq!(key.get(ME).await.problem(), "unauthenticated");
        let me = bob.get(ME).await.found();
        assert_eq!((me["organizations"].as_array().unwrap().len(), &me["default_organization"]), (1, &Value::Null));
        assert_eq!(bob.delete("/v2/users/me/memberships/acme").await.problem(), "not_found");
        assert_eq!(audited(&house, "member.left").await[0].0, house.acme.bob.to_string());
    }

    async fn or4_the_last_owner_can_t_leave(house) {
        let mallory = house.in_browser(Person::Mallory).await;
        let left = mallory.delete("/v2/users/me/memberships/umbrella").await;
        assert_eq!((left.status, left.problem()), (StatusCode::CONFLICT, "last_owner".to_owned()));
    }

    async fn or4_two_owners_who_leave_at_once_leave_one(house) {
        let ola = house.employ_at(house.acme.umbrella, "ola", Some(BuiltInRole::Owner)).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let who = if number % 2 == 0 { &ola.api } else { &mallory };
            tries.spawn(Answer::of(who.request("DELETE", "/v2/users/me/memberships/umbrella")));
        }
        let answers = tries.join_all().await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
        assert!(answers.iter().any(|answer| answer.status == 409));
    }
}
