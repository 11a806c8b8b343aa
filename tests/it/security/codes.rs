//! Codes of an app and recovery codes: MF1 to MF7, LG5.

use std::time::Duration;

use doorward::domain::throttle::Allowance;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::harness::code_app::Authenticator;
use crate::harness::{Answer, House, Person, Visitor, on_both};

const STEP: Duration = Duration::from_secs(30);

/// Bob, who has an app and recovery codes; and his browser.
async fn bob_with_an_app(house: &House) -> (Visitor, Authenticator, Vec<String>) {
    let bob = house.signed_in(Person::Bob).await;
    let (app, codes) = house.set_up_app(&bob).await;
    (bob, app, codes)
}

/// A stranger's browser at Bob's second factor, and the page it is on.
async fn at_the_second_factor(house: &House) -> (Visitor, Answer) {
    let visitor = house.visitor();
    let page = after_the_password(&visitor).await;
    (visitor, page)
}

async fn after_the_password(visitor: &Visitor) -> Answer {
    let answer = visitor.sign_in(Person::Bob).await;
    assert!(answer.location().contains("/second-factor"), "{answer:?}");
    visitor.get(&answer.location()).await
}

/// Shows a code, and answers whether it opened.
async fn shows(visitor: &Visitor, page: &Answer, code: &str) -> bool {
    let answer = visitor.submit(page, &[("code", code)]).await;
    if answer.location() == "/" {
        return true;
    }
    let refused = [
        StatusCode::UNPROCESSABLE_ENTITY,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::GONE,
    ];
    assert!(refused.contains(&answer.status), "{answer:?}");
    false
}

/// The page that asks for a recovery code.
async fn without_the_phone(visitor: &Visitor, page: &Answer) -> Answer {
    visitor
        .get(&page.action().replace("with=totp", "with=recovery"))
        .await
}

