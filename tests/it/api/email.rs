//! Changing one's own email address. The request proves the account, the link the mailbox. UP1, LG7 to LG9.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use super::audited;
use crate::harness::{Answer, Api, House, Person, on_both};

const EMAIL: &str = "/v2/users/me/email";
const NEW: &str = "bob@new.example";

async fn asks(api: &Api, email: &str) -> Answer {
    api.post(EMAIL, &json!({ "email": email })).await
}

/// Bob, in a browser, who has asked for [`NEW`]; and where its link leads.
async fn bob_has_asked(house: &House) -> (Api, String) {
    let bob = house.in_browser(Person::Bob).await;
    assert_eq!(asks(&bob, NEW).await.status, StatusCode::ACCEPTED);
    let path = house.letter_to(NEW).await.path();
    (bob, path)
}

async fn email_of(api: &Api) -> String {
    api.get("/v2/users/me").await.found()["email"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Opens a link and presses its button.
async fn follows(house: &House, path: &str) -> Answer {
    let visitor = house.visitor();
    let page = visitor.get(path).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let answer = visitor.submit(&page, &[]).await;
    visitor.follow(answer).await
}

on_both! {
    async fn the_address_changes_by_its_link_and_the_old_one_is_told(house) {
        let (bob, path) = bob_has_asked(&house).await;
        assert_eq!(bob.get("/v2/users/me").await.found()["pending_email"], NEW);
        assert_eq!(email_of(&bob).await, Person::Bob.email(), "asking changes nothing");
        let page = house.visitor().get(&path).await;
        assert!(page.body.contains("Bob Becker") && page.body.contains(NEW), "{page:?}");
        let done = follows(&house, &path).await;
        assert_eq!((done.status, done.heading().as_str()), (StatusCode::OK, "Your address is changed"));

        let me = bob.get("/v2/users/me").await.found();
        assert_eq!((&me["email"], &me["email_verified"]), (&json!(NEW), &json!(true)), "and the session goes on");
        assert_eq!(me["pending_email"], serde_json::Value::Null);
        let told = house.letter_to(Person::Bob.email()).await;
        assert!(told.text.contains(NEW), "{told:?}");
        house.in_browser_as(NEW).await;
        for action in ["user.email_change_asked", "user.email_changed"] {
            let events = audited(&house, action).await;
            assert_eq!(events.len(), 1, "{action}");
            assert!(events[0].1.to_string().contains(NEW), "{action}");
        }
        let mut snapshot = house.snapshot().await;
        for event in doorward::storage::audit_events::all(&mut snapshot.tx()).await.unwrap() {
            assert!(!event.detail.contains('@'), "an address is of a person, and can be erased: {event:?}");
        }
    }

    async fn lg9_a_link_works_once_for_a_day_and_only_when_its_button_is_pressed(house) {
        let (bob, path) = bob_has_asked(&house).await;
        for _ in 0..3 {
            assert_eq!(house.visitor().get(&path).await.status, StatusCode::OK, "a scanner's look consumes nothing");
        }
        assert_eq!(email_of(&bob).await, Person::Bob.email());
        let bare = house.visitor().post(&path, &[]).await;
        assert!(bare.status.is_client_error(), "without the page's token: {bare:?}");
        assert_eq!(email_of(&bob).await, Person::Bob.email());
        assert_eq!(follows(&house, &path).await.status, StatusCode::OK);
        let again = follows(&house, &path).await;
        assert_eq!((again.status, again.heading().as_str()), (StatusCode::GONE, "This link is no longer good"));
        assert_eq!(house.visitor().get("/email/none-of-ours").await.status, StatusCode::GONE);

        assert_eq!(asks(&bob, "bob@later.example").await.status, StatusCode::ACCEPTED);
        let later = house.letter_to("bob@later.example").await.path();
        house.wait(Duration::from_hours(24));
        assert_eq!(follows(&house, &later).await.status, StatusCode::GONE, "a day later");
    }

    async fn lg9_asking_again_kills_the_first_link(house) {
        let (bob, first) = bob_has_asked(&house).await;
        assert_eq!(asks(&bob, "bob@other.example").await.status, StatusCode::ACCEPTED);
        assert_eq!(follows(&house, &first).await.status, StatusCode::GONE);
        let second = house.letter_to("bob@other.example").await.path();
        assert_eq!(follows(&house, &second).await.status, StatusCode::OK);
        assert_eq!(email_of(&bob).await, "bob@other.example");
    }

    async fn lg9_of_twenty_who_press_the_button_one_changes_the_address(house) {
        let (_, path) = bob_has_asked(&house).await;
        let visitor = house.visitor();
        let page = visitor.get(&path).await;
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let form = [("csrf", page.field("csrf"))];
            tries.spawn(Answer::of(visitor.request("POST", &path).form(&form)));
        }
        let statuses: Vec<_> = tries.join_all().await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::GONE).count(), 19, "{statuses:?}");
        assert_eq!(audited(&house, "user.email_changed").await.len(), 1);
    }

    async fn whoever_asks_twenty_times_at_once_has_one_link(house) {
        let bob = house.in_browser(Person::Bob).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let wanted = json!({ "email": format!("bob{number}@new.example") });
            tries.spawn(Answer::of(bob.request("POST", EMAIL).json(&wanted)));
        }
        assert!(tries.join_all().await.iter().all(|answer| answer.status == StatusCode::ACCEPTED));
        let mut good = 0;
        for letter in house.letters().await {
            good += u32::from(house.visitor().get(&letter.path()).await.status == StatusCode::OK);
        }
        assert_eq!(good, 1);
    }

    async fn up1_only_who_proved_themselves_lately_in_a_browser_may_ask(house) {
        let bob = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        assert_eq!(asks(&key, NEW).await.status, StatusCode::FORBIDDEN, "a key proves nobody");
        assert_eq!(asks(&house.nobody(), NEW).await.status, StatusCode::UNAUTHORIZED);
        house.wait(Duration::from_mins(15));
        assert_eq!(asks(&bob, NEW).await.status, StatusCode::ACCEPTED);
        house.wait(Duration::from_secs(1));
        let late = asks(&bob, NEW).await;
        assert_eq!((late.status, late.problem()), (StatusCode::UNAUTHORIZED, "insufficient_user_authentication".to_owned()));
        assert_eq!(asks(&bob, "no address").await.pointer(), "/email");
    }

    async fn up1_a_connection_alone_never_speaks_for_the_account(house) {
        let bob = house.in_browser(Person::Bob).await;
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        raw.run(&format!(
            "UPDATE session_proofs SET credential_id = NULL, connection_id = 'con_01kaxw3vd0f1wvj1d2sahtfxyz', \
             connection_organization_id = '{}'",
            house.acme.id
        ))
        .await;
        assert_eq!(asks(&bob, NEW).await.problem(), "insufficient_user_authentication");
    }

    async fn lg1_nobody_learns_whether_an_address_is_somebodys(house) {
        let bob = house.in_browser(Person::Bob).await;
        let (free, taken) = (asks(&bob, NEW).await, asks(&bob, "ALICE@acme.example").await);
        assert_eq!((free.status, &free.body), (taken.status, &taken.body));
        let letters = house.letters().await;
        assert!(letters.iter().all(|letter| letter.header("To") != Person::Alice.email()), "she is sent no link");
    }

    async fn an_address_that_somebody_took_meanwhile_changes_nothing(house) {
        let (bob, path) = bob_has_asked(&house).await;
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(asks(&mallory, "Bob@NEW.example").await.status, StatusCode::ACCEPTED);
        let mallorys = house.letter_to("Bob@new.example").await.path();
        assert_eq!(follows(&house, &mallorys).await.status, StatusCode::OK);
        let late = follows(&house, &path).await;
        assert_eq!((late.status, late.heading().as_str()), (StatusCode::CONFLICT, "This address is taken"));
        assert_eq!(email_of(&bob).await, Person::Bob.email());
        assert!(audited(&house, "user.email_changed").await.iter().all(|(who, _)| *who != house.acme.bob.to_string()));
    }

    async fn up1_a_change_that_waits_dies_with_the_sessions_and_the_account(house) {
        let (bob, path) = bob_has_asked(&house).await;
        bob.delete("/v2/users/me/sessions").await.done();
        assert_eq!(follows(&house, &path).await.status, StatusCode::GONE, "whoever ends sessions ends it");

        let (_, path) = bob_has_asked(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("/v2/users/{}", house.acme.bob);
        alice.patch(&place, &json!({ "status": "suspended" })).await.found();
        alice.patch(&place, &json!({ "status": "active" })).await.found();
        assert_eq!(follows(&house, &path).await.status, StatusCode::GONE, "so does a suspension");

        let (bob, path) = bob_has_asked(&house).await;
        house.set_user(house.acme.bob, UserStatus::Suspended).await;
        assert_eq!(follows(&house, &path).await.status, StatusCode::GONE);
        house.set_user(house.acme.bob, UserStatus::Active).await;
        assert_eq!(email_of(&bob).await, Person::Bob.email());
    }

    async fn an_address_that_differs_only_in_case_or_form_is_the_same_persons(house) {
        let bob = house.in_browser(Person::Bob).await;
        assert_eq!(asks(&bob, "BOB@acme.example").await.status, StatusCode::ACCEPTED);
        let path = house.letter_to("BOB@acme.example").await.path();
        assert_eq!(follows(&house, &path).await.status, StatusCode::OK);
        assert_eq!(email_of(&bob).await, "BOB@acme.example");
        let zoe = house.employ("zo\u{eb}", BuiltInRole::Viewer).await;
        let decomposed = "/v2/organizations/acme/members/ZOE%CC%88@acme.example";
        assert_eq!(bob.get(decomposed).await.found()["user"]["id"], zoe.user.to_string());
    }
}
