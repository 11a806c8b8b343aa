//! Usage as products report it, and what they reserve.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::limit::Resource;
use doorward::jobs;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::limits::made_at_once;
use super::{PRODUCTS, audited, product};
use crate::harness::{Answer, Api, Person, Raw, on_both};

const USAGE: &str = "/v2/organizations/acme/usage";
const RESERVATIONS: &str = "/v2/organizations/acme/usage/reservations";
const LIMITS: &str = "/v2/organizations/acme/limits";

async fn report(api: &Api, body: &Value) -> Answer {
    Answer::of(api.request("PUT", USAGE).json(body)).await
}

async fn devices(api: &Api) -> i64 {
    api.get(LIMITS).await.found()["devices"]["used"].as_i64().unwrap()
}

on_both! {
    async fn each_product_reports_for_itself(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = product(&alice, "rover").await;
        house.wait(Duration::from_secs(1));
        let torch = product(&alice, "torch").await;
        let (_, robot) = house.key(None, PermissionSet::of(&[Permission::UsageWrite])).await;
        let reported = report(&robot, &json!({ "product": rover["id"], "devices": 3, "active_deployments": 1 })).await.found();
        assert_eq!((&reported["devices"], &reported["reported_at"]), (&json!(3), &json!("2026-11-22T09:30:01Z")));
        report(&robot, &json!({ "product": torch["id"], "devices": 4 })).await.found();
        report(&robot, &json!({ "devices": 5 })).await.found();
        let again = report(&robot, &json!({ "product": rover["id"], "devices": 2 })).await.found();
        assert_eq!((&again["devices"], &again["active_deployments"]), (&json!(2), &json!(1)), "what is absent stays");
        assert_eq!(devices(&alice).await, 11);
        let listed = robot.get(&format!("{USAGE}?total=true")).await.found();
        let told: Vec<_> = listed["data"].as_array().unwrap().iter().map(|one| one["devices"].clone()).collect();
        assert_eq!((told, &listed["total"]), (vec![json!(5), json!(2), json!(4)], &json!(3)));
        let first = robot.get(&format!("{USAGE}?limit=1")).await.found();
        let next = robot.get(&format!("{USAGE}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap())).await.found();
        assert_eq!((&first["data"][0]["product"], &next["data"][0]["product"]), (&Value::Null, &rover["id"]));

        report(&robot, &json!({ "product": rover["id"], "devices": 2 })).await.found();
        assert_eq!(audited(&house, "usage.reported").await.len(), 4, "the same again is no news");
        alice.delete(&format!("{PRODUCTS}/{}", torch["id"].as_str().unwrap())).await.done();
        assert_eq!(devices(&alice).await, 7, "what a product said goes with it");
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        let mal = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Owner)).await;
        let theirs = mal.api.post("/v2/organizations/umbrella/products", &json!({ "name": "spy" })).await.created();
        for (body, pointer) in [
            (json!({}), ""),
            (json!({ "devices": -1 }), "/devices"),
            (json!({ "devices": 1_000_000_001 }), "/devices"),
            (json!({ "devices": 1.5 }), "/devices"),
            (json!({ "active_deployments": -1 }), "/active_deployments"),
            (json!({ "devices": 1, "product": "rover" }), "/product"),
            (json!({ "devices": 1, "product": theirs["id"] }), "/product"),
            (json!({ "devices": 1, "product": "prd_01kaxw3vd0f1wvj1d2sahtfxyz" }), "/product"),
        ] {
            let answer = report(&dana.api, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        for (body, pointer) in [
            (json!({ "resource": "devices" }), "/amount"),
            (json!({ "resource": "devices", "amount": 0 }), "/amount"),
            (json!({ "resource": "users", "amount": 1 }), "/resource"),
            (json!({ "resource": "devices", "amount": 1, "expires_in": 0 }), "/expires_in"),
            (json!({ "resource": "devices", "amount": 1, "expires_in": 3601 }), "/expires_in"),
            (json!({ "resource": "devices", "amount": 1, "product": theirs["id"] }), "/product"),
        ] {
            let answer = dana.api.post(RESERVATIONS, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
    }

    async fn a_reservation_counts_until_it_is_released_or_expires(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.limit(Resource::Devices, 10).await;
        let made = ana.api.post(RESERVATIONS, &json!({ "resource": "devices", "amount": 7 })).await;
        assert_eq!((&made.created()["amount"], &made.created()["expires_at"]), (&json!(7), &json!("2026-11-22T09:35:00Z")));
        let refused = ana.api.post(RESERVATIONS, &json!({ "resource": "devices", "amount": 4 })).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "limit_reached".to_owned()));
        assert_eq!(ana.api.get(&made.location()).await.found(), made.created());
        ana.api.delete(&made.location()).await.done();
        assert_eq!(ana.api.delete(&made.location()).await.problem(), "not_found");
        let made = ana.api.post(RESERVATIONS, &json!({ "resource": "devices", "amount": 10, "expires_in": 60 })).await;
        house.wait(Duration::from_mins(1));
        assert_eq!((devices(&ana.api).await, ana.api.get(&made.location()).await.problem()), (0, "not_found".to_owned()));
        jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        assert_eq!(Raw::connect(house.storage()).await.count("usage_reservations").await, 0);
    }

    async fn twenty_reservations_at_once_end_at_the_limit(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.limit(Resource::Devices, 25).await;
        report(&ana.api, &json!({ "devices": 2 })).await.found();
        let held = json!({ "resource": "devices", "amount": 3 });
        let post = |_| ana.api.request("POST", RESERVATIONS).json(&held);
        assert_eq!(made_at_once((0..20).map(post)).await, 7);
        assert_eq!(devices(&ana.api).await, 23);
        report(&ana.api, &json!({ "devices": 99 })).await.found();
        assert_eq!(devices(&ana.api).await, 120, "a report is a fact");
    }

    async fn the_same_reservation_is_made_once(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let held = json!({ "resource": "devices", "amount": 3 });
        let post = || Answer::of(ana.api.request("POST", RESERVATIONS).header("idempotency-key", "once").json(&held));
        let (first, second) = (post().await.created(), post().await.created());
        assert_eq!((first, devices(&ana.api).await), (second, 3));
    }

    async fn a_grant_on_one_product_reports_for_that_one(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (rover, torch) = (product(&alice, "rover").await, product(&alice, "torch").await);
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let id = rover["id"].as_str().unwrap().parse().unwrap();
        house.grant(vera.user, PermissionSet::of(&[Permission::UsageWrite]), Some(id)).await;
        report(&vera.api, &json!({ "product": rover["id"], "devices": 1 })).await.found();
        let hers = json!({ "resource": "devices", "amount": 1, "product": rover["id"] });
        let hers = vera.api.post(RESERVATIONS, &hers).await;
        let other = json!({ "resource": "devices", "amount": 1, "product": torch["id"] });
        let others = alice.post(RESERVATIONS, &other).await.location();
        for refused in [
            report(&vera.api, &json!({ "product": torch["id"], "devices": 1 })).await,
            report(&vera.api, &json!({ "devices": 1 })).await,
            vera.api.post(RESERVATIONS, &other).await,
            vera.api.delete(&others).await,
            vera.api.get(&others).await,
            vera.api.get(USAGE).await,
        ] {
            assert_eq!(refused.problem(), "permission_denied");
        }
        vera.api.delete(&hers.location()).await.done();
    }
}
