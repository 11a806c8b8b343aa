//! Guessing passwords and accounts: LG1, LG3, LG4, LG6.

use std::time::{Duration, Instant};

use doorward::domain::throttle::Allowance;
use doorward::domain::user::UserStatus;
use doorward::sign_in::watch;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use super::Proxied;
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
            guess(&house.visitor(), &format!("nobody{number}@acme.example"), &format!("{WRONG} {number}")).await;
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

/// One of a thousand networks.
fn network(number: usize) -> String {
    format!("198.18.{}.{}", number % 1000 / 256, number % 1000 % 256)
}

/// A form sent over one of the networks.
async fn sent(visitor: &Visitor, path: &str, from: usize, fields: &[(&str, &str)]) -> Answer {
    let request = visitor
        .request("POST", path)
        .header("x-forwarded-for", network(from));
    Answer::of(request.form(fields)).await
}

/// Begins a sign-in over one of the networks; answers where its password goes.
async fn begun(visitor: &Visitor, csrf: &str, email: &str, from: usize) -> String {
    sent(visitor, "/sign-in", from, &[("csrf", csrf), ("email", email)])
        .await
        .location()
}

/// How many of some statuses there are.
fn of(statuses: &[StatusCode], status: StatusCode) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

on_both! {
    async fn lg4_ten_thousand_guesses_from_a_thousand_networks_neither_succeed_nor_lock_out(house: Proxied) {
        let alice = house.signed_in(Person::Alice).await;
        alice.submit(&alice.get("/").await, &[]).await;
        let mallory = house.visitor();
        let csrf = mallory.get("/sign-in").await.field("csrf");
        let step = begun(&mallory, &csrf, Person::Alice.email(), 0).await;
        let mut guessing = JoinSet::new();
        for worker in 0..10 {
            let (mallory, csrf, step) = (mallory.again(), csrf.clone(), step.clone());
            guessing.spawn(async move {
                let mut statuses = Vec::new();
                for number in 0..1000 {
                    // The last guess is right, and is not looked at.
                    let guess = format!("wrong password {worker} {number}");
                    let guess = if number == 999 { Person::Alice.password() } else { &guess };
                    let fields = [("csrf", csrf.as_str()), ("password", guess)];
                    statuses.push(sent(&mallory, &step, worker * 100 + number, &fields).await.status);
                }
                statuses
            });
        }
        for _ in 0..3 {
            let took = signs_in_again(&alice).await;
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
        assert!(!guessing.is_empty(), "the attack went on meanwhile");
        let statuses: Vec<StatusCode> = guessing.join_all().await.concat();
        assert_eq!(of(&statuses, StatusCode::UNPROCESSABLE_ENTITY), 6, "five free tries, and the one that starts the delay");
        assert_eq!(of(&statuses, StatusCode::TOO_MANY_REQUESTS), 9_994);
        signs_in_again(&alice).await;
    }

    async fn lg4_whoever_is_guessed_at_is_told_once_and_it_shows_to_nobody(house: Proxied) {
        let mallory = house.visitor();
        let csrf = mallory.get("/sign-in").await.field("csrf");
        let mut tried = [0, 0];
        for (which, email) in [Person::Alice.email(), "nobody@acme.example"].into_iter().enumerate() {
            for number in 0..40 {
                let step = begun(&mallory, &csrf, email, number).await;
                let (password, csrf) = (format!("wrong password {number}"), csrf.as_str());
                let answer = sent(&mallory, &step, number, &[("csrf", csrf), ("password", &password)]).await;
                tried[which] += u32::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
                house.wait(Duration::from_secs(1));
            }
        }
        assert!(tried[0] >= 10 && tried[0] == tried[1], "{tried:?}");
        let letters = house.letters().await;
        assert_eq!(letters.iter().filter(|letter| letter.header("To") == Person::Alice.email()).count(), 1, "{letters:?}");
        assert_eq!(letters.len(), 1, "{letters:?}");
    }

    async fn lg3_one_password_on_ten_thousand_accounts_from_a_thousand_networks_is_delayed(house: Proxied) {
        let bob = house.signed_in(Person::Bob).await;
        bob.submit(&bob.get("/").await, &[]).await;
        let mallory = house.visitor();
        let csrf = mallory.get("/sign-in").await.field("csrf");
        let statuses = stuff(&mallory, &csrf, |_| "Welcome2026!Welcome".to_owned(), |number| number).await;
        assert_eq!(of(&statuses, StatusCode::UNPROCESSABLE_ENTITY), 21, "twenty accounts, and the one that starts the delay");
        assert_eq!(of(&statuses, StatusCode::TOO_MANY_REQUESTS), 9_979);
        let honest = guess(&house.visitor(), Person::Alice.email(), Person::Alice.password()).await;
        assert_eq!(honest.location(), "/", "who has another password is not in the way");
        let mistyped = bob.get("/sign-in").await;
        let mistyped = bob.sign_in_on(&mistyped, Person::Bob.email(), "Welcome2026!Welcome").await;
        assert_eq!(mistyped.status, StatusCode::UNPROCESSABLE_ENTITY, "nor is a device that is known");
        house.wait(Duration::from_hours(24));
        let step = begun(&mallory, &csrf, "user0@acme.example", 0).await;
        let fields = [("csrf", csrf.as_str()), ("password", "Welcome2026!Welcome")];
        assert_eq!(sent(&mallory, &step, 0, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn lg3_one_network_tries_few_of_ten_thousand_accounts(house: Proxied) {
        let mallory = house.visitor();
        let csrf = mallory.get("/sign-in").await.field("csrf");
        let leaked = |number| format!("leaked password {number}");
        let statuses = stuff(&mallory, &csrf, leaked, |_| 0).await;
        assert_eq!(of(&statuses, StatusCode::UNPROCESSABLE_ENTITY), 51, "fifty, and the one that starts the delay");
        assert_eq!(of(&statuses, StatusCode::TOO_MANY_REQUESTS), 9_949);
        let step = begun(&mallory, &csrf, Person::Bob.email(), 1).await;
        let fields = [("csrf", csrf.as_str()), ("password", Person::Bob.password())];
        assert_eq!(sent(&mallory, &step, 1, &fields).await.location(), "/", "other networks are not in the way");
    }

    async fn lg3_a_wave_that_meets_no_counter_is_told_of_once(house: Proxied) {
        let mallory = house.visitor();
        let csrf = mallory.get("/sign-in").await.field("csrf");
        let told = async |failures| {
            for number in failures {
                let step = begun(&mallory, &csrf, &format!("user{number}@acme.example"), number).await;
                let fields = [("csrf", csrf.as_str()), ("password", &format!("leaked password {number}"))];
                let answer = sent(&mallory, &step, number, &fields).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody is delayed");
            }
            watch(house.db(), &house.instance.keyring, house.clock.now()).await.unwrap();
            watch(house.db(), &house.instance.keyring, house.clock.now()).await.unwrap();
            let letters = house.letters().await;
            let told = letters.iter().filter(|letter| letter.header("Subject") == "Many failed sign-ins at this server");
            told.map(|letter| letter.header("To").to_owned()).collect::<Vec<_>>()
        };
        assert!(told(0..199).await.is_empty());
        let to = told(199..200).await;
        assert_eq!(to, [Person::Alice.email()], "whoever stands above organizations");
        house.wait(Duration::from_mins(61));
        assert_eq!(told(0..0).await.len(), 1, "it is over");
    }
}

/// One try at each of ten thousand accounts, ten at a time.
async fn stuff(
    mallory: &Visitor,
    csrf: &str,
    password: impl Fn(usize) -> String,
    from: impl Fn(usize) -> usize,
) -> Vec<StatusCode> {
    let mut trying = JoinSet::new();
    for worker in 0..10 {
        let tries: Vec<_> = (worker * 1000..(worker + 1) * 1000)
            .map(|number| (number, from(number), password(number)))
            .collect();
        let (mallory, csrf) = (mallory.again(), csrf.to_owned());
        trying.spawn(async move {
            let mut statuses = Vec::new();
            for (number, from, password) in tries {
                let step = begun(&mallory, &csrf, &format!("user{number}@acme.example"), from).await;
                if step.is_empty() {
                    statuses.push(StatusCode::TOO_MANY_REQUESTS);
                    continue;
                }
                let fields = [("csrf", csrf.as_str()), ("password", &password)];
                statuses.push(sent(&mallory, &step, from, &fields).await.status);
            }
            statuses
        });
    }
    trying.join_all().await.concat()
}

/// Alice signs in on a device that is known, and out; answers how long the first took.
#[expect(clippy::disallowed_methods, reason = "this is what is measured")]
async fn signs_in_again(alice: &Visitor) -> Duration {
    let began = Instant::now();
    assert_eq!(alice.sign_in(Person::Alice).await.location(), "/");
    let took = began.elapsed();
    alice.submit(&alice.get("/").await, &[]).await;
    took
}
