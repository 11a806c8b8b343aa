//! What an organization asks of whoever enters it: a second factor, one that it allows, one that was shown lately enough;
//! and what an application may ask besides (`acr_values`, RFC 9470).

use std::time::Duration;

use doorward::domain::access::Policy;
use doorward::domain::security::Factor;
use doorward::domain::session::SessionLimits;
use doorward::storage::security;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::refusal::is_told;
use super::{claims_of, tokens_for, userinfo};
use crate::harness::code_app::Authenticator;
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};

const STEP: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_hours(24);

/// Acme asks for a second factor from now on.
async fn acme_asks(house: &House, grace_days: i64, trusted_days: i64, allowed: &[Factor]) {
    let policy = Policy {
        require_mfa: true,
        ..Policy::default()
    };
    house.set_policy(policy, SessionLimits::INSTANCE).await;
    let (acme, now, allowed) = (house.acme.id, house.clock.now(), allowed.to_vec());
    house
        .write(move |tx| {
            let allowed = allowed.clone();
            Box::pin(async move {
                let mut settings = security::of(tx, acme).await?.unwrap();
                settings.mfa_grace_days = grace_days;
                settings.trusted_device_days = trusted_days;
                settings.allowed_factors = allowed;
                security::set(tx, acme, &settings, now).await
            })
        })
        .await;
}

/// The id token's claims of a code.
async fn told(visitor: &Visitor, client_id: &str, code: &str) -> Value {
    let tokens = tokens_for(visitor, client_id, code).await;
    claims_of(tokens["id_token"].as_str().unwrap())
}

/// Shows the app's code on the page that asks for it.
async fn show_code(house: &House, visitor: &Visitor, page: &Answer, app: &Authenticator) -> Answer {
    assert_eq!(page.heading(), "Enter your code", "{page:?}");
    let code = app.code(house.clock.now());
    let answer = visitor.submit(page, &[("code", &code)]).await;
    visitor.follow(answer).await
}

/// Where a request leads, page by page.
async fn asks(visitor: &Visitor, client_id: &str, changed: &[(&str, &str)]) -> Answer {
    visitor.arrives(&authorize(client_id, changed)).await
}

