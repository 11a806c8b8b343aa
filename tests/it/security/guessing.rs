//! Guessing passwords and accounts: LG1, LG3, LG4, LG6.

use std::time::Duration;

use doorward::domain::throttle::Allowance;
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;

use crate::harness::{Answer, Person, Visitor, on_both};

const WRONG: &str = "a wrong password indeed";

/// One try from a browser that nobody knows.
async fn guess(visitor: &Visitor, email: &str, password: &str) -> Answer {
    let page = visitor.get("/sign-in").await;
    visitor.sign_in_on(&page, email, password).await
}

/// A page without what differs each time by design: tokens and references.
fn without_tokens(answer: &Answer) -> String {
    let page = answer.body.replace(&answer.field("csrf"), "…");
    page.replace(&answer.action(), "…")
}

on_both! {
    async fn lg1_an_unknown_account_answers_like_a_known_one(house) {
        house.set_user(house.acme.bob, UserStatus::Suspended).await;
        let mut seen = Vec::new();
        for (email, password) in [
            (Person::Alice.email(), WRONG),
            ("nobody@acme.example", WRONG),
            (Person::Bob.email(), Person::Bob.password()),
        ] {
            let answer = guess(&house.visitor(), email, password).await;
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            seen.push((answer.status, names, without_tokens(&answer).replace(email, "…")));
        }
        assert_eq!(seen[0], seen[1], "unknown");
        assert_eq!(seen[0], seen[2], "suspended, with the right password");
        assert_eq!(seen[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn lg3_tries_on_one_account_are_delayed_whoever_makes_them(house) {
        for email in [Person::Alice.email(), "nobody@acme.example"] {
            for _ in 0..=Allowance::ACCOUNT.free {
                assert_eq!(guess(&house.visitor(), email, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            }
            let early = guess(&house.visitor(), email, Person::Alice.password()).await;
            assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS, "even with the right password");
            assert_eq!(early.header("retry-after"), "1");
            assert!(early.body.contains("Too many tries."));
        }
        house.wait(Duration::from_secs(1));
        assert_eq!(guess(&house.visitor(), Person::Alice.email(), Person::Alice.password()).await.location(), "/");
    }

    async fn lg4_strangers_cannot_lock_out_a_device_that_the_account_knows(house) {
        let alice = house.signed_in(Person::Alice).await;
        alice.submit(&alice.get("/").await, &[]).await;
        for _ in 0..12 {
            let answer = guess(&house.visitor(), Person::Alice.email(), WRONG).await;
            assert_ne!(answer.location(), "/");
        }
        let elsewhere = guess(&house.visitor(), Person::Alice.email(), Person::Alice.password()).await;
        assert_eq!(elsewhere.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(alice.sign_in(Person::Alice).await.location(), "/");
    }

    async fn lg4_nor_from_the_same_network(house) {
        let alice = house.signed_in(Person::Alice).await;
        alice.submit(&alice.get("/").await, &[]).await;
        for number in 0..=Allowance::NETWORK.free {
            guess(&house.visitor(), &format!("nobody{number}@acme.example"), WRONG).await;
        }
        let stranger = guess(&house.visitor(), Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(stranger.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(alice.sign_in(Person::Alice).await.location(), "/");
    }

    async fn lg3_many_tries_at_once_count_as_many(house) {
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let mallory = house.visitor();
            tries.spawn(async move { guess(&mallory, Person::Alice.email(), WRONG).await.status });
        }
        let statuses = tries.join_all().await;
        let checked = statuses.iter().filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY).count();
        assert_eq!(checked, 6, "five free tries, and the one that starts the delay: {statuses:?}");
    }

    async fn lg6_a_huge_password_is_refused_before_it_is_hashed(house) {
        let mallory = house.visitor();
        let page = mallory.get("/sign-in").await;
        let answer = mallory.sign_in_on(&page, Person::Alice.email(), &"x".repeat(1 << 20)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.heading(), "That was too large");
    }
}