on_both! {
    async fn mf1_a_code_opens_once_and_none_before_it_opens_after_it(house) {
        let (_, app, _) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let now = house.clock.now();
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(shows(&visitor, &page, &app.code(now)).await);
        for (code, why) in [(app.code(now), "the same"), (app.code(now.minus(STEP)), "an older")] {
            let (visitor, page) = at_the_second_factor(&house).await;
            assert!(!shows(&visitor, &page, &code).await, "{why}");
        }
        house.wait(STEP);
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(shows(&visitor, &page, &app.code(house.clock.now())).await, "the next is as good as ever");
    }

    async fn mf1_of_twenty_who_show_one_code_at_once_one_is_in(house) {
        let (_, app, _) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let code = app.code(house.clock.now());
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let (visitor, page) = at_the_second_factor(&house).await;
            let code = code.clone();
            tries.spawn(async move { shows(&visitor, &page, &code).await });
        }
        assert_eq!(tries.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
    }

    async fn mf3_the_code_that_showed_the_app_opens_nothing(house) {
        let (_, app, _) = bob_with_an_app(&house).await;
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(!shows(&visitor, &page, &app.code(house.clock.now())).await);
    }

    /// Three codes of a million are good at a time. So many tries a day as the counter lets through are at most 33, which
    /// succeed with 33 × 3 / 1,000,000 < 1 in 10,000 (MF4; `domain::throttle` counts them).
    async fn mf4_a_thousand_guesses_are_refused_after_the_cap_however_often_one_begins_anew(house) {
        let (_, app, _) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let wrong = app.wrong_code(house.clock.now());
        let mut looked_at = 0;
        for round in 0..100 {
            let (visitor, page) = at_the_second_factor(&house).await;
            for _ in 0..10 {
                let answer = visitor.submit(&page, &[("code", &wrong)]).await;
                looked_at += i64::from(answer.status == StatusCode::UNPROCESSABLE_ENTITY);
                if round > 0 {
                    // LG5: a flow that begins anew, from another browser, has no tries of its own.
                    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
                }
            }
        }
        assert_eq!(looked_at, Allowance::CODE.free + 1);
        let letters = house.letters().await;
        let told = letters.iter().filter(|letter| letter.header("Subject") == "Somebody may know your password");
        assert_eq!(told.map(|letter| letter.header("To")).collect::<Vec<_>>(), [Person::Bob.email()]);
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(!shows(&visitor, &page, &app.code(house.clock.now())).await, "not even the right one, so soon");
        house.wait(Duration::from_hours(24));
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(shows(&visitor, &page, &app.code(house.clock.now())).await, "its owner is not shut out");
    }

    async fn mf6_recovery_codes_open_once_each_and_new_ones_kill_the_old(house) {
        let (bob, _, codes) = bob_with_an_app(&house).await;
        assert_eq!(codes.len(), 10);
        let (visitor, page) = at_the_second_factor(&house).await;
        let page = without_the_phone(&visitor, &page).await;
        assert!(shows(&visitor, &page, &codes[0].to_uppercase().replace('-', " ")).await);
        let (visitor, page) = at_the_second_factor(&house).await;
        let page = without_the_phone(&visitor, &page).await;
        assert!(!shows(&visitor, &page, &codes[0]).await, "the same again");
        let letters = house.letters().await;
        let told = letters.iter().filter(|letter| letter.header("Subject") == "A recovery code was used");
        assert_eq!(told.count(), 1, "{letters:?}");


        let page = bob.get("/account/recovery-codes").await;
        assert!(page.body.contains("9 of 10") && page.recovery_codes().is_empty(), "{page:?}");
        let again = bob.submit(&page, &[]).await;
        let new = again.recovery_codes();
        assert_eq!(new.len(), 10);
        assert!(new.iter().all(|code| !codes.contains(code)));
        let (visitor, page) = at_the_second_factor(&house).await;
        let page = without_the_phone(&visitor, &page).await;
        assert!(!shows(&visitor, &page, &codes[1]).await, "of the old set");
        house.wait(Duration::from_mins(5));
        let page = without_the_phone(&visitor, &after_the_password(&visitor).await).await;
        assert!(shows(&visitor, &page, &new[1]).await, "of the new one");
    }

    async fn mf6_of_fifty_who_show_one_recovery_code_at_once_one_is_in(house) {
        let (_, _, codes) = bob_with_an_app(&house).await;
        let mut tries = JoinSet::new();
        for _ in 0..50 {
            let (visitor, page) = at_the_second_factor(&house).await;
            let page = without_the_phone(&visitor, &page).await;
            let code = codes[0].clone();
            tries.spawn(async move { shows(&visitor, &page, &code).await });
        }
        assert_eq!(tries.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
    }

    async fn mf7_an_app_is_taken_away_by_whoever_proved_it_lately(house) {
        let (_, app, _) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let (thief, page) = at_the_second_factor(&house).await;
        assert!(shows(&thief, &page, &app.code(house.clock.now())).await);
        house.wait(Duration::from_mins(16));
        // The password alone, in a session that is open, is not enough.
        let there = thief.get("/account/authenticator").await;
        let asked = thief.post("/account/authenticator", &[("csrf", &there.field("csrf")), ("do", "remove")]).await;
        assert!(asked.location().starts_with("/sign-in?"), "{asked:?}");
        let page = thief.get(&asked.location()).await;
        let page = thief.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        assert!(page.location().contains("/second-factor"), "{page:?}");
        let csrf = thief.get("/account/authenticator").await.field("csrf");
        let asked = thief.post("/account/authenticator", &[("csrf", &csrf), ("do", "remove")]).await;
        assert!(asked.location().starts_with("/sign-in?"), "{asked:?}");
        let page = thief.get(&page.location()).await;
        let back = thief.submit(&page, &[("code", &app.code(house.clock.now()))]).await;
        assert_eq!(back.location(), "/account/authenticator", "{back:?}");
        let csrf = thief.get("/account/authenticator").await.field("csrf");
        let removed = thief.post("/account/authenticator", &[("csrf", &csrf), ("do", "remove")]).await;
        assert_eq!(removed.location(), "/account/authenticator", "{removed:?}");
        assert_eq!(house.visitor().sign_in(Person::Bob).await.location(), "/", "the password alone opens now");
    }

    async fn a_secret_is_shown_to_its_owner_alone_and_not_for_ever(house) {
        let bob = house.signed_in(Person::Bob).await;
        let page = bob.get("/account/authenticator").await;
        bob.submit(&page, &[]).await;
        let first = bob.get("/account/authenticator").await.key();
        assert_eq!(bob.get("/account/authenticator").await.key(), first, "looking changes nothing");
        assert_eq!(first.split(' ').count(), 8);
        let alice = house.signed_in(Person::Alice).await;
        assert!(!alice.get("/account/authenticator").await.body.contains("class=\"key\""));
        let stranger = house.visitor().get("/account/authenticator").await;
        assert!(stranger.location().starts_with("/sign-in"), "{stranger:?}");
        let app = Authenticator::of(&first);
        let page = bob.get("/account/authenticator").await;
        let wrong = bob.submit(&page, &[("code", &app.wrong_code(house.clock.now()))]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(house.visitor().sign_in(Person::Bob).await.location(), "/", "nothing is asked before it is confirmed");
        house.wait(Duration::from_mins(15));
        let late = bob.submit(&page, &[("code", &app.code(house.clock.now()))]).await;
        assert_eq!(late.location(), "/account/authenticator");
        assert_eq!(house.visitor().sign_in(Person::Bob).await.location(), "/", "nor when it is too late");
    }

    async fn an_app_stays_good_until_another_is_confirmed(house) {
        let (bob, old, codes) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let page = bob.get("/account/authenticator").await;
        bob.submit(&page, &[]).await;
        let page = bob.get("/account/authenticator").await;
        let new = Authenticator::of(&page.key());
        let (visitor, asked) = at_the_second_factor(&house).await;
        assert!(shows(&visitor, &asked, &old.code(house.clock.now())).await);
        let confirmed = bob.submit(&page, &[("code", &new.code(house.clock.now()))]).await;
        assert_eq!(confirmed.location(), "/account/authenticator", "the recovery codes are the same: {confirmed:?}");
        assert_eq!(codes.len(), 10);
        house.wait(2 * STEP);
        let (visitor, asked) = at_the_second_factor(&house).await;
        assert!(!shows(&visitor, &asked, &old.code(house.clock.now())).await);
        assert!(shows(&visitor, &asked, &new.code(house.clock.now())).await);
    }

    async fn lo2_no_code_and_no_secret_is_in_the_audit_log(house) {
        let (_, app, codes) = bob_with_an_app(&house).await;
        house.wait(2 * STEP);
        let code = app.code(house.clock.now());
        let (visitor, page) = at_the_second_factor(&house).await;
        assert!(shows(&visitor, &page, &code).await);
        let (visitor, page) = at_the_second_factor(&house).await;
        let page = without_the_phone(&visitor, &page).await;
        assert!(shows(&visitor, &page, &codes[0]).await);
        let mut snapshot = house.snapshot().await;
        let events = doorward::storage::audit_events::all(&mut snapshot.tx()).await.unwrap();
        let said = format!("{events:?}");
        for secret in [&code, &codes[0], &codes[1], &codes[0].replace('-', "")] {
            assert!(!said.contains(secret.as_str()), "{secret}");
        }
        for action in ["totp.added", "recovery_codes.made", "recovery_code.used"] {
            assert_eq!(events.iter().filter(|event| event.action == action).count(), 1, "{action}");
        }
    }
}
