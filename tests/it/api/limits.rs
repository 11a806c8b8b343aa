//! Limits: nobody gets more than an organization may have, however many ask at once.

use doorward::domain::access::BuiltInRole;
use doorward::domain::limit::Resource;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use super::{PRODUCTS, audited, product};
use crate::harness::{Answer, Person, on_both};

const LIMITS: &str = "/v2/organizations/acme/limits";

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
    async fn limits_are_shown_beside_what_is_used(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        product(&ana.api, "rover").await;
        let limit = |limit: i64, maximum: Option<i64>, used: i64| json!({ "limit": limit, "maximum": maximum, "used": used });
        let whole = json!({
            "products": limit(100, None, 1), "devices": limit(10_000, None, 0), "users": limit(50, Some(500), 3),
            "api_keys": limit(100, Some(1_000), 1), "webhooks": limit(25, Some(100), 0),
        });
        assert_eq!(ana.api.get(LIMITS).await.found(), whole);
        let raised = ana.api.patch(LIMITS, &json!({ "products": 1_000_000_000, "users": 500, "webhooks": 0 })).await.found();
        assert_eq!((&raised["products"]["limit"], &raised["users"]["limit"]), (&json!(1_000_000_000), &json!(500)));
        assert_eq!(ana.api.get(LIMITS).await.found(), raised);
        let [(_, told)] = audited(&house, "organization.limits_changed").await.try_into().unwrap();
        assert_eq!((&told["after"]["users"], told["after"].get("devices")), (&json!(500), None));
        assert_eq!(told["before"]["users"], whole["users"]["limit"]);
    }

    async fn only_a_superuser_goes_above_the_maximum(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let alice = house.in_browser(Person::Alice).await;
        for (body, pointer) in [
            (json!({ "users": 501 }), "/users"),
            (json!({ "api_keys": 1_001 }), "/api_keys"),
            (json!({ "webhooks": 101 }), "/webhooks"),
            (json!({ "devices": -1 }), "/devices"),
            (json!({ "products": 1_000_000_001 }), "/products"),
            (json!({ "products": null }), "/products"),
        ] {
            let refused = olga.api.patch(LIMITS, &body).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        let two = olga.api.patch(LIMITS, &json!({ "users": 501, "webhooks": 101 })).await.json();
        assert_eq!(two["errors"].as_array().unwrap().len(), 2);
        let raised = alice.patch(LIMITS, &json!({ "users": 5_000 })).await.found();
        assert_eq!((&raised["users"]["limit"], &raised["users"]["maximum"]), (&json!(5_000), &json!(500)));
        olga.api.patch(LIMITS, &json!({ "products": 7 })).await.found();
        assert_eq!(olga.api.patch(LIMITS, &json!({ "users": 4_999 })).await.pointer(), "/users", "what was raised can only come down");
        assert_eq!(alice.patch(LIMITS, &json!({ "users": 1_000_000_001 })).await.pointer(), "/users");
    }

    async fn a_limit_below_what_is_used_takes_nothing_away(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        for name in ["rover", "torch"] {
            product(&ana.api, name).await;
        }
        ana.api.patch(LIMITS, &json!({ "products": 1 })).await.found();
        assert_eq!(ana.api.post(PRODUCTS, &json!({ "name": "lamp" })).await.problem(), "limit_reached");
        let left = ana.api.get(PRODUCTS).await.found();
        assert_eq!(left["data"].as_array().unwrap().len(), 2);
        let rover = left["data"][0]["id"].as_str().unwrap().to_owned();
        ana.api.delete(&format!("{PRODUCTS}/{rover}")).await.done();
        assert_eq!(ana.api.post(PRODUCTS, &json!({ "name": "lamp" })).await.problem(), "limit_reached");
    }

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
