//! AZ16, AZ17, AZ20: what the person sees is what the application may ask for, and never less than it must be.

use std::time::Duration;

use reqwest::StatusCode;

use super::refusal::{is_told, says_nothing};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};

/// Signs in on the page that is there, and goes on.
async fn sign_in(visitor: &Visitor, page: &Answer, person: Person) -> Answer {
    let answer = visitor.sign_in_on(page, person.email(), person.password()).await;
    visitor.follow(answer).await
}

/// Agrees on the page that is there.
async fn agree(visitor: &Visitor, page: &Answer) -> Answer {
    assert_eq!(page.heading(), "Give Acme Fleet access?");
    visitor.submit(page, &[("decision", "allow")]).await
}

/// The claims of the id token that a code stands for.
async fn claims(visitor: &Visitor, client_id: &str, code: &str) -> serde_json::Value {
    let tokens = visitor.redeem(client_id, code).await.json();
    super::claims_of(tokens["id_token"].as_str().unwrap())
}

/// Two seconds go by, so that what comes now is later in a token too.
fn later(house: &House) {
    house.wait(Duration::from_secs(2));
}

on_both! {
    async fn az16_without_a_session_silence_is_login_required(house) {
        for client_id in [house.acme.desk, house.acme.fleet] {
            let asked = authorize(&client_id.to_string(), &[("prompt", "none")]);
            let nobody = house.visitor();
            let answer = nobody.get(&asked).await;
            is_told(&answer, &house.url, "login_required", "nobody is signed in");
            assert!(answer.cookies().is_empty(), "nothing waits: {answer:?}");
        }
        let bob = house.signed_in(Person::Bob).await;
        let asked = authorize(&house.acme.desk.to_string(), &[("prompt", "none"), ("max_age", "1")]);
        later(&house);
        is_told(&bob.get(&asked).await, &house.url, "login_required", "too long ago");
    }

    async fn az16_with_a_session_silence_gets_what_was_agreed_to_and_no_more(house) {
        let bob = house.signed_in(Person::Bob).await;
        let fleet = house.acme.fleet.to_string();
        let silent = authorize(&fleet, &[("prompt", "none")]);
        is_told(&bob.get(&silent).await, &house.url, "consent_required", "never asked");
        agree(&bob, &bob.arrives(&authorize(&fleet, &[])).await).await;
        let answer = bob.get(&silent).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "in one step, without a page: {answer:?}");
        assert_eq!(answer.parameter("iss").unwrap(), house.url);
        assert_eq!(claims(&bob, &fleet, &answer.code()).await["sub"], house.acme.bob.to_string());

        let wider = authorize(&fleet, &[("prompt", "none"), ("scope", "openid profile email device:read")]);
        is_told(&bob.get(&wider).await, &house.url, "consent_required", "more than was agreed to");
        let mallory = house.signed_in(Person::Mallory).await;
        is_told(&mallory.get(&silent).await, &house.url, "access_denied", "a stranger");
    }

    async fn az17_a_scope_that_was_added_later_is_asked_for(house) {
        let bob = house.signed_in(Person::Bob).await;
        let fleet = house.acme.fleet.to_string();
        let (narrow, wide) = ([("scope", "openid email")], [("scope", "openid email device:read")]);
        agree(&bob, &bob.arrives(&authorize(&fleet, &narrow)).await).await;
        assert!(bob.arrives(&authorize(&fleet, &narrow)).await.parameter("code").is_some());
        assert!(bob.arrives(&authorize(&fleet, &[("scope", "openid")])).await.parameter("code").is_some());
        let consent = bob.arrives(&authorize(&fleet, &wide)).await;
        assert!(consent.body.contains("device:read"), "{consent:?}");
        agree(&bob, &consent).await;
        assert!(bob.arrives(&authorize(&fleet, &wide)).await.parameter("code").is_some());
        // What Bob agreed to is Bob's.
        let alice = house.signed_in(Person::Alice).await;
        assert_eq!(alice.arrives(&authorize(&fleet, &narrow)).await.heading(), "Give Acme Fleet access?");
    }

    async fn prompt_consent_asks_again_and_a_no_is_told(house) {
        let bob = house.signed_in(Person::Bob).await;
        let fleet = house.acme.fleet.to_string();
        agree(&bob, &bob.arrives(&authorize(&fleet, &[])).await).await;
        let asked = authorize(&fleet, &[("prompt", "consent")]);
        let again = bob.arrives(&asked).await;
        assert!(agree(&bob, &again).await.parameter("code").is_some());

        let once_more = bob.arrives(&asked).await;
        let denied = bob.submit(&once_more, &[("decision", "deny")]).await;
        is_told(&denied, &house.url, "access_denied", "deny");
        for decision in ["allow", "deny"] {
            let answer = bob.submit(&once_more, &[("decision", decision)]).await;
            says_nothing(&answer);
            assert_eq!(answer.status, StatusCode::GONE, "answered already: {answer:?}");
        }
        let fresh = bob.arrives(&asked).await;
        for fields in [&[][..], &[("decision", "")], &[("decision", "ALLOW")], &[("decision", "allow"), ("decision", "deny")]] {
            let answer = bob.submit(&fresh, fields).await;
            says_nothing(&answer);
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields:?}: {answer:?}");
        }
    }

    async fn a_consent_page_is_its_own_browsers_and_its_own_persons(house) {
        let bob = house.signed_in(Person::Bob).await;
        let fleet = house.acme.fleet.to_string();
        let page = bob.arrives(&authorize(&fleet, &[])).await;
        let alice = house.signed_in(Person::Alice).await;
        for answer in [alice.submit(&page, &[("decision", "allow")]).await, alice.get(&page.action()).await] {
            says_nothing(&answer);
            assert_eq!(answer.status, StatusCode::GONE, "another browser: {answer:?}");
        }
        let unsigned = bob.post(&page.action(), &[("decision", "allow")]).await;
        says_nothing(&unsigned);
        assert!(unsigned.status.is_client_error(), "without the form's token: {unsigned:?}");
        let forged = bob.post(&page.action(), &[("decision", "allow"), ("csrf", "AAAA")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{forged:?}");
        assert!(agree(&bob, &page).await.parameter("code").is_some(), "still Bob's to answer");
    }

    async fn az20_prompt_login_and_an_age_of_nothing_ask_once_more_and_then_let_in(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let mut before = claims(&bob, &desk, &bob.code(&desk).await).await["auth_time"].as_i64().unwrap();
        for changed in [[("prompt", "login")], [("max_age", "0")], [("prompt", "select_account")]] {
            later(&house);
            let page = bob.arrives(&authorize(&desk, &changed)).await;
            assert_eq!(page.heading(), "Sign in", "{changed:?}");
            let resumed = bob.get(&page.action().replace("/sign-in?request=", "/oauth2/authorize/")).await;
            assert!(resumed.location().starts_with("/sign-in"), "no way around it: {resumed:?}");
            later(&house);
            let back = sign_in(&bob, &page, Person::Bob).await;
            let now = claims(&bob, &desk, &back.code()).await["auth_time"].as_i64().unwrap();
            assert_eq!(now, house.clock.now().seconds(), "{changed:?}");
            assert!(now > before, "{changed:?}");
            before = now;
        }
        later(&house);
        let recent = bob.arrives(&authorize(&desk, &[("max_age", "3600")])).await;
        assert_eq!(claims(&bob, &desk, &recent.code()).await["auth_time"], before, "recent enough");
        let exactly = bob.arrives(&authorize(&desk, &[("max_age", "2")])).await;
        assert!(exactly.parameter("code").is_some(), "{exactly:?}");
        house.wait(Duration::from_millis(1));
        assert_eq!(bob.arrives(&authorize(&desk, &[("max_age", "2")])).await.heading(), "Sign in");
    }

    async fn az20_a_fresh_sign_in_with_a_wrong_password_gets_nothing(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        later(&house);
        let page = bob.arrives(&authorize(&desk, &[("prompt", "login")])).await;
        let wrong = bob.sign_in_on(&page, Person::Bob.email(), "not his password at all").await;
        says_nothing(&wrong);
        let resumed = bob.get(&page.action().replace("/sign-in?request=", "/oauth2/authorize/")).await;
        assert!(resumed.location().starts_with("/sign-in"), "{resumed:?}");
    }

    async fn se3_a_fresh_sign_in_as_somebody_else_is_that_persons(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        later(&house);
        let page = bob.arrives(&authorize(&desk, &[("prompt", "login"), ("login_hint", Person::Bob.email())])).await;
        later(&house);
        let back = sign_in(&bob, &page, Person::Alice).await;
        let claims = claims(&bob, &desk, &back.code()).await;
        assert_eq!(claims["sub"], house.acme.alice.to_string());
        assert_eq!(claims["email"], Person::Alice.email());
    }
}
