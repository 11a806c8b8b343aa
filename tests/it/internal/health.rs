//! `/health/…`: each endpoint in each state of the house.

use reqwest::StatusCode;
use serde_json::json;

use super::{asks, starting};
use crate::harness::{Answer, on_both};

/// It is not so yet, and for this reason.
#[track_caller]
fn refuses(answer: &Answer, cause: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.json(), json!({ "status": "not ready", "cause": cause }));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[track_caller]
fn says(answer: &Answer, status: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json(), json!({ "status": status }));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_start_the_process_lives_and_is_not_ready() {
    let (watcher, _internal) = starting().await;
    says(&watcher.get("/health/live").await, "alive");
    refuses(&watcher.get("/health/started").await, "starting");
    refuses(&watcher.get("/health/ready").await, "starting");
}

on_both! {
    async fn an_open_house_is_alive_started_and_ready(house) {
        says(&asks(&house, "/health/live").await, "alive");
        says(&asks(&house, "/health/started").await, "started");
        says(&asks(&house, "/health/ready").await, "ready");
    }

    async fn a_house_without_its_database_lives_and_is_not_ready(house) {
        house.db().close().await;
        says(&asks(&house, "/health/live").await, "alive");
        says(&asks(&house, "/health/started").await, "started");
        refuses(&asks(&house, "/health/ready").await, "the database does not answer");
    }

    async fn a_house_that_is_told_to_stop_wants_no_more_work(house) {
        house.internal.is_stopping();
        says(&asks(&house, "/health/live").await, "alive");
        refuses(&asks(&house, "/health/ready").await, "stopping");
    }

    async fn neither_port_answers_what_is_the_others(house) {
        for path in ["/health/live", "/health/ready", "/health/started", "/metrics"] {
            assert_eq!(house.visitor().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/", "/sign-in", "/oauth2/jwks", "/.well-known/openid-configuration"] {
            assert_eq!(asks(&house, path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
