//! AZ11, AZ21, AZ22: a request by POST is the same request by GET, and nothing that was sent becomes markup.

use reqwest::StatusCode;

use super::refusal::{is_page, is_told, says_nothing};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, Visitor, on_both};

const BREAKOUTS: [&str; 4] = [
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    "{{7777*7777}}${7777*7777}<%= 7777*7777 %>",
];

/// Sends the good request's parameters in a form.
async fn by_post(visitor: &Visitor, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = visitor
        .request("POST", path)
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(request.body(body)).await
}

/// The query of a good request.
fn query(client_id: &str, changed: &[(&str, &str)]) -> String {
    authorize(client_id, changed)
        .split_once('?')
        .unwrap()
        .1
        .to_owned()
}

on_both! {
    async fn a_post_becomes_the_same_request_by_get(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let answer = by_post(&bob, "/oauth2/authorize", query(&desk, &[("state", "a b+c&d#e\u{e9}")])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "never 307: {answer:?}");
        assert!(answer.location().starts_with("/oauth2/authorize?"), "{answer:?}");
        let answer = bob.follow(answer).await;
        assert_eq!(answer.parameter("state").unwrap(), "a b+c&d#e\u{e9}");
        assert!(answer.parameter("code").is_some(), "{answer:?}");

        let from_elsewhere = bob
            .request("POST", "/oauth2/authorize")
            .header("origin", "https://fleet.acme.example")
            .header("sec-fetch-site", "cross-site")
            .form(&[("client_id", &desk)]);
        assert_eq!(Answer::of(from_elsewhere).await.status, StatusCode::SEE_OTHER);
    }

    async fn az11_what_is_in_the_query_and_in_the_body_is_doubled(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let good = query(&desk, &[]);
        for (extra, error) in [("scope=openid", "invalid_request"), ("%73cope=openid", "invalid_request")] {
            let answer = by_post(&bob, &format!("/oauth2/authorize?{extra}"), good.clone()).await;
            is_told(&bob.follow(answer).await, &house.url, error, extra);
        }
        for (extra, code) in [(format!("client_id={desk}"), "bad_request"), ("redirect_uri=https://evil.example".to_owned(), "bad_redirect")] {
            let answer = by_post(&bob, &format!("/oauth2/authorize?{extra}"), good.clone()).await;
            is_page(&bob.follow(answer).await, StatusCode::BAD_REQUEST, code, &extra);
        }
    }

    async fn a_body_that_is_no_form_sends_nobody_anywhere_else(house) {
        let bob = house.signed_in(Person::Bob).await;
        let good = query(&house.acme.desk.to_string(), &[]);
        for raw in ["\r\nLocation: https://evil.example", "\n", "\0", "\u{e9}", "\t", " ", "\u{7f}", "#", "//evil.example", "\\"] {
            let answer = by_post(&bob, "/oauth2/authorize", format!("{raw}{good}")).await;
            let answer = bob.follow(answer).await;
            assert!(!answer.status.is_server_error(), "{raw:?}: {answer:?}");
            assert!(!answer.location().contains("evil"), "{raw:?}: {answer:?}");
        }
        let raw = by_post(&bob, "/oauth2/authorize", vec![0xff, 0xfe, b'=']).await;
        is_page(&raw, StatusCode::BAD_REQUEST, "bad_request", "no text");
        let empty = by_post(&bob, "/oauth2/authorize", "").await;
        is_page(&bob.follow(empty).await, StatusCode::BAD_REQUEST, "unknown_client", "nothing");
        let half = format!("x={}", "a".repeat(9 * 1024));
        let together = by_post(&bob, &format!("/oauth2/authorize?{half}"), half.clone()).await;
        is_page(&together, StatusCode::PAYLOAD_TOO_LARGE, "too_large", "too long together");
        let alone = by_post(&bob, "/oauth2/authorize", "a".repeat(17 * 1024)).await;
        is_page(&alone, StatusCode::PAYLOAD_TOO_LARGE, "too_large", "too long alone");
    }

    async fn only_get_and_post_reach_it(house) {
        let bob = house.signed_in(Person::Bob).await;
        let good = authorize(&house.acme.desk.to_string(), &[]);
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let answer = Answer::of(bob.request(method, &good)).await;
            says_nothing(&answer);
            assert!(answer.status.is_client_error(), "{method}: {answer:?}");
            assert!(answer.headers.get("access-control-allow-origin").is_none(), "R10: {answer:?}");
        }
        let foreign = bob.request("GET", &good).header("origin", "https://evil.example");
        let answer = Answer::of(foreign).await;
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "R10: {answer:?}");
    }

    async fn az21_a_hint_with_markup_is_shown_as_text(house) {
        let bob = house.visitor();
        let fleet = house.acme.fleet.to_string();
        for hint in BREAKOUTS {
            let page = bob.arrives(&authorize(&fleet, &[("login_hint", hint)])).await;
            assert_eq!(page.heading(), "Sign in");
            assert!(!page.body.contains("<script") && !page.body.contains("<img src=x") && !page.body.contains("<svg onload"), "{page:?}");
            assert!(!page.body.contains("60481729"), "no template runs it: {page:?}");
            assert!(!page.body.contains(hint), "{page:?}");
        }
        let page = bob.arrives(&authorize(&fleet, &[("login_hint", Person::Bob.email())])).await;
        assert!(page.body.contains(&format!("value=\"{}\"", Person::Bob.email())), "{page:?}");
    }

    async fn az22_no_error_page_repeats_what_was_sent(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let markup = BREAKOUTS[0];
        for name in ["client_id", "redirect_uri", "state", "scope", "error", "error_description", "error_hint", "prompt", "organization", "resource", "response_type"] {
            let answer = bob.arrives(&authorize(&desk, &[("redirect_uri", "https://evil.example"), (name, markup)])).await;
            says_nothing(&answer);
            assert!(answer.status.is_client_error(), "{name}: {answer:?}");
            assert!(!answer.body.contains("<script") && !answer.body.contains("alert(1)"), "{name}: {answer:?}");
            assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{answer:?}");
        }
        // What is told to an application is told in words of ours.
        for (name, value) in [("scope", "\"<script>"), ("prompt", markup), ("max_age", markup), ("response_type", markup), ("resource", markup)] {
            let answer = bob.get(&authorize(&desk, &[(name, value)])).await;
            let description = answer.parameter("error_description").unwrap();
            assert!(!description.contains('<') && !description.contains("alert"), "{name}: {description}");
            assert!(description.bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'), "RFC 6749 A.8: {description}");
        }
    }
}
