//! One's sessions, keys and alerts, as one sees and changes them. C7, U8, U13, M9.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;

use super::html::text;
use crate::harness::browser::browser;
use crate::harness::{Answer, Engine, House, Person, Visitor, on_both};

const SESSIONS: &str = "/account/sessions";
const KEYS: &str = "/account/api-keys";
const ALERTS: &str = "/account/alerts";

/// Presses the button of a page's form that has these fields, beside the session's token.
async fn presses(visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/").await.field("csrf");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    visitor.post(path, &all).await
}

on_both! {
    async fn m9_whoever_is_not_signed_in_is_led_to_sign_in_and_back(house) {
        for path in [SESSIONS, KEYS, ALERTS] {
            let stranger = house.visitor();
            let away = stranger.get(path).await;
            assert!(away.location().starts_with("/sign-in"), "{away:?}");
            let page = stranger.follow(away).await;
            let back = stranger.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
            assert_eq!(back.location(), path);
        }
    }

    async fn u13_a_session_is_ended_elsewhere_at_once(house) {
        let [here, there, third] = [
            house.signed_in(Person::Bob).await,
            house.signed_in(Person::Bob).await,
            house.signed_in(Person::Bob).await,
        ];
        let page = here.get(SESSIONS).await;
        let shown = text(&page.body);
        assert!(shown.contains("This browser Another program 127.0.0.1"), "{shown}");
        let ids: Vec<_> = page.body.split("name=\"session\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.len(), 2, "one's own has no button");
        assert_eq!(presses(&here, SESSIONS, &[("session", ids[0])]).await.location(), SESSIONS);
        let (there, third) = (there.get("/").await, third.get("/").await);
        let out = |answer: &Answer| answer.status == StatusCode::SEE_OTHER && answer.location() == "/sign-in";
        assert!(out(&there) != out(&third), "one of them is signed out");
        presses(&here, SESSIONS, &[]).await;
        assert!(text(&here.get(SESSIONS).await.body).contains("You are signed in nowhere else."));
        let mallory = house.signed_in(Person::Mallory).await;
        let own = here.get("/").await;
        assert_eq!(own.status, StatusCode::OK);
        presses(&mallory, SESSIONS, &[("session", ids[0])]).await;
        let forged = here.post(SESSIONS, &[("csrf", "guess")]).await;
        assert!(forged.status.is_client_error(), "{forged:?}");
    }

    async fn u8_a_key_is_made_shown_once_rotated_and_revoked(house) {
        let ana = house.invited("ana", BuiltInRole::Admin).await;
        let browser = house.in_browser_as(&ana.email).await;
        let visitor = browser.browser();
        let acme = house.acme.id.to_string();
        let new = [("do", "create"), ("name", "Backup"), ("organization", acme.as_str()), ("scopes", "read"), ("life", "30")];
        let made = presses(visitor, KEYS, &new).await;
        assert_eq!(made.status, StatusCode::OK, "{made:?}");
        let secret = |page: &Answer| format!("dw_{}", &page.body.split("<code>dw_").nth(1).unwrap()[..43]);
        let first = secret(&made);
        house.bearer(&first).get("/v2/organizations/acme/products").await.found();
        let listed = visitor.get(KEYS).await;
        assert!(!listed.body.contains(&first) && text(&listed.body).contains("Ends 2026-12-22 09:30 UTC"), "{listed:?}");

        let id = listed.body.split("Backup").nth(1).unwrap().split("name=\"key\" value=\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        let rotated = presses(visitor, KEYS, &[("do", "rotate"), ("key", &id)]).await;
        let second = secret(&rotated);
        for key in [&first, &second] {
            house.bearer(key).get("/v2/organizations/acme/products").await.found();
        }
        assert!(text(&visitor.get(KEYS).await.body).contains("another has taken its place"));
        assert_eq!(presses(visitor, KEYS, &[("do", "revoke"), ("key", &id)]).await.location(), KEYS);
        assert_eq!(house.bearer(&first).get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        let wrong = presses(visitor, KEYS, &[("do", "create"), ("name", ""), ("organization", &acme), ("scopes", "read"), ("life", "30")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(&wrong.body).contains("Give the key a name"));
    }

    async fn u8_a_key_is_made_only_by_who_proved_themselves_lately(house) {
        let alice = house.signed_in(Person::Alice).await;
        house.wait(Duration::from_mins(16));
        let acme = house.acme.id.to_string();
        let new = [("do", "create"), ("name", "Backup"), ("organization", acme.as_str()), ("scopes", "all"), ("life", "7")];
        let asked = presses(&alice, KEYS, &new).await;
        assert!(asked.location().starts_with("/sign-in") && asked.location().contains("reason=again"), "{asked:?}");
        assert!(text(&alice.get(KEYS).await.body).contains("You have no keys."));
    }

    async fn m7_alerts_are_read_and_marked_as_seen(house) {
        let bob = house.signed_in(Person::Bob).await;
        assert!(text(&bob.get(ALERTS).await.body).contains("Nothing so far."));
        house.signed_in(Person::Bob).await;
        let shown = text(&bob.get(ALERTS).await.body);
        assert!(shown.contains("New device on your account · new") && shown.contains("2026-11-22 09:30 UTC"), "{shown}");
        assert_eq!(presses(&bob, ALERTS, &[]).await.location(), ALERTS);
        let shown = text(&bob.get(ALERTS).await.body);
        assert!(shown.contains("New device on your account") && !shown.contains("· new"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u13_two_browsers_and_one_ends_the_other() {
    let house = House::open(Engine::Sqlite).await;
    let (here, there) = (browser().await, browser().await);
    for one in [&here, &there] {
        one.open(&house.url).await;
        one.sign_in(Person::Bob.email(), Person::Bob.password()).await;
        one.sees("Hello, Bob Becker").await;
    }
    here.open(&format!("{}{SESSIONS}", house.url)).await;
    here.sees("Where you are signed in").await;
    assert!(
        here.words("main").await.contains("Chrome"),
        "both are told apart by name"
    );
    here.press("End this session").await;
    here.sees("Where you are signed in").await;
    assert!(
        here.words("main")
            .await
            .contains("You are signed in nowhere else.")
    );
    there.open(&house.url).await;
    there.sees("Sign in").await;
    here.open(&house.url).await;
    here.sees("Hello, Bob Becker").await;
}
