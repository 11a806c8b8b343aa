//! Lost passwords: LG1, LG2, LG7, LG9, SE8.

use std::time::Duration;

use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Answer, House, Person, Raw, Visitor, on_both};

const NEW: &str = "teapot lantern gravel";
const DAY: Duration = Duration::from_hours(24);

/// Says on the page that a password was lost.
async fn asks(visitor: &Visitor, email: &str) -> Answer {
    let page = visitor.get("/password/forgot").await;
    visitor.submit(&page, &[("email", email)]).await
}

/// Where Bob's newest link leads.
async fn bobs_link(house: &House) -> String {
    house.wait(Duration::from_secs(1));
    assert_eq!(
        asks(&house.visitor(), Person::Bob.email()).await.location(),
        "/password/sent"
    );
    house.letter_to(Person::Bob.email()).await.path()
}

/// Opens a link and sets a password.
async fn sets(visitor: &Visitor, path: &str, password: &str) -> Answer {
    let page = visitor.get(path).await;
    if page.status != StatusCode::OK {
        return page;
    }
    visitor.submit(&page, &[("password", password)]).await
}

async fn signs_in(visitor: &Visitor, password: &str) -> Answer {
    let page = visitor.get("/sign-in").await;
    visitor.sign_in_on(&page, Person::Bob.email(), password).await
}

