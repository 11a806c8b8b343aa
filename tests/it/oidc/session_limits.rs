//! A session acts for an organization as long as both let it: then one signs in again. Addresses and second factors
//! that are asked for and not there close the door.

use std::time::Duration;

use super::refusal::{is_no_token, is_nobody, is_page, is_told};
use super::{tokens_for, userinfo};
use crate::harness::cast::RESOURCE;
use crate::harness::visitor::{VERIFIER, authorize};
use crate::harness::{House, Person, on_both};
use doorward::domain::access::Policy;
use doorward::domain::session::SessionLimits;
use reqwest::StatusCode;

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const MILLISECOND: Duration = Duration::from_millis(1);

async fn limit(house: &House, idle: Duration, max: Duration) {
    house
        .set_policy(Policy::default(), SessionLimits { idle, max })
        .await;
}

fn only_from(network: &str) -> Policy {
    Policy {
        ip_allowlist: vec![network.parse().unwrap()],
        ..Policy::default()
    }
}

on_both! {
    async fn eight_hours_without_use_end_a_session(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        house.wait(Duration::from_hours(8));
        bob.code(&desk).await;
        house.wait(Duration::from_hours(8) + MILLISECOND);
        let silent = bob.get(&authorize(&desk, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "login_required", "idle");
        assert_eq!(bob.arrives(&authorize(&desk, &[])).await.heading(), "Sign in");
    }

    async fn twenty_four_hours_end_a_session_in_use(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for _ in 0..23 {
            house.wait(Duration::from_hours(1));
            bob.code(&desk).await;
        }
        house.wait(Duration::from_hours(1));
        let silent = bob.get(&authorize(&desk, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "login_required", "a day old");
        let page = bob.arrives(&authorize(&desk, &[])).await;
        let answer = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert!(bob.follow(answer).await.parameter("code").is_some(), "and a new one begins");
    }

    async fn an_organization_makes_it_shorter_for_itself_alone(house) {
        limit(&house, Duration::from_hours(1), Duration::from_hours(2)).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bob = house.signed_in(Person::Bob).await;
        let (desk, parasol) = (house.acme.desk.to_string(), house.acme.parasol.to_string());
        bob.code(&desk).await;
        house.wait(Duration::from_hours(1));
        bob.code(&desk).await;
        house.wait(Duration::from_hours(1) + MILLISECOND);
        let silent = bob.get(&authorize(&desk, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "login_required", "too old for Acme");
        bob.code(&parasol).await;

        let page = bob.arrives(&authorize(&desk, &[])).await;
        assert!(page.body.contains("Your session has ended"), "{page:?}");
        house.wait(MILLISECOND);
        let answer = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        let back = bob.follow(answer).await;
        assert!(back.parameter("code").is_some(), "once is enough: {back:?}");
    }

    async fn an_organizations_idle_time_counts_what_was_done_for_it(house) {
        limit(&house, Duration::from_mins(10), Duration::from_hours(24)).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        let bob = house.signed_in(Person::Bob).await;
        let (desk, parasol) = (house.acme.desk.to_string(), house.acme.parasol.to_string());
        bob.code(&desk).await;
        house.wait(Duration::from_mins(6));
        bob.code(&parasol).await;
        house.wait(Duration::from_mins(4) + MILLISECOND);
        assert_eq!(bob.arrives(&authorize(&desk, &[])).await.heading(), "Sign in", "Umbrella's work is not Acme's");
        bob.code(&parasol).await;
    }

    async fn limits_that_tighten_reach_what_was_handed_out(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let code = bob.code(&desk).await;
        house.wait(Duration::from_secs(30));
        limit(&house, Duration::from_secs(10), Duration::from_secs(20)).await;
        is_nobody(&userinfo(&bob, &tokens).await, "a token");
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "a code");
    }

    async fn an_allowlist_closes_the_door_to_other_addresses(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (desk, pocket) = (house.acme.desk.to_string(), house.acme.pocket.to_string());
        let on_the_way = bob.code(&desk).await;
        let native = [("redirect_uri", "http://127.0.0.1/done")];
        let public_code = bob.agrees(&authorize(&pocket, &native)).await.code();
        house.set_policy(only_from("192.0.2.0/24"), SessionLimits::INSTANCE).await;

        is_page(&bob.arrives(&authorize(&desk, &[])).await, FORBIDDEN, "no_access", "from elsewhere");
        let silent = bob.get(&authorize(&desk, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "access_denied", "from elsewhere");
        let forwarded = bob.request("GET", &authorize(&desk, &[])).header("x-forwarded-for", "192.0.2.7");
        let forwarded = forwarded.header("forwarded", "for=192.0.2.7").header("x-real-ip", "192.0.2.7");
        is_page(&crate::harness::Answer::of(forwarded).await, FORBIDDEN, "no_access", "SE9: nobody's word for it");

        // A confidential back end's address is not the person's; a public client's is.
        tokens_for(&bob, &desk, &on_the_way).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &pocket),
            ("code", &public_code),
            ("redirect_uri", "http://127.0.0.1/done"),
            ("code_verifier", VERIFIER),
        ];
        is_no_token(&bob.post("/oauth2/token", &fields).await, "invalid_grant", "a public client from elsewhere");
        for near in ["127.0.0.0/8", "::ffff:127.0.0.1/128"] {
            house.set_policy(only_from(near), SessionLimits::INSTANCE).await;
            bob.code(&desk).await;
        }
    }

    async fn a_second_factor_that_is_asked_for_and_missing_closes_the_door(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let on_the_way = bob.code(&desk).await;
        let policy = Policy { require_mfa: true, ..Policy::default() };
        house.set_policy(policy, SessionLimits::INSTANCE).await;
        assert_eq!(bob.arrives(&authorize(&desk, &[])).await.heading(), "Add a second factor", "a password alone");
        let silent = bob.get(&authorize(&desk, &[("prompt", "none"), ("resource", RESOURCE)])).await;
        is_told(&silent, &house.url, "interaction_required", "a password alone");
        is_no_token(&bob.redeem(&desk, &on_the_way).await, "invalid_grant", "a code from before");
        is_nobody(&userinfo(&bob, &tokens).await, "a token from before");
        let alice = house.signed_in(Person::Alice).await;
        assert_eq!(alice.arrives(&authorize(&desk, &[])).await.heading(), "Add a second factor", "nor a superuser's");
    }
}
