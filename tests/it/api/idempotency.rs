//! `Idempotency-Key`: the same POST twice makes one thing.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use doorward::jobs;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::PRODUCTS;
use crate::harness::{Answer, Api, Person, on_both};

async fn post(api: &Api, key: &str, body: &Value) -> Answer {
    Answer::of(
        api.request("POST", PRODUCTS)
            .header("idempotency-key", key)
            .json(body),
    )
    .await
}

on_both! {
    async fn the_same_request_has_the_same_answer(house) {
        let alice = house.in_browser(Person::Alice).await;
        let rover = json!({ "name": "rover" });
        let first = post(&alice, "k1", &rover).await.created();
        assert_eq!(post(&alice, "k1", &rover).await.created(), first);
        let other = post(&alice, "k1", &json!({ "name": "lantern" })).await;
        assert_eq!(
            (other.status, other.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused".to_owned())
        );
        let elsewhere = alice.request("POST", "/v2/organizations/umbrella/products").header("idempotency-key", "k1");
        assert_eq!(Answer::of(elsewhere.json(&rover)).await.problem(), "idempotency_key_reused");
        assert_eq!(post(&alice, "k2", &rover).await.problem(), "taken");
        assert_eq!(post(&alice, "k2", &json!({ "name": "torch" })).await.status, StatusCode::CREATED, "nothing was kept");
        for bad in ["", "a b", &"x".repeat(256)] {
            assert_eq!(post(&alice, bad, &rover).await.problem(), "invalid_request", "{bad}");
        }
    }

    async fn a_key_is_its_callers_own_and_good_for_a_day(house) {
        let alice = house.in_browser(Person::Alice).await;
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        post(&alice, "k", &json!({ "name": "rover" })).await.created();
        post(&dana.api, "k", &json!({ "name": "lantern" })).await.created();
        house.wait(Duration::from_hours(25));
        jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        assert_eq!(post(&dana.api, "k", &json!({ "name": "lantern" })).await.problem(), "taken");
    }

    async fn whoever_may_no_longer_is_not_answered_again(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        let body = json!({ "name": "rover" });
        post(&dana.api, "k", &body).await.created();
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        raw.run(&format!("UPDATE memberships SET role_id = NULL WHERE user_id = '{}'", dana.user)).await;
        assert_eq!(post(&dana.api, "k", &body).await.problem(), "permission_denied");
    }

    async fn twenty_at_once_make_one(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let request = dana.api.request("POST", PRODUCTS).header("idempotency-key", "k");
            tries.spawn(Answer::of(request.json(&json!({ "name": "rover" }))));
        }
        let answers: Vec<Value> = tries.join_all().await.iter().map(Answer::created).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(dana.api.get(PRODUCTS).await.found()["data"].as_array().unwrap().len(), 1);
    }
}