/// What an answer is, without what differs each time by design.
fn shape(answer: &Answer) -> (StatusCode, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

on_both! {
    async fn the_link_of_a_letter_sets_another_password(house) {
        let bob = house.signed_in(Person::Bob).await;
        let sign_in = house.visitor().get("/sign-in").await;
        assert!(sign_in.body.contains("href=\"/password/forgot\""));
        let path = bobs_link(&house).await;
        assert_eq!(bob.get("/").await.status, StatusCode::OK, "asking ends nothing");
        let visitor = house.visitor();
        let page = visitor.get(&path).await;
        assert!(page.body.contains(Person::Bob.email()));
        let weak = visitor.submit(&page, &[("password", "bobbecker@acme.example")]).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(weak.body.contains("which others know"), "{weak:?}");
        house.wait(Duration::from_secs(1));
        let done = visitor.submit(&page, &[("password", NEW)]).await;
        assert_eq!(done.location(), "/password/changed");
        assert!(done.cookies().is_empty(), "nobody is signed in by a link");
        assert_eq!(bob.get("/").await.location(), "/sign-in", "every session ended");
        assert_eq!(signs_in(&house.visitor(), Person::Bob.password()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(signs_in(&visitor, NEW).await.location(), "/");
        let letters = house.letters().await;
        let told = letters.iter().filter(|letter| letter.header("Subject") == "Your password was changed");
        assert_eq!(told.count(), 1, "{letters:?}");
    }

    async fn lg9_a_link_works_once_for_a_day_and_only_when_its_button_is_pressed(house) {
        let path = bobs_link(&house).await;
        for _ in 0..3 {
            let scanned = house.visitor().get(&path).await;
            assert_eq!(scanned.status, StatusCode::OK, "a scanner's look consumes nothing");
            assert_eq!(scanned.header("referrer-policy"), "no-referrer");
        }
        let bare = house.visitor().post(&path, &[("password", NEW)]).await;
        assert!(bare.status.is_client_error(), "without the page's token: {bare:?}");
        assert_eq!(sets(&house.visitor(), &path, NEW).await.location(), "/password/changed");
        let again = sets(&house.visitor(), &path, "lantern gravel teapot").await;
        assert_eq!((again.status, again.heading().as_str()), (StatusCode::GONE, "This link is no longer good"));
        assert_eq!(house.visitor().get("/password/reset/none-of-ours").await.status, StatusCode::GONE);

        let late = bobs_link(&house).await;
        house.wait(DAY);
        assert_eq!(sets(&house.visitor(), &late, NEW).await.status, StatusCode::GONE, "a day later");
    }

    async fn lg9_asking_again_kills_the_first_link(house) {
        let first = bobs_link(&house).await;
        let second = bobs_link(&house).await;
        assert_eq!(sets(&house.visitor(), &first, NEW).await.status, StatusCode::GONE);
        assert_eq!(sets(&house.visitor(), &second, NEW).await.location(), "/password/changed");
    }

    async fn lg9_of_twenty_who_press_the_button_one_sets_the_password(house) {
        let path = bobs_link(&house).await;
        let visitor = house.visitor();
        let page = visitor.get(&path).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let (csrf, password) = (page.field("csrf"), format!("{NEW} {number}"));
            tries.spawn(Answer::of(visitor.request("POST", &path).form(&[("csrf", csrf), ("password", password)])));
        }
        let answers = tries.join_all().await;
        let of = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((of(StatusCode::SEE_OTHER), of(StatusCode::GONE)), (1, 19), "{answers:?}");
        let events = crate::api::audited(&house, "user.password_reset").await;
        assert_eq!(events.len(), 1);
    }

    async fn lg9_a_link_is_for_nobody_else_whatever_the_form_says(house) {
        let path = bobs_link(&house).await;
        let mallory = house.visitor();
        let page = mallory.get(&path).await;
        let alice = house.acme.alice.to_string();
        let fields = [("password", NEW), ("user", &alice), ("email", Person::Alice.email())];
        assert_eq!(mallory.submit(&page, &fields).await.location(), "/password/changed");
        house.signed_in(Person::Alice).await;
        assert_eq!(signs_in(&house.visitor(), NEW).await.location(), "/");
    }

    async fn lg9_a_second_factor_is_still_asked_for(house) {
        let mut raw = Raw::connect(house.storage()).await;
        raw.run(&format!(
            "INSERT INTO phones (id, user_id, number, created_at) \
             VALUES ('crd_01kaxw3vd0f1wvj1d2sahtfxyc', '{}', '+4915112345678', 0)",
            house.acme.bob
        ))
        .await;
        let path = bobs_link(&house).await;
        let visitor = house.visitor();
        assert_eq!(sets(&visitor, &path, NEW).await.location(), "/password/changed");
        let answer = signs_in(&visitor, NEW).await;
        assert!(answer.location().contains("/second-factor"), "{answer:?}");
        assert_eq!(visitor.get("/").await.location(), "/sign-in");
    }

    async fn lg9_a_sign_in_by_the_old_password_goes_no_further(house) {
        let alice = house.in_browser(Person::Alice).await;
        let reset = format!("/v2/organizations/acme/members/{}/password-reset", house.acme.bob);
        assert_eq!(alice.post(&reset, &json!({ "force": true })).await.status, StatusCode::ACCEPTED);
        let path = house.letter_to(Person::Bob.email()).await.path();
        let thief = house.visitor();
        let answer = signs_in(&thief, Person::Bob.password()).await;
        let page = thief.get(&answer.location()).await;
        assert_eq!(page.heading(), "Choose a new password");
        house.wait(Duration::from_secs(1));
        assert_eq!(sets(&house.visitor(), &path, NEW).await.location(), "/password/changed");
        let late = thief.submit(&page, &[("password", "lantern gravel teapot")]).await;
        assert_eq!(late.status, StatusCode::GONE, "{late:?}");
        assert_eq!(signs_in(&house.visitor(), NEW).await.location(), "/");
    }

    async fn lg9_a_password_that_locked_an_account_is_not_chosen_again(house) {
        house.signed_in(Person::Bob).await;
        house.wait(Duration::from_secs(1));
        // A thief signs in elsewhere, and Bob says that it was not he.
        house.signed_in(Person::Bob).await;
        let not_me = house.letter_to(Person::Bob.email()).await.path();
        assert!(not_me.starts_with("/account/not-me/"), "{not_me}");
        let bob = house.visitor();
        let locked = bob.submit(&bob.get(&not_me).await, &[]).await;
        assert_eq!(bob.follow(locked).await.heading(), "Your account is locked");
        let link = bobs_link(&house).await;
        let stolen = sets(&house.visitor(), &link, Person::Bob.password()).await;
        assert_eq!(stolen.status, StatusCode::UNPROCESSABLE_ENTITY, "{stolen:?}");
        assert_eq!(sets(&house.visitor(), &link, NEW).await.location(), "/password/changed");
        assert_eq!(signs_in(&house.visitor(), NEW).await.location(), "/");
    }

    async fn lg9_a_link_dies_with_the_address_and_the_account(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("/v2/users/{}", house.acme.bob);
        let path = bobs_link(&house).await;
        alice.patch(&place, &json!({ "status": "suspended" })).await.found();
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::GONE);
        alice.patch(&place, &json!({ "status": "active" })).await.found();
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::GONE, "for good");

        let path = bobs_link(&house).await;
        house.set_user(house.acme.bob, UserStatus::Suspended).await;
        assert_eq!(sets(&house.visitor(), &path, NEW).await.status, StatusCode::GONE);
        house.set_user(house.acme.bob, UserStatus::Active).await;

        let path = bobs_link(&house).await;
        alice.patch(&place, &json!({ "email": "bob@elsewhere.example" })).await.found();
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::GONE, "whoever reads mail at the old address");
    }

    async fn lg2_the_answer_is_the_same_whoever_asks_for_whom(house) {
        let carol = house.welcome_carol().await;
        house.set_user(carol, UserStatus::Suspended).await;
        let dora = house.employ("dora", doorward::domain::access::BuiltInRole::Viewer).await;
        let addresses = [
            Person::Bob.email(),
            "nobody@acme.example",
            crate::harness::administrator::CAROL,
            &dora.email,
        ];
        let (mut pages, mut answers) = (Vec::new(), Vec::new());
        let visitor = house.visitor();
        visitor.get("/password/forgot").await;
        for email in addresses {
            pages.push(shape(&asks(&visitor, email).await));
            let lost = house.nobody().post("/v2/password-resets", &json!({ "email": email })).await;
            let (status, mut headers, body) = shape(&lost);
            headers.retain(|(name, _)| name != "ratelimit");
            answers.push((status, headers, body));
        }
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(answers[0].0, StatusCode::ACCEPTED);

        let letters = house.letters().await;
        let to = |email: &str| letters.iter().filter(|letter| letter.header("To") == email).collect::<Vec<_>>();
        assert!(to("nobody@acme.example").is_empty());
        assert!(to(Person::Bob.email())[0].text.contains("/password/reset/"));
        for (email, words) in [(crate::harness::administrator::CAROL, "suspended"), (dora.email.as_str(), "without a password")] {
            let letter = to(email)[0];
            assert!(letter.text.contains(words), "{letter:?}");
            assert!(!letter.text.contains("http"), "and holds no link: {letter:?}");
        }
    }

    async fn lg2_how_many_letters_one_address_gets_is_bounded_and_not_told(house) {
        let visitor = house.visitor();
        let mut seen = Vec::new();
        for _ in 0..12 {
            seen.push(shape(&asks(&visitor, Person::Bob.email()).await));
        }
        assert!(seen[1..].iter().all(|answer| *answer == seen[1]), "{seen:?}");
        assert_eq!(house.letters().await.len(), 4, "three, and the one that starts the delay");
        asks(&house.visitor(), Person::Alice.email()).await;
        assert_eq!(house.letters().await.len(), 5, "others are not in the way");
    }

    async fn lg2_how_many_letters_one_network_asks_for_is_bounded(house) {
        let visitor = house.visitor();
        for number in 0..40 {
            asks(&visitor, &format!("nobody{number}@acme.example")).await;
        }
        asks(&visitor, Person::Bob.email()).await;
        assert!(house.letters().await.is_empty());
        house.wait(Duration::from_hours(1));
        asks(&visitor, Person::Bob.email()).await;
        assert_eq!(house.letters().await.len(), 1);
    }

    async fn se8_a_link_leads_to_the_configured_address_whatever_the_request_says(house) {
        let lost = house.nobody().request("POST", "/v2/password-resets").json(&json!({ "email": Person::Bob.email() }));
        let forged = lost.header("host", "evil.example").header("x-forwarded-host", "evil.example");
        assert_eq!(Answer::of(forged).await.status, StatusCode::ACCEPTED);
        let letter = house.letter_to(Person::Bob.email()).await;
        assert!(letter.text.contains(&house.url) && !letter.text.contains("evil"), "{letter:?}");
    }

    async fn a_letter_goes_to_the_address_of_the_account_and_not_to_the_one_that_was_typed(house) {
        asks(&house.visitor(), "BOB@ACME.example").await;
        let letters = house.letters().await;
        assert_eq!(letters[0].header("To"), Person::Bob.email());
    }

    async fn a_new_password_lets_its_owner_in_whatever_strangers_did(house) {
        for _ in 0..12 {
            signs_in(&house.visitor(), "a wrong password indeed").await;
        }
        assert_eq!(signs_in(&house.visitor(), Person::Bob.password()).await.status, StatusCode::TOO_MANY_REQUESTS);
        let path = bobs_link(&house).await;
        let visitor = house.visitor();
        sets(&visitor, &path, NEW).await;
        assert_eq!(signs_in(&visitor, NEW).await.location(), "/");
    }

    async fn a_dry_run_of_asking_is_refused(house) {
        let dry = house.nobody().post("/v2/password-resets?dry_run=true", &json!({ "email": Person::Bob.email() })).await;
        assert_eq!(dry.status, StatusCode::BAD_REQUEST);
        assert!(house.letters().await.is_empty());
    }
}
