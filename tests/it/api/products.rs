//! Products, from making to deleting, and the shape that every resource has.

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::json;

use super::{PRODUCTS, audited, product};
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn a_product_is_made_read_changed_and_deleted(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        let made = dana.api.post(PRODUCTS, &json!({ "name": "rover", "display_name": " Rover " })).await;
        let rover = made.created();
        assert_eq!((&rover["name"], &rover["display_name"]), (&json!("rover"), &json!("Rover")));
        let place = made.location();
        assert_eq!(place, format!("/v2/organizations/{}/products/{}", house.acme.id, rover["id"].as_str().unwrap()));

        let found = dana.api.get(&place).await;
        assert_eq!(found.found(), rover);
        let renamed = dana.api.patch(&place, &json!({ "display_name": "Rover II" })).await;
        assert_eq!(renamed.found()["display_name"], "Rover II");
        assert_eq!(dana.api.patch(&place, &json!({})).await.found(), renamed.found(), "nothing changes nothing");

        dana.api.delete(&place).await.done();
        assert_eq!(dana.api.get(&place).await.problem(), "not_found");
        assert_eq!(dana.api.delete(&place).await.problem(), "not_found");
        for (action, moment) in [("product.created", "after"), ("product.deleted", "before")] {
            let [(person, told)] = audited(&house, action).await.try_into().unwrap();
            assert_eq!((person, &told[moment]["name"]), (dana.user.to_string(), &json!("rover")));
            assert_eq!(told["actor"], dana.key.to_string());
            assert!(told.get("superuser").is_none());
        }
    }

    async fn a_name_is_taken_once_and_in_its_organization_only(house) {
        let alice = house.in_browser(Person::Alice).await;
        product(&alice, "rover").await;
        let again = alice.post(PRODUCTS, &json!({ "name": "rover" })).await;
        assert_eq!((again.status, again.problem()), (StatusCode::CONFLICT, "taken".to_owned()));
        let mallory = house.in_browser(Person::Mallory).await;
        mallory.post("/v2/organizations/umbrella/products", &json!({ "name": "rover" })).await.created();
    }

    async fn an_etag_guards_against_the_lost_update(house) {
        let alice = house.in_browser(Person::Alice).await;
        product(&alice, "rover").await;
        let listed = alice.get(PRODUCTS).await.found();
        let place = format!("{PRODUCTS}/{}", listed["data"][0]["id"].as_str().unwrap());
        let first = alice.get(&place).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 24, "{tag}");

        let known = Answer::of(alice.request("GET", &place).header("if-none-match", format!("\"x\", {tag}"))).await;
        assert_eq!((known.status, known.header("etag"), known.body.as_str()), (StatusCode::NOT_MODIFIED, &*tag, ""));
        let patch = |tag: &str, name: &str| {
            let request = alice.request("PATCH", &place).header("if-match", tag);
            Answer::of(request.json(&json!({ "display_name": name })))
        };
        let changed = patch(&tag, "Bob's").await;
        assert_eq!(changed.status, StatusCode::OK);
        for stale in [&*tag, "\"x\"", "W/\"x\"", ""] {
            let late = patch(stale, "Alice's").await;
            assert_eq!((late.status, late.problem()), (StatusCode::PRECONDITION_FAILED, "precondition_failed".into()));
        }
        let delete = alice.request("DELETE", &place).header("if-match", &tag);
        assert_eq!(Answer::of(delete).await.problem(), "precondition_failed");
        assert_eq!(patch("*", "Anybody's").await.found()["display_name"], "Anybody's");
        assert_eq!(patch(changed.header("etag"), "x").await.problem(), "precondition_failed");
        assert_eq!(alice.get(&place).await.found()["display_name"], "Anybody's");
    }

    async fn a_grant_on_one_product_counts_for_that_one(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (rover, lantern) = (product(&alice, "rover").await, product(&alice, "lantern").await);
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let rover = rover["id"].as_str().unwrap();
        let writing = PermissionSet::of(&[Permission::ProductWrite, Permission::ProductDelete]);
        house.grant(vera.user, writing, Some(rover.parse().unwrap())).await;
        let (rover, lantern) = (format!("{PRODUCTS}/{rover}"), format!("{PRODUCTS}/{}", lantern["id"].as_str().unwrap()));
        vera.api.patch(&rover, &json!({ "display_name": "Vera's" })).await.found();
        for refused in [
            vera.api.patch(&lantern, &json!({ "display_name": "Vera's" })).await,
            vera.api.delete(&lantern).await,
            vera.api.post(PRODUCTS, &json!({ "name": "torch" })).await,
        ] {
            assert_eq!(refused.problem(), "permission_denied");
        }
        vera.api.delete(&rover).await.done();
    }
}
