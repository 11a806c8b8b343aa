//! `/metrics`: what is counted, and that nothing in it is a secret or without end.

use std::time::Duration;

use super::exposition::Page;
use super::{asks, starting};
use crate::harness::{House, Person, on_both};

const ROUTES: &str = "doorward_http_requests_total";
const SIGN_INS: &str = "doorward_sign_ins_total";
const TOKENS: &str = "doorward_tokens_issued_total";

async fn metrics(house: &House) -> Page {
    let answer = asks(house, "/metrics").await;
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    Page::read(&answer.body)
}

fn version(page: &Page) -> Option<f64> {
    page.value("doorward_build_info", &[("version", env!("CARGO_PKG_VERSION"))])
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_start_there_is_a_process() {
    let (watcher, internal) = starting().await;
    let text = watcher.get("/metrics").await.body;
    assert_eq!(version(&Page::read(&text)), Some(1.0));
    let started = format!("process_start_time_seconds {}\n", internal.started_at().seconds());
    assert!(text.contains(&started), "{text}");
}

on_both! {
    async fn a_sign_in_and_a_token_are_counted(house) {
        let before = metrics(&house).await;
        assert_eq!(before.value(SIGN_INS, &[("outcome", "signed_in")]), Some(0.0));
        assert_eq!(before.value(TOKENS, &[("grant_type", "authorization_code")]), Some(0.0));

        let bob = house.signed_in(Person::Bob).await;
        let client = house.acme.desk.to_string();
        let code = bob.code(&client).await;
        bob.redeem(&client, &code).await.json();
        let refused = bob.redeem(&client, &code).await;
        assert_eq!(refused.error(), "invalid_grant");

        let after = metrics(&house).await;
        assert_eq!(after.value(SIGN_INS, &[("outcome", "signed_in")]), Some(1.0));
        assert_eq!(after.value(TOKENS, &[("grant_type", "authorization_code")]), Some(1.0));
        let redeemed = |class| after.value(ROUTES, &[("route", "/oauth2/token"), ("method", "POST"), ("status", class)]);
        assert_eq!((redeemed("2xx"), redeemed("4xx"), redeemed("5xx")), (Some(1.0), Some(1.0), None));
        let took = [("route", "/oauth2/token"), ("method", "POST")];
        assert_eq!(after.value("doorward_http_request_duration_seconds_count", &took), Some(2.0));
    }

    async fn a_wrong_password_is_counted_as_one(house) {
        let visitor = house.visitor();
        let page = visitor.get("/sign-in").await;
        visitor.sign_in_on(&page, Person::Bob.email(), "not his password").await;
        assert_eq!(metrics(&house).await.value(SIGN_INS, &[("outcome", "wrong")]), Some(1.0));
    }

    async fn keys_grow_old_and_the_database_is_kept_busy(house) {
        house.wait(Duration::from_hours(2));
        let page = metrics(&house).await;
        for algorithm in ["ES256", "RS256", "EdDSA"] {
            let age = page.value("doorward_signing_key_age_seconds", &[("algorithm", algorithm)]);
            assert_eq!(age, Some(7200.0), "{algorithm}");
        }
        let open = |state| page.value("doorward_database_connections", &[("state", state)]).unwrap();
        assert!(open("used") + open("idle") >= 1.0);
        let number = |name| page.value(name, &[]).unwrap();
        assert!(number("doorward_database_writes_waiting") < 1.0);
        let (writes, commits) = (number("doorward_database_writes_total"), number("doorward_database_commits_total"));
        assert!(1.0 <= commits && commits <= writes, "{commits} commits of {writes} writes");
    }

    async fn no_label_is_a_callers_word(house) {
        let bob = house.signed_in(Person::Bob).await;
        let code = bob.code(&house.acme.desk.to_string()).await;
        bob.get(&format!("/made-up/{code}?code={code}")).await;
        bob.get("/oauth2/authorize/areq_01h2xcejqtf2nbrexx3vqjhp41").await;
        bob.request("BREW", "/sign-in").send().await.unwrap();
        let text = asks(&house, "/metrics").await.body;
        for word in [code.as_str(), "made-up", "BREW", "areq_", "app_", "usr_", "bob", "Mozilla", "127.0.0.1"] {
            assert!(!text.contains(word), "{word} is in {text}");
        }
        let page = Page::read(&text);
        let lost = [("route", "none"), ("method", "GET"), ("status", "4xx")];
        assert_eq!(page.value(ROUTES, &lost), Some(1.0));
        let resumed = [("route", "/oauth2/authorize/{request}"), ("method", "GET"), ("status", "4xx")];
        assert_eq!(page.value(ROUTES, &resumed), Some(1.0));
        let made_up = page.samples().filter(|(_, labels, _)| labels.get("method").is_some_and(|method| method == "other"));
        assert!(made_up.count() > 0);
    }
}
