//! Somebody or something that passes for another: other programs, other people, other windows.

use std::time::Duration;

use doorward::domain::access::Policy;
use doorward::domain::session::SessionLimits;
use reqwest::StatusCode;

use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};

/// The id token that an application got for somebody.
async fn id_token(house: &House, person: &Visitor) -> String {
    let desk = house.acme.desk.to_string();
    let tokens = person.redeem(&desk, &person.code(&desk).await).await;
    tokens.json()["id_token"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_program_on_the_same_machine_gets_no_code_without_a_click(house) {
        let bob = house.signed_in(Person::Bob).await;
        let pocket = house.acme.pocket.to_string();
        let asked = authorize(&pocket, &[("redirect_uri", "http://127.0.0.1:4711/done")]);
        for _ in 0..2 {
            let consent = bob.arrives(&asked).await;
            assert_eq!(consent.heading(), "Give Acme Pocket access?", "each time anew");
            let back = bob.submit(&consent, &[("decision", "allow")]).await;
            assert!(back.location().starts_with("http://127.0.0.1:4711/done?code="));
        }
        let silent = bob.arrives(&format!("{asked}&prompt=none")).await;
        assert_eq!(silent.error(), "consent_required");
    }

    async fn an_id_token_hint_lets_nobody_else_through(house) {
        let alice = house.signed_in(Person::Alice).await;
        let hint = id_token(&house, &alice).await;
        let desk = house.acme.desk.to_string();
        let silently = |hint: &str| authorize(&desk, &[("prompt", "none"), ("id_token_hint", hint)]);
        assert!(alice.arrives(&silently(&hint)).await.parameter("code").is_some());
        let bob = house.signed_in(Person::Bob).await;
        assert_eq!(bob.arrives(&silently(&hint)).await.error(), "login_required");
        // Interactively he is asked to sign in, and told off only if he signs in as himself again.
        let page = bob.arrives(&authorize(&desk, &[("id_token_hint", &hint)])).await;
        house.wait(Duration::from_secs(1));
        let answer = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(bob.follow(answer).await.error(), "login_required");
        // A hint may be old, and signed by a key that is long retired.
        for _ in 0..2 {
            let (db, keyring) = (&house.instance.db, &house.instance.keyring);
            let host = doorward::audit::Actor::Host;
            doorward::directory::signing_keys::rotate(db, keyring, doorward::directory::signing_keys::When::AtOnce, host, house.clock.now()).await.unwrap();
            house.wait(Duration::from_hours(1));
        }
        assert!(alice.arrives(&silently(&hint)).await.parameter("code").is_some());
        for forged in [&hint[..hint.len() - 4], "x.y.z", "e30.e30."] {
            assert_eq!(alice.arrives(&silently(forged)).await.error(), "invalid_request");
        }
    }

    async fn what_another_site_embeds_leaves_nothing_waiting(house) {
        let bob = house.visitor();
        for kind in ["image", "iframe", "empty", "script"] {
            let request = bob.request("GET", &authorize(&house.acme.fleet.to_string(), &[]));
            let answer = Answer::of(request.header("sec-fetch-dest", kind)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{kind}");
            assert!(answer.cookies().is_empty());
        }
        let silent = bob.request("GET", &authorize(&house.acme.fleet.to_string(), &[("prompt", "none")]));
        let answer = Answer::of(silent.header("sec-fetch-dest", "iframe")).await;
        assert_eq!(answer.error(), "login_required", "a silent renewal in a frame still gets its answer");
    }

    async fn allow_means_the_organization_that_was_shown(house) {
        let bob = house.signed_in(Person::Bob).await;
        let consent = bob.arrives(&authorize(&house.acme.fleet.to_string(), &[])).await;
        let csrf = consent.field("csrf");
        let umbrella = house.acme.umbrella.to_string();
        let form = [("csrf", csrf.as_str()), ("organization", umbrella.as_str()), ("decision", "allow")];
        let answer = bob.post(&consent.action(), &form).await;
        let asked_again = bob.follow(answer).await;
        assert_eq!(asked_again.heading(), "Give Acme Fleet access?");
    }

    async fn an_organizations_idle_limit_counts_from_before_its_first_application(house) {
        let strict = SessionLimits { idle: Duration::from_mins(15), max: Duration::from_hours(8) };
        house.set_policy(Policy::default(), strict).await;
        let bob = house.signed_in(Person::Bob).await;
        house.wait(Duration::from_hours(2));
        bob.get("/").await;
        let page = bob.arrives(&authorize(&house.acme.desk.to_string(), &[])).await;
        assert_eq!(page.heading(), "Sign in");
        assert!(page.body.contains("Your session has ended."));
        let again = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert!(bob.follow(again).await.parameter("code").is_some());
    }
}
