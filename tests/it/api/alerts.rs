//! Alerts: what people and their administrators are told of an account, and "this wasn't me". LG9, SE12, LO1.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{GRANTS, PRODUCTS, audited, grant, group, role, seat};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Api, House, Person, Visitor, on_both};

const OWN: &str = "/v2/users/me/alerts";
const ACMES: &str = "/v2/organizations/acme/alerts";

/// The kinds of what somebody was told, newest first.
async fn kinds(api: &Api) -> Vec<String> {
    let listed = api.get(OWN).await.found();
    let kind = |alert: &Value| alert["kind"].as_str().unwrap().to_owned();
    listed["data"].as_array().unwrap().iter().map(kind).collect()
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

/// Bob signs in twice, from two devices; answers the second, and where the link leads that he was sent.
async fn bob_is_told(house: &House) -> (Api, Api, String) {
    let (here, there) = (
        house.in_browser(Person::Bob).await,
        house.in_browser(Person::Bob).await,
    );
    let path = house.letter_to(Person::Bob.email()).await.path();
    (here, there, path)
}

/// What signing in with Bob's password leads to.
async fn bob_signs_in(visitor: &Visitor) -> StatusCode {
    visitor.sign_in(Person::Bob).await.status
}

on_both! {
    async fn a_sign_in_from_a_new_device_is_told_and_the_first_ever_is_not(house) {
        let browser = house.visitor();
        bob_signs_in(&browser).await;
        assert!(house.letters().await.is_empty(), "everybody has a first device");
        browser.submit(&browser.get("/").await, &[]).await;
        bob_signs_in(&browser).await;
        assert!(house.letters().await.is_empty(), "the same again");
        house.wait(Duration::from_mins(1));
        let there = house.in_browser(Person::Bob).await;
        let letter = house.letter_to(Person::Bob.email()).await;
        assert_eq!(letter.header("Subject"), "New device on your account");
        for told in ["Hello Bob Becker.", "When: 22 November 2026 at 09:31 UTC", "Address: 127.0.0.1"] {
            assert!(letter.text.contains(told), "{told}: {letter:?}");
        }
        let listed = there.get(&format!("{OWN}?total=true")).await.found();
        let alert = &listed["data"][0];
        assert_eq!((&listed["total"], &alert["kind"], &alert["seen_at"]), (&json!(1), &json!("new_device"), &Value::Null));
        assert_eq!((&alert["from"]["address"], &alert["from"]["place"]), (&json!("127.0.0.1"), &Value::Null));
        assert!(!listed.to_string().contains("not-me"), "a link is in its letter alone");
    }

    async fn alerts_are_seen_one_by_one_or_all(house) {
        let (here, _, _) = bob_is_told(&house).await;
        house.in_browser(Person::Bob).await;
        let unseen = format!("{OWN}?unseen=true&total=true");
        let listed = here.get(&unseen).await.found();
        let place = format!("{OWN}/{}", listed["data"][0]["id"].as_str().unwrap());
        let seen = here.patch(&place, &json!({ "seen": true })).await.found();
        assert_eq!(seen["seen_at"], "2026-11-22T09:30:00Z");
        assert_eq!(here.get(&unseen).await.found()["total"], 1);
        house.wait(Duration::from_secs(5));
        assert_eq!(here.patch(&place, &json!({ "seen": true })).await.found(), seen, "the first time counts");
        here.put_bare(&format!("{OWN}/seen")).await.done();
        assert_eq!(here.get(&unseen).await.found()["total"], 0);
        assert_eq!(here.patch(&place, &json!({ "seen": false })).await.found()["seen_at"], Value::Null);
        assert_eq!(here.patch(&place, &json!({ "seen": null })).await.status, StatusCode::BAD_REQUEST);
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.patch(&place, &json!({ "seen": true })).await.problem(), "not_found");
    }

    async fn whoever_is_let_do_more_by_somebody_else_is_told(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Viewer).await;
        let place = format!("/v2/organizations/acme/members/{}", ana.user);
        alice.patch(&place, &json!({ "role": "admin" })).await.found();
        let letter = house.letter_to(&ana.email).await;
        assert!(letter.text.contains("gave you the role admin"), "{letter:?}");
        assert!(!letter.text.contains("Address:") && !letter.text.contains("http"), "where Alice is is hers: {letter:?}");
        alice.patch(&place, &json!({ "role": "viewer" })).await.found();
        assert_eq!(kinds(&ana.api).await, ["role_raised"], "less is not more");

        house.wait(Duration::from_secs(1));
        grant(&alice, ana.user, &["device:write"]).await;
        let idle = group(&alice, "Idle").await;
        alice.put(&seat(&idle, ana.user), &json!({})).await;
        assert_eq!(kinds(&ana.api).await.len(), 2, "a group without grants gives nothing");
        role(&alice, "pilot", &["device:write"]).await;
        let pilots = group(&alice, "Pilots").await;
        alice.post(GRANTS, &json!({ "subject": pilots, "role": "pilot" })).await.created();
        house.wait(Duration::from_secs(1));
        alice.put(&seat(&pilots, ana.user), &json!({})).await;
        let told = ana.api.get(OWN).await.found();
        assert_eq!(told["data"][0]["detail"], json!({ "given": "group", "to": "Pilots" }));
        assert_eq!(told["data"][1]["detail"], json!({ "given": "permissions", "to": "device:write" }));
        assert!(kinds(&alice).await.is_empty());
    }

    async fn a_key_made_in_ones_name_is_told(house) {
        let alice = house.in_browser(Person::Alice).await;
        let key = json!({ "name": "CI", "expires_in": "90d", "scopes": ["read"], "organization": "acme" });
        alice.post("/v2/users/me/api-keys", &key).await.created();
        let letter = house.letter_to(Person::Alice.email()).await;
        assert!(letter.text.contains("The API key “CI”"), "{letter:?}");
        assert!(letter.path().starts_with("/account/not-me/"));
        let told = alice.get(ACMES).await.found();
        assert_eq!((&told["data"][0]["kind"], &told["data"][0]["user"]["email"]), (&json!("key_created"), &json!("alice@acme.example")));
    }

    async fn administrators_see_what_is_theirs_to_know_and_nothing_of_others(house) {
        let alice = house.in_browser(Person::Alice).await;
        bob_is_told(&house).await;
        let listed = alice.get(&format!("{ACMES}?total=true")).await.found();
        assert_eq!((&listed["total"], &listed["data"]), (&json!(0), &json!([])), "nobody manages Bob: his devices are his");
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.get(ACMES).await.problem(), "not_found");

        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        for _ in 0..2 {
            house.in_browser_as(&eve.email).await;
        }
        let listed = alice.get(ACMES).await.found();
        assert_eq!(listed["data"][0]["user"]["id"], eve.user.to_string(), "Acme manages Eve");
        assert_eq!(listed["data"][0]["kind"], "new_device");
    }

    async fn or6_a_key_reads_no_more_alerts_than_its_scopes_and_organization(house) {
        bob_is_told(&house).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        assert_eq!(key.get(OWN).await.found()["data"], json!([]), "what is no organization's is not this one's");
        let (_, little) = house.key(Some(house.acme.bob), PermissionSet::EMPTY).await;
        assert_eq!(little.get(OWN).await.problem(), "permission_denied");
    }

    async fn this_was_not_me_locks_the_account_at_once(house) {
        let (here, there, path) = bob_is_told(&house).await;
        let fleet = house.acme.fleet.to_string();
        let code = there.browser().agrees(&authorize(&fleet, &[("scope", "openid offline_access")])).await.code();
        let tokens = there.browser().redeem(&fleet, &code).await.found();
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        key.get(PRODUCTS).await.found();
        house.wait(Duration::from_hours(1));

        let done = follows(&house, &path).await;
        assert_eq!((done.status, done.heading().as_str()), (StatusCode::OK, "Your account is locked"));
        for browser in [&here, &there] {
            assert_eq!(browser.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(key.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        let again = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        assert_eq!(there.browser().token(&fleet, &again).await.error(), "invalid_grant");
        let visitor = house.visitor();
        assert_eq!(bob_signs_in(&visitor).await, StatusCode::UNPROCESSABLE_ENTITY, "the password opens nothing");
        let [(who, told)] = audited(&house, "user.locked").await.try_into().unwrap();
        assert_eq!((who, &told["alert"]), (house.acme.bob.to_string(), &json!("new_device")));
        assert_eq!(house.letter_to(Person::Bob.email()).await.header("Subject"), "Your account was locked");
    }

    async fn lg9_a_link_works_once_for_a_week_and_only_when_its_button_is_pressed(house) {
        let (here, _, path) = bob_is_told(&house).await;
        for _ in 0..3 {
            let page = house.visitor().get(&path).await;
            assert!(page.status == StatusCode::OK && page.body.contains("New device on your account"), "{page:?}");
        }
        let bare = house.visitor().post(&path, &[]).await;
        assert!(bare.status.is_client_error(), "without the page's token: {bare:?}");
        here.get("/v2/users/me").await.found();
        assert_eq!(house.visitor().get("/account/not-me/none-of-ours").await.status, StatusCode::GONE);
        house.wait(Duration::from_hours(7 * 24));
        assert_eq!(follows(&house, &path).await.status, StatusCode::GONE, "a week later");
    }

    async fn lg9_of_twenty_who_press_the_button_one_locks_the_account(house) {
        let (_, _, path) = bob_is_told(&house).await;
        let visitor = house.visitor();
        let page = visitor.get(&path).await;
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            let form = [("csrf", page.field("csrf"))];
            tries.spawn(Answer::of(visitor.request("POST", &path).form(&form)));
        }
        let statuses: Vec<_> = tries.join_all().await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1, "{statuses:?}");
        assert_eq!(audited(&house, "user.locked").await.len(), 1);
        assert_eq!(follows(&house, &path).await.status, StatusCode::GONE);
    }

    async fn whoever_was_robbed_of_their_address_gets_it_back(house) {
        let bob = house.in_browser(Person::Bob).await;
        bob.post("/v2/users/me/email", &json!({ "email": "thief@evil.example" })).await;
        let link = house.letter_to("thief@evil.example").await.path();
        assert_eq!(follows(&house, &link).await.status, StatusCode::OK);
        let told = house.letter_to(Person::Bob.email()).await;
        assert_eq!(told.header("Subject"), "Your email address was changed");
        assert_eq!(follows(&house, &told.path()).await.status, StatusCode::OK);
        let alice = house.in_browser(Person::Alice).await;
        let bob = alice.get(&format!("/v2/users/{}", house.acme.bob)).await.found();
        assert_eq!((&bob["email"], &bob["email_verified"]), (&json!("bob@acme.example"), &json!(true)));
    }

    async fn the_managing_organization_hears_that_an_account_was_locked(house) {
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        for _ in 0..2 {
            house.in_browser_as(&eve.email).await;
        }
        let path = house.letter_to(&eve.email).await.path();
        house.wait(Duration::from_secs(1));
        assert_eq!(follows(&house, &path).await.status, StatusCode::OK);
        let alice = house.in_browser(Person::Alice).await;
        let listed = alice.get(ACMES).await.found();
        assert_eq!(listed["data"][0]["kind"], "disowned");
        assert_eq!(listed["data"][0]["detail"], json!({ "what": "new_device" }));
    }

    async fn lo1_se12_a_hostile_name_or_program_stays_text(house) {
        let evil = "\u{202e}<script>alert(1)</script>\u{1b}[31m";
        house.in_browser(Person::Bob).await;
        let there = house.visitor();
        let page = there.get("/sign-in").await;
        let agent = "Mozilla/5.0 (X11; FreeBSD <script>alert(1)</script>; rv:1) Gecko/20100101 Firefox/9";
        let form = [("csrf", page.field("csrf")), ("email", Person::Bob.email().to_owned())];
        let next = Answer::of(there.request("POST", "/sign-in").header("User-Agent", agent).form(&form)).await;
        let page = there.follow(next).await;
        let form = [("csrf", page.field("csrf")), ("password", Person::Bob.password().to_owned())];
        Answer::of(there.request("POST", &page.action()).header("User-Agent", agent).form(&form)).await;
        let letter = house.letter_to(Person::Bob.email()).await;
        assert!(letter.text.contains("Firefox 9"), "{letter:?}");
        assert!(!letter.html.contains("<script>") && !letter.text.contains("<script>"), "{letter:?}");
        let shown = house.visitor().get(&letter.path()).await;
        assert!(!shown.body.contains("<script>alert"), "{shown:?}");
        let alice = house.in_browser(Person::Alice).await;
        let key = json!({ "name": evil, "expires_in": "1d", "scopes": ["read"], "organization": "acme" });
        assert_eq!(alice.post("/v2/users/me/api-keys", &key).await.pointer(), "/name");
    }
}
