//! OpenID Connect Core §3.1.2.1, RFC 8252 §8.6: whom an application expects is who it gets, or nobody; and a native
//! application is never let in unseen.

use std::time::Duration;

use super::forgery::{Loot, hmac_signed, with_header, with_signature};
use super::refusal::{is_told, says_nothing};
use super::{claims_of, tokens_for};
use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};

on_both! {
    async fn a_hint_however_old_means_its_person(house) {
        let loot = Loot::at(&house).await;
        house.wait(Duration::from_hours(1));
        let hinted = [("id_token_hint", loot.id.as_str()), ("prompt", "none")];
        let answer = loot.bob.get(&authorize(&loot.client_id, &hinted)).await;
        let tokens = tokens_for(&loot.bob, &loot.client_id, &answer.code()).await;
        assert_eq!(claims_of(tokens["id_token"].as_str().unwrap())["sub"], house.acme.bob.to_string());

        let nobody = house.visitor().get(&authorize(&loot.client_id, &hinted)).await;
        is_told(&nobody, &house.url, "login_required", "a hint is no session");
    }

    async fn somebody_else_than_the_hint_says_is_not_handed_over(house) {
        let loot = Loot::at(&house).await;
        let alice = house.signed_in(Person::Alice).await;
        let silent = [("id_token_hint", loot.id.as_str()), ("prompt", "none")];
        is_told(&alice.get(&authorize(&loot.client_id, &silent)).await, &house.url, "login_required", "Alice for Bob");

        house.wait(Duration::from_secs(1));
        let asked = authorize(&loot.client_id, &silent[..1]);
        for (person, comes_in) in [(Person::Alice, false), (Person::Bob, true)] {
            let page = alice.arrives(&asked).await;
            assert_eq!(page.heading(), "Sign in");
            house.wait(Duration::from_secs(1));
            let answer = alice.sign_in_on(&page, person.email(), person.password()).await;
            let back = alice.follow(answer).await;
            assert_eq!(back.parameter("code").is_some(), comes_in, "{person:?}: {back:?}");
            if !comes_in {
                is_told(&back, &house.url, "login_required", "Alice again");
            }
            house.wait(Duration::from_secs(1));
        }
    }

    async fn jw1_jw2_jw6_only_the_applications_own_id_token_is_a_hint(house) {
        let loot = Loot::at(&house).await;
        let fleet = house.acme.fleet.to_string();
        is_told(&loot.bob.get(&authorize(&fleet, &[("id_token_hint", &loot.id)])).await, &house.url, "invalid_request", "another's");
        let unsigned = with_header(&loot.id, |header| header["alg"] = "none".into());
        for (case, hint) in [
            ("an access token", loot.access.clone()),
            ("alg none", unsigned.clone()),
            ("alg none, no signature", with_signature(&unsigned, &[])),
            ("no signature", with_signature(&loot.id, &[])),
            ("HS256", hmac_signed(&loot.id, b"")),
            ("another claim", { let parts: Vec<_> = loot.id.split('.').collect(); format!("{}.e30.{}", parts[0], parts[2]) }),
            ("no token", "x".to_owned()),
            ("a person's id", house.acme.bob.to_string()),
        ] {
            let answer = loot.bob.get(&authorize(&loot.client_id, &[("id_token_hint", &hint)])).await;
            is_told(&answer, &house.url, "invalid_request", case);
        }
        let doubled = format!("{}&id_token_hint=x&id_token_hint=y", authorize(&loot.client_id, &[]));
        is_told(&loot.bob.get(&doubled).await, &house.url, "invalid_request", "twice");
    }

    async fn a_native_application_asks_its_person_each_time(house) {
        let bob = house.signed_in(Person::Bob).await;
        let pocket = house.acme.pocket.to_string();
        let native = [("redirect_uri", "http://127.0.0.1:51004/done")];
        for _ in 0..2 {
            let page = bob.arrives(&authorize(&pocket, &native)).await;
            assert_eq!(page.heading(), "Give Acme Pocket access?");
            let silent = bob.get(&authorize(&pocket, &[native[0], ("prompt", "none")])).await;
            says_nothing(&silent);
            assert_eq!(silent.error(), "consent_required", "{silent:?}");
            let back = bob.submit(&page, &[("decision", "allow")]).await;
            assert!(back.parameter("code").is_some(), "{back:?}");
        }
    }
}
