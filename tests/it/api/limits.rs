//! Limits: nobody gets more than an organization may have, however many ask at once.

use doorward::domain::access::BuiltInRole;
use doorward::domain::limit::Resource;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use super::PRODUCTS;
use crate::harness::{Answer, Person, on_both};

/// Sends all at once; answers how many were made. The others must have heard that the limit is reached.
pub(super) async fn made_at_once(requests: impl Iterator<Item = RequestBuilder>) -> usize {
    let mut tries = JoinSet::new();
    for request in requests {
        tries.spawn(Answer::of(request));
    }
    let mut made = 0;
    for answer in tries.join_all().await {
        if answer.status == StatusCode::CREATED {
            made += 1;
        } else {
            assert_eq!(
                (answer.status, answer.problem()),
                (StatusCode::CONFLICT, "limit_reached".to_owned())
            );
        }
    }
    made
}

on_both! {
    async fn twenty_products_at_once_end_at_the_limit(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        house.limit(Resource::Products, 7).await;
        let post = |number| dana.api.request("POST", PRODUCTS).json(&json!({ "name": format!("rover-{number}") }));
        assert_eq!(made_at_once((0..20).map(post)).await, 7);
        let rover = dana.api.get(PRODUCTS).await.found()["data"][0]["id"].as_str().unwrap().to_owned();
        dana.api.delete(&format!("{PRODUCTS}/{rover}")).await.done();
        dana.api.post(PRODUCTS, &json!({ "name": "torch" })).await.created();
        let refused = dana.api.post(PRODUCTS, &json!({ "name": "lamp" })).await.json();
        assert_eq!(refused["detail"], "the organization has all 7 products that it may have");
        let mallory = house.in_browser(Person::Mallory).await;
        mallory.post("/v2/organizations/umbrella/products", &json!({ "name": "lamp" })).await.created();
    }

    async fn twenty_keys_at_once_end_at_the_limit(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alice = house.in_browser(Person::Alice).await;
        house.limit(Resource::ApiKeys, 5).await;
        let key = json!({ "name": "CI", "expires_in": "1d", "scopes": ["read"] });
        let own = json!({ "organization": "acme", "name": "CI", "expires_in": "1d", "scopes": ["read"] });
        let post = |number: usize| match number % 2 {
            0 => ana.api.request("POST", "/v2/organizations/acme/api-keys").json(&key),
            _ => alice.request("POST", "/v2/users/me/api-keys").json(&own),
        };
        assert_eq!(made_at_once((0..20).map(post)).await, 4, "Ana has one already");
        alice.delete(&format!("/v2/organizations/acme/api-keys/{}", ana.key)).await.done();
        alice.post("/v2/users/me/api-keys", &own).await.created();
        house.wait(std::time::Duration::from_hours(24));
        let alice = house.in_browser(Person::Alice).await;
        alice.post("/v2/users/me/api-keys", &own).await.created();
    }
}