on_both! {
    async fn acme_asks_for_a_second_factor_on_the_way_in_and_umbrella_stays_open(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        acme_asks(&house, 0, 0, &Factor::ALL).await;
        let bob = house.signed_in(Person::Bob).await;
        let (desk, parasol) = (house.acme.desk.to_string(), house.acme.parasol.to_string());
        bob.code(&parasol).await;

        let page = asks(&bob, &desk, &[]).await;
        assert_eq!(page.heading(), "Add a second factor", "{page:?}");
        assert!(page.body.contains("Acme asks for more than a password"), "{page:?}");
        assert!(!page.body.contains("Not now"), "it can't wait");
        let (app, codes) = house.set_up_app(&bob).await;
        assert_eq!(codes.len(), 10);
        let claims = told(&bob, &desk, &bob.code(&desk).await).await;
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("aal2"), &json!(["mfa", "otp", "pwd"])), "{claims}");

        house.wait(STEP);
        let later = house.visitor();
        let page = later.get(&later.sign_in(Person::Bob).await.location()).await;
        assert_eq!(show_code(&house, &later, &page, &app).await.heading(), "Hello, Bob Becker");
        later.code(&desk).await;
        later.code(&parasol).await;
    }

    async fn what_was_handed_out_ends_with_the_policy_that_asks_for_more(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bob = house.signed_in(Person::Bob).await;
        let (desk, parasol) = (house.acme.desk.to_string(), house.acme.parasol.to_string());
        let acmes = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let umbrellas = tokens_for(&bob, &parasol, &bob.code(&parasol).await).await;
        acme_asks(&house, 0, 0, &Factor::ALL).await;
        assert_eq!(userinfo(&bob, &acmes).await.status, 401, "at the next request");
        assert_eq!(userinfo(&bob, &umbrellas).await.status, 200, "Umbrella asked for nothing");
        house.set_up_app(&bob).await;
        assert_eq!(userinfo(&bob, &acmes).await.status, 200, "the session is surer now, and the token hangs on it");
    }

    async fn a_member_has_their_time_to_set_one_up_and_then_it_is_over(house) {
        acme_asks(&house, 7, 0, &Factor::ALL).await;
        let desk = house.acme.desk.to_string();
        let bob = house.signed_in(Person::Bob).await;
        let page = asks(&bob, &desk, &[]).await;
        assert_eq!(page.heading(), "Add a second factor", "{page:?}");
        let answer = bob.submit(&page, &[]).await;
        let back = bob.follow(answer).await;
        assert!(back.parameter("code").is_some(), "not now: {back:?}");

        house.wait(6 * DAY + Duration::from_millis(86_399_999));
        let last_moment = house.signed_in(Person::Bob).await;
        let page = asks(&last_moment, &desk, &[]).await;
        assert!(page.body.contains("Not now"), "{page:?}");
        house.wait(Duration::from_millis(1));
        let answer = last_moment.submit(&page, &[]).await;
        let page = last_moment.follow(answer).await;
        assert_eq!((page.heading().as_str(), page.body.contains("Not now")), ("Add a second factor", false));
        assert!(!page.body.contains("csrf"), "there is no button to press");
    }

    async fn a_kind_that_acme_does_not_allow_opens_nothing_there(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        acme_asks(&house, 0, 0, &[Factor::Webauthn]).await;
        let bob = house.signed_in(Person::Bob).await;
        house.set_up_app(&bob).await;
        let (desk, parasol) = (house.acme.desk.to_string(), house.acme.parasol.to_string());
        let page = asks(&bob, &desk, &[]).await;
        assert_eq!(page.heading(), "Add a second factor", "an app is none to Acme");
        assert!(page.body.contains("Passkey or security key") && !page.body.contains("Authenticator app"), "{page:?}");
        bob.code(&parasol).await;
    }

    async fn a_trusted_device_is_not_asked_again_for_as_long_as_acme_says(house) {
        acme_asks(&house, 0, 7, &Factor::ALL).await;
        let desk = house.acme.desk.to_string();
        let bob = house.signed_in(Person::Bob).await;
        let (app, _) = house.set_up_app(&bob).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        house.wait(STEP);
        let page = bob.get(&bob.sign_in(Person::Bob).await.location()).await;
        assert!(page.body.contains("for 7 days"), "{page:?}");
        let code = app.code(house.clock.now());
        bob.submit(&page, &[("code", &code), ("trust", "1")]).await;

        house.wait(6 * DAY);
        assert_eq!(bob.sign_in(Person::Bob).await.location(), "/", "in by the password alone");
        let claims = told(&bob, &desk, &bob.code(&desk).await).await;
        assert_eq!((&claims["acr"], &claims["amr"]), (&json!("aal1"), &json!(["pwd"])), "nothing else was shown today");
        let stranger = house.visitor();
        assert!(stranger.sign_in(Person::Bob).await.location().contains("second-factor"), "another device");
        house.wait(DAY);
        assert!(bob.sign_in(Person::Bob).await.location().contains("second-factor"), "seven days are over");
    }

    async fn an_organization_that_trusts_no_device_asks_each_time_though_another_does_not(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let desk = house.acme.desk.to_string();
        let bob = house.signed_in(Person::Bob).await;
        let (app, _) = house.set_up_app(&bob).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        house.wait(STEP);
        let page = bob.get(&bob.sign_in(Person::Bob).await.location()).await;
        bob.submit(&page, &[("code", &app.code(house.clock.now())), ("trust", "1")]).await;
        house.wait(DAY);
        assert_eq!(bob.sign_in(Person::Bob).await.location(), "/", "nobody asks for a second factor");
        acme_asks(&house, 0, 0, &Factor::ALL).await;
        bob.code(&house.acme.parasol.to_string()).await;
        let page = asks(&bob, &desk, &[]).await;
        let back = show_code(&house, &bob, &page, &app).await;
        assert!(back.parameter("code").is_some(), "{back:?}");
    }

    async fn an_application_asks_for_two_factors_and_gets_them(house) {
        let desk = house.acme.desk.to_string();
        let bob = house.signed_in(Person::Bob).await;
        let surely = [("acr_values", "aal2")];
        let silently = [("acr_values", "aal2"), ("prompt", "none")];
        assert_eq!(asks(&bob, &desk, &surely).await.heading(), "Add a second factor", "he has none");
        is_told(&bob.get(&authorize(&desk, &silently)).await, &house.url, "interaction_required", "nothing to show");
        let (app, _) = house.set_up_app(&bob).await;
        let back = asks(&bob, &desk, &surely).await;
        assert_eq!(told(&bob, &desk, &back.code()).await["acr"], "aal2");

        bob.submit(&bob.get("/sign-out").await, &[]).await;
        house.wait(STEP);
        let page = bob.get(&bob.sign_in(Person::Bob).await.location()).await;
        bob.submit(&page, &[("code", &app.code(house.clock.now())), ("trust", "1")]).await;
        house.wait(DAY);
        bob.sign_in(Person::Bob).await;
        is_told(&bob.get(&authorize(&desk, &silently)).await, &house.url, "login_required", "shown a day ago");
        bob.code(&desk).await;
        for any in ["aal2 aal1", "urn:example:gold"] {
            let back = bob.get(&authorize(&desk, &[("acr_values", any), ("prompt", "none")])).await;
            assert!(back.parameter("code").is_some(), "{any}: {back:?}");
        }
        let page = asks(&bob, &desk, &surely).await;
        let back = show_code(&house, &bob, &page, &app).await;
        assert_eq!(told(&bob, &desk, &back.code()).await["acr"], "aal2");
    }

    async fn lg7_a_second_factor_alone_opens_no_session(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (app, _) = house.set_up_app(&bob).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        house.wait(STEP);
        let page = bob.get(&bob.sign_in(Person::Bob).await.location()).await;
        bob.submit(&page, &[("code", &app.code(house.clock.now())), ("trust", "1")]).await;
        house.wait(DAY);
        bob.sign_in(Person::Bob).await;
        acme_asks(&house, 0, 0, &Factor::ALL).await;
        let page = asks(&bob, &house.acme.desk.to_string(), &[]).await;
        assert_eq!(page.heading(), "Enter your code", "{page:?}");

        bob.submit(&bob.get("/sign-out").await, &[]).await;
        let code = app.code(house.clock.now());
        let answer = bob.submit(&page, &[("code", &code)]).await;
        assert_eq!(answer.status, StatusCode::GONE, "the session that was to be surer is gone: {answer:?}");
        assert_eq!(bob.get("/").await.location(), "/sign-in");
    }

    async fn lg8_one_persons_second_factor_makes_nobody_elses_session_surer(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (app, _) = house.set_up_app(&bob).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        house.wait(STEP);
        let page = bob.get(&bob.sign_in(Person::Bob).await.location()).await;
        bob.submit(&page, &[("code", &app.code(house.clock.now())), ("trust", "1")]).await;
        house.wait(DAY);
        bob.sign_in(Person::Bob).await;
        acme_asks(&house, 0, 0, &Factor::ALL).await;
        let page = asks(&bob, &house.acme.desk.to_string(), &[]).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        bob.sign_in(Person::Alice).await;
        let code = app.code(house.clock.now());
        let answer = bob.submit(&page, &[("code", &code)]).await;
        assert_eq!(answer.status, StatusCode::GONE, "{answer:?}");
        let alice = asks(&bob, &house.acme.desk.to_string(), &[]).await;
        assert_eq!(alice.heading(), "Add a second factor", "Alice proved nothing more: {alice:?}");
    }
}
