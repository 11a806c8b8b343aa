//! R4 and OpenID Connect Core §5.3: userinfo tells the holder of a living access token who its person is now.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::refusal::{is_nobody, says_nothing};
use super::{tokens_for, userinfo, userinfo_with};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::user::UserStatus;

/// Bob's browser, and what Desk got for him.
async fn bob_at_desk(house: &House) -> (Visitor, serde_json::Value) {
    let bob = house.signed_in(Person::Bob).await;
    let desk = house.acme.desk.to_string();
    let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
    assert_eq!(userinfo(&bob, &tokens).await.status, StatusCode::OK);
    (bob, tokens)
}

on_both! {
    async fn it_says_what_was_agreed_to_by_get_and_by_post(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        let token = tokens["access_token"].as_str().unwrap();
        let sub = house.acme.bob.to_string();
        let all = json!({ "sub": sub, "name": "Bob Becker", "email": Person::Bob.email(), "email_verified": true });
        for method in ["GET", "POST"] {
            let answer = Answer::of(bob.request(method, "/oauth2/userinfo").bearer_auth(token)).await;
            assert_eq!(answer.json(), all, "{method}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let desk = house.acme.desk.to_string();
        let only_openid = bob.arrives(&authorize(&desk, &[("scope", "openid")])).await.code();
        let narrow = tokens_for(&bob, &desk, &only_openid).await;
        assert_eq!(userinfo(&bob, &narrow).await.json(), json!({ "sub": sub }));
        let without = bob.arrives(&authorize(&desk, &[("scope", "device:read")])).await.code();
        let answer = userinfo(&bob, &tokens_for(&bob, &desk, &without).await).await;
        says_nothing(&answer);
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
        assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\""), "{answer:?}");
    }

    async fn r4_a_token_comes_in_the_header_or_not_at_all(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        let token = tokens["access_token"].as_str().unwrap();
        is_nobody(&bob.get("/oauth2/userinfo").await, "no token, though Bob's session is there");
        is_nobody(&bob.get(&format!("/oauth2/userinfo?access_token={token}")).await, "in the query");
        is_nobody(&bob.post("/oauth2/userinfo", &[("access_token", token)]).await, "in the body");
        let cookie = bob.request("GET", "/oauth2/userinfo").header("cookie", format!("access_token={token}"));
        is_nobody(&Answer::of(cookie).await, "in a cookie");
        for header in [
            token.to_owned(),
            format!("Basic {token}"),
            format!("DPoP {token}"),
            format!("Bearer{token}"),
            format!("Bearer \"{token}\""),
            format!("Bearer {token} {token}"),
            format!("Bearer {token},Bearer {token}"),
            format!("Bearer access_token={token}"),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            String::new(),
        ] {
            let request = bob.request("GET", "/oauth2/userinfo").header("authorization", &header);
            is_nobody(&Answer::of(request).await, &header);
        }
        let twice = bob.request("GET", "/oauth2/userinfo").bearer_auth("x").bearer_auth(token);
        is_nobody(&Answer::of(twice).await, "two headers");
        let lower = bob.request("GET", "/oauth2/userinfo").header("authorization", format!("bearer {token}"));
        assert_eq!(Answer::of(lower).await.status, StatusCode::OK, "RFC 9110 §11.1: the scheme has no case");
    }

    async fn an_id_token_is_no_access_token(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        is_nobody(&userinfo_with(&bob, tokens["id_token"].as_str().unwrap()).await, "an id token");
    }

    async fn a_token_is_dead_after_five_minutes(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        house.wait(Duration::from_secs(299));
        assert_eq!(userinfo(&bob, &tokens).await.status, StatusCode::OK);
        house.wait(Duration::from_secs(1));
        is_nobody(&userinfo(&bob, &tokens).await, "at its end");
    }

    async fn a_suspended_person_is_nobody_at_once(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        for status in [UserStatus::Suspended, UserStatus::Deleted] {
            house.set_user(house.acme.bob, status).await;
            is_nobody(&userinfo(&bob, &tokens).await, status.as_str());
        }
    }

    async fn a_suspended_member_is_nobody_at_once(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        for status in [MembershipStatus::Suspended, MembershipStatus::Inactive] {
            house.set_member(house.acme.bob, house.acme.id, status).await;
            is_nobody(&userinfo(&bob, &tokens).await, status.as_str());
        }
        house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Active).await;
        assert_eq!(userinfo(&bob, &tokens).await.status, StatusCode::OK);
    }

    async fn a_signed_out_session_leaves_nobody_at_once(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        is_nobody(&userinfo(&bob, &tokens).await, "signed out");
        bob.sign_in(Person::Bob).await;
        is_nobody(&userinfo(&bob, &tokens).await, "a new session does not wake the old one's tokens");
    }

    async fn an_application_that_is_switched_off_knows_nobody_at_once(house) {
        let (bob, tokens) = bob_at_desk(&house).await;
        house.switch_off(house.acme.desk).await;
        is_nobody(&userinfo(&bob, &tokens).await, "switched off");
    }

    async fn another_person_in_the_same_browser_ends_the_first_ones_tokens(house) {
        let (browser, tokens) = bob_at_desk(&house).await;
        let desk = house.acme.desk.to_string();
        house.wait(Duration::from_secs(1));
        let page = browser.arrives(&authorize(&desk, &[("prompt", "login")])).await;
        house.wait(Duration::from_secs(1));
        browser.sign_in_on(&page, Person::Alice.email(), Person::Alice.password()).await;
        is_nobody(&userinfo(&browser, &tokens).await, "Bob was signed out");
    }
}
