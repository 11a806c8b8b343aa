//! Sessions: SE1, SE2, SE3, SE9, SE11.

use std::time::Duration;

use doorward::domain::membership::MembershipStatus;
use doorward::domain::throttle::Allowance;
use doorward::storage::audit_events;
use reqwest::StatusCode;

use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

/// The value of one `Set-Cookie`.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.cookies();
    let found = cookies
        .iter()
        .find_map(|cookie| cookie.strip_prefix(&format!("{name}=")))?;
    found.split(';').next().map(str::to_owned)
}

on_both! {
    async fn se1_a_cookie_from_before_the_sign_in_opens_nothing_after_it(house) {
        let bob = house.visitor();
        let planted = "planted-by-mallory-planted-by-mallory-pla";
        let page = Answer::of(bob.request("GET", "/sign-in").header("cookie", format!("doorward_session={planted}"))).await;
        let signed_in = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        let session = cookie(&signed_in, "doorward_session").unwrap();
        assert_ne!(session, planted);
        let mallory = house.visitor();
        let with = |value: &str| mallory.request("GET", "/").header("cookie", format!("doorward_session={value}"));
        assert_eq!(Answer::of(with(planted)).await.location(), "/sign-in");
        assert_eq!(Answer::of(with(&session)).await.status, StatusCode::OK);
    }

    async fn se2_signing_in_again_kills_the_earlier_cookie(house) {
        let bob = house.visitor();
        let first = cookie(&bob.sign_in(Person::Bob).await, "doorward_session").unwrap();
        let fresh = authorize(&house.acme.desk.to_string(), &[("prompt", "login")]);
        let page = bob.arrives(&fresh).await;
        house.wait(Duration::from_secs(1));
        let again = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert_ne!(cookie(&again, "doorward_session").unwrap(), first);
        let old = house.visitor().request("GET", "/").header("cookie", format!("doorward_session={first}"));
        assert_eq!(Answer::of(old).await.location(), "/sign-in");
    }

    async fn se3_two_people_in_one_browser_never_share_a_session(house) {
        let shared = house.visitor();
        let fresh = authorize(&house.acme.desk.to_string(), &[("prompt", "login")]);
        let bobs = cookie(&shared.sign_in(Person::Bob).await, "doorward_session").unwrap();
        let bobs_code = shared.code(&house.acme.desk.to_string()).await;
        let bobs_tokens = shared.redeem(&house.acme.desk.to_string(), &bobs_code).await.json();
        let page = shared.arrives(&fresh).await;
        house.wait(Duration::from_secs(1));
        shared.sign_in_on(&page, Person::Alice.email(), Person::Alice.password()).await;
        assert!(shared.get("/").await.body.contains(Person::Alice.email()));
        let old = house.visitor().request("GET", "/").header("cookie", format!("doorward_session={bobs}"));
        assert_eq!(Answer::of(old).await.location(), "/sign-in", "Bob's session ended");
        let token = bobs_tokens["access_token"].as_str().unwrap();
        let userinfo = Answer::of(shared.request("GET", "/oauth2/userinfo").bearer_auth(token)).await;
        assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "and his tokens with it");
    }

    async fn se9_a_stranger_cannot_choose_an_address_to_be_counted_by(house) {
        for guess in 0..=Allowance::NETWORK.free {
            let mallory = house.visitor();
            let page = mallory.get("/sign-in").await;
            let csrf = page.field("csrf");
            let from = |request: reqwest::RequestBuilder| request.header("x-forwarded-for", format!("198.51.100.{guess}"));
            let email = format!("victim{guess}@acme.example");
            let form = [("csrf", csrf.as_str()), ("email", email.as_str())];
            let step = Answer::of(from(mallory.request("POST", "/sign-in")).form(&form)).await.location();
            // Another each time: one password on many accounts is counted by itself.
            let password = format!("a wrong password, number {guess}");
            let form = [("csrf", csrf.as_str()), ("password", password.as_str())];
            let answer = Answer::of(from(mallory.request("POST", &step)).form(&form)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let bob = house.visitor();
        let answer = bob.sign_in(Person::Bob).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "one network, whatever it claims to be");
        assert_eq!(answer.header("retry-after"), "1");
    }

    async fn se11_signing_out_ends_the_session_and_its_tokens_at_once(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let tokens = bob.redeem(&desk, &bob.code(&desk).await).await.json();
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let userinfo = async || Answer::of(bob.request("GET", "/oauth2/userinfo").bearer_auth(&token)).await;
        assert_eq!(userinfo().await.status, StatusCode::OK);
        let code_on_its_way = bob.code(&desk).await;
        let home = bob.get("/").await;
        let out = bob.submit(&home, &[]).await;
        assert_eq!(out.location(), "/signed-out");
        assert_eq!(cookie(&out, "doorward_session").unwrap(), "");
        assert_eq!(bob.get("/").await.location(), "/sign-in");
        assert_eq!(userinfo().await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(bob.redeem(&desk, &code_on_its_way).await.error(), "invalid_grant");
    }

    async fn a_suspended_member_is_refused_by_the_next_request(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let tokens = bob.redeem(&desk, &bob.code(&desk).await).await.json();
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Suspended).await;
        let userinfo = Answer::of(bob.request("GET", "/oauth2/userinfo").bearer_auth(&token)).await;
        assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
        let answer = bob.arrives(&authorize(&desk, &[])).await;
        assert_eq!((answer.status, answer.heading().as_str()), (StatusCode::FORBIDDEN, "You can’t use this application"));
    }

    async fn every_sign_in_leaves_an_event_that_is_intact(house) {
        let bob = house.visitor();
        let page = bob.get("/sign-in").await;
        bob.sign_in_on(&page, Person::Bob.email(), "a wrong password indeed").await;
        bob.sign_in(Person::Bob).await;
        bob.submit(&bob.get("/").await, &[]).await;
        let mut snapshot = house.snapshot().await;
        let events = audit_events::all(&mut snapshot.tx()).await.unwrap();
        let bob = house.acme.bob.to_string();
        let of_bob = |action: &str| {
            events.iter().filter(|event| event.action == action && (event.actor == bob || event.target.as_ref() == Some(&bob))).count()
        };
        assert_eq!(of_bob("user.sign_in_failed"), 1);
        assert_eq!(of_bob("user.signed_in"), 1);
        assert_eq!(of_bob("user.signed_out"), 1);
        assert!(events.iter().all(|event| doorward::audit::is_intact(&house.instance.keyring, event)));
        assert!(events.iter().all(|event| !event.detail.contains("wrong password")));
    }
}
