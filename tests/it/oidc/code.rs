//! TK1, TK3–TK8, AZ10, AZ18: a code is good once, for a minute, for whom it was made, as long as what it stands on does.

use std::time::Duration;

use reqwest::StatusCode;

use super::refusal::{is_no_token, is_nobody, says_nothing};
use super::{tokens_for, userinfo};
use crate::harness::cast::CALLBACK;
use crate::harness::visitor::{CHALLENGE, VERIFIER, authorize};
use crate::harness::{Answer, House, Person, on_both};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::user::UserStatus;

/// 43 characters that hash to something else.
const ANOTHER_VERIFIER: &str = "another-verifier-0123456789-0123456789-01234";

/// A confidential application that goes without PKCE.
async fn without_pkce(house: &House) -> String {
    house
        .register("Acme Ledger", |application| application.require_pkce = false)
        .await
}

on_both! {
    async fn tk1_a_code_that_comes_back_is_refused_and_its_tokens_die(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let first = tokens_for(&bob, &desk, &code).await;
        let other = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        assert_eq!(userinfo(&bob, &first).await.status, StatusCode::OK);

        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "again");
        is_nobody(&userinfo(&bob, &first).await, "the tokens of a code that was used twice");
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "and again");
        assert_eq!(userinfo(&bob, &other).await.status, StatusCode::OK, "another sign-in's tokens live on");
    }

    async fn tk1_a_code_that_comes_back_late_still_ends_its_tokens(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let first = tokens_for(&bob, &desk, &code).await;
        house.wait(Duration::from_mins(4));
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "after its time");
        is_nobody(&userinfo(&bob, &first).await, "its tokens");
    }

    async fn tk3_another_applications_code_is_refused_and_stays_good(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (desk, fleet, parasol) =
            (house.acme.desk.to_string(), house.acme.fleet.to_string(), house.acme.parasol.to_string());
        let code = bob.code(&desk).await;
        for thief in [&fleet, &parasol] {
            is_no_token(&bob.redeem(thief, &code).await, "invalid_grant", thief);
        }
        let pocket = house.acme.pocket.to_string();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &pocket),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        is_no_token(&bob.post("/oauth2/token", &fields).await, "invalid_grant", "a public client");
        let kept = tokens_for(&bob, &desk, &code).await;
        assert_eq!(userinfo(&bob, &kept).await.status, StatusCode::OK);
        is_no_token(&bob.redeem(&fleet, &code).await, "invalid_grant", "used, and another's");
        assert_eq!(userinfo(&bob, &kept).await.status, StatusCode::OK, "no stranger ends it");
    }

    async fn tk4_the_redirect_uri_must_be_the_one_it_was_sent_to(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        for (redirect_uri, error) in [
            ("", "invalid_request"),
            ("https://fleet.acme.example/callback/", "invalid_grant"),
            ("https://fleet.acme.example:443/callback", "invalid_grant"),
            ("https://evil.example/", "invalid_grant"),
        ] {
            let answer = bob.token(&desk, &[("code", &code), ("redirect_uri", redirect_uri)]).await;
            is_no_token(&answer, error, redirect_uri);
        }
        tokens_for(&bob, &desk, &code).await;

        let pocket = house.acme.pocket.to_string();
        let asked = authorize(&pocket, &[("redirect_uri", "http://127.0.0.1:51004/done")]);
        let code = bob.agrees(&asked).await.code();
        for redirect_uri in ["http://127.0.0.1/done", "http://127.0.0.1:51005/done"] {
            let fields = [
                ("grant_type", "authorization_code"),
                ("client_id", &pocket),
                ("code", &code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", VERIFIER),
            ];
            is_no_token(&bob.post("/oauth2/token", &fields).await, "invalid_grant", redirect_uri);
        }
    }

    async fn tk5_az18_only_the_verifier_of_its_own_challenge_redeems_a_code(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let long = "a".repeat(129);
        for (verifier, error) in [
            (ANOTHER_VERIFIER, "invalid_grant"),
            ("", "invalid_request"),
            (CHALLENGE, "invalid_grant"),
            (&VERIFIER[..42], "invalid_grant"),
            (&VERIFIER.to_lowercase(), "invalid_grant"),
            (&format!("{VERIFIER}="), "invalid_grant"),
            (&format!("{VERIFIER} "), "invalid_grant"),
            (&long, "invalid_grant"),
        ] {
            let answer = bob.token(&desk, &[("code", &code), ("code_verifier", verifier)]).await;
            is_no_token(&answer, error, verifier);
        }
        // None of these burnt it.
        tokens_for(&bob, &desk, &code).await;
    }

    async fn tk5_az10_a_code_without_a_challenge_is_not_redeemed_with_a_verifier(house) {
        let bob = house.signed_in(Person::Bob).await;
        let ledger = without_pkce(&house).await;
        let stripped = [("code_challenge", ""), ("code_challenge_method", "")];
        let code = bob.arrives(&authorize(&ledger, &stripped)).await.code();
        is_no_token(&bob.redeem(&ledger, &code).await, "invalid_grant", "a verifier for no challenge");
        let answer = bob.token(&ledger, &[("code", &code), ("code_verifier", "")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

        // A challenge that was sent is checked there too.
        let code = bob.code(&ledger).await;
        let without = bob.token(&ledger, &[("code", &code), ("code_verifier", "")]).await;
        is_no_token(&without, "invalid_grant", "no verifier for a challenge");
        tokens_for(&bob, &ledger, &code).await;
    }

    async fn tk6_a_code_is_good_for_sixty_seconds_and_not_one_more_millisecond(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for (age, good) in [(59_999, true), (60_000, false), (60_001, false), (61_000, false)] {
            let code = bob.code(&desk).await;
            house.wait(Duration::from_millis(age));
            let answer = bob.redeem(&desk, &code).await;
            if good {
                assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            } else {
                is_no_token(&answer, "invalid_grant", &format!("after {age} ms"));
            }
        }
    }

    async fn tk7_a_suspended_persons_code_is_worth_nothing(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        house.set_user(house.acme.bob, UserStatus::Suspended).await;
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "suspended everywhere");
        house.set_user(house.acme.bob, UserStatus::Active).await;
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "burnt by the try");
    }

    async fn tk7_a_suspended_members_code_is_worth_nothing(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for status in [MembershipStatus::Suspended, MembershipStatus::Inactive] {
            let code = bob.code(&desk).await;
            house.set_member(house.acme.bob, house.acme.id, status).await;
            is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", status.as_str());
            house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Active).await;
        }
    }

    async fn tk7_a_code_of_an_application_that_was_switched_off_is_worth_nothing(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        house.switch_off(house.acme.desk).await;
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_client", "switched off");
    }

    async fn tk7_a_code_of_a_session_that_was_signed_out_is_worth_nothing(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        is_no_token(&bob.redeem(&desk, &code).await, "invalid_grant", "signed out");
    }

    async fn tk8_what_is_no_code_is_never_taken_for_one(house) {
        let bob = house.visitor();
        let signed_in = bob.sign_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let (sql, long) = ("' OR 1=1 --", "a".repeat(4096));
        let mut others = vec![sql, &long, "0", "null", "[]", "\u{1f511}", &code[1..], CHALLENGE];
        let (flipped, padded) = (code.to_uppercase(), format!("{code}="));
        others.extend([flipped.as_str(), padded.as_str()]);
        let cookies = signed_in.cookies();
        let values = cookies.iter().filter_map(|cookie| cookie.split(['=', ';']).nth(1));
        others.extend(values.filter(|value| !value.is_empty()));
        let access = tokens_for(&bob, &desk, &code).await;
        others.extend([access["access_token"].as_str().unwrap(), access["id_token"].as_str().unwrap()]);
        for other in others {
            is_no_token(&bob.redeem(&desk, other).await, "invalid_grant", other);
        }
        for other in ["", "\0", &"a".repeat(4097)] {
            is_no_token(&bob.redeem(&desk, other).await, "invalid_request", other);
        }

        // Nor a code for anything else.
        let code = bob.code(&desk).await;
        let as_token = Answer::of(house.visitor().request("GET", "/oauth2/userinfo").bearer_auth(&code)).await;
        is_nobody(&as_token, "a code as a token");
        let as_cookie = house.visitor().request("GET", "/").header("cookie", format!("doorward_session={code}"));
        assert_eq!(Answer::of(as_cookie).await.location(), "/sign-in");
    }

    async fn jw13_a_code_of_a_mebibyte_is_refused_unread(house) {
        let bob = house.visitor();
        let body = format!("grant_type=authorization_code&code={}", "a".repeat(1024 * 1024));
        let request = bob
            .request("POST", "/oauth2/token")
            .basic_auth(house.acme.desk.to_string(), Some("x"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        // The server may close before everything is sent; then there is no answer to look at.
        if let Ok(response) = request.send().await {
            assert!(response.status().is_client_error(), "{response:?}");
        }
        says_nothing(&house.visitor().get("/.well-known/openid-configuration").await);
    }
}
