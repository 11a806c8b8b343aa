//! One's own password, changed with the old one; and links to another that administrators send.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::throttle::Allowance;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::audited;
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Api, Person, Visitor, on_both};

const PASSWORD: &str = "/v2/users/me/password";
const SECURITY: &str = "/v2/organizations/acme/security";
const NEW: &str = "teapot lantern gravel";

async fn changes(api: &Api, old: &str, new: &str) -> Answer {
    api.put(PASSWORD, &json!({ "old_password": old, "password": new }))
        .await
}

/// Signs in from a browser that nobody knows.
async fn signs_in(visitor: &Visitor, email: &str, password: &str) -> Answer {
    let page = visitor.get("/sign-in").await;
    visitor.sign_in_on(&page, email, password).await
}

/// Bob's password, and how it is told that one is not good enough.
async fn refused(bob: &Api, new: &str) -> (String, String) {
    let answer = changes(bob, Person::Bob.password(), new).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    let detail = answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
    (answer.pointer(), detail)
}

/// What is sent to a member of Acme.
fn reset_of(user: impl std::fmt::Display) -> String {
    format!("/v2/organizations/acme/members/{user}/password-reset")
}

on_both! {
    async fn the_new_password_opens_and_everything_of_the_old_one_ends(house) {
        let bob = house.in_browser(Person::Bob).await;
        let elsewhere = house.signed_in(Person::Bob).await;
        let code = elsewhere.agrees(&authorize(&house.acme.desk.to_string(), &[])).await.code();
        let tokens = elsewhere.redeem(&house.acme.desk.to_string(), &code).await.json();
        let before = bob.browser().get("/").await.field("csrf");

        let changed = changes(&bob, Person::Bob.password(), NEW).await;
        assert_eq!(changed.status, StatusCode::NO_CONTENT, "{changed:?}");
        assert!(changed.cookies().iter().any(|cookie| cookie.contains("session=")), "{changed:?}");
        let home = bob.browser().get("/").await;
        assert_eq!(home.status, StatusCode::OK, "this browser goes on");
        assert_ne!(home.field("csrf"), before, "under another cookie");
        assert_eq!(elsewhere.get("/").await.location(), "/sign-in");
        let spent = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        let refreshed = elsewhere.token(&house.acme.desk.to_string(), &[&spent[..], &[("redirect_uri", ""), ("code_verifier", "")]].concat()).await;
        assert_eq!(refreshed.error(), "invalid_grant");

        let old = signs_in(&house.visitor(), Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(signs_in(&house.visitor(), Person::Bob.email(), NEW).await.location(), "/");
        let letters = house.letters().await;
        let told = letters.iter().filter(|letter| letter.header("Subject") == "Your password was changed");
        assert_eq!(told.count(), 1, "{letters:?}");
        assert_eq!(audited(&house, "user.password_changed").await.len(), 1);
    }

    async fn what_is_wrong_with_a_new_password_is_said(house) {
        let bob = house.in_browser(Person::Bob).await;
        for (new, why) in [
            ("short", "at least 15 characters"),
            (&"long ".repeat(40), "at most 128 characters"),
            ("bobbecker@acme.example", "your name"),
            ("qwertyuiopasdfghj", "many people choose it"),
            (Person::Bob.password(), "already"),
        ] {
            let (pointer, detail) = refused(&bob, new).await;
            assert_eq!(pointer, "/password", "{new}");
            assert!(detail.contains(why), "{new}: {detail}");
        }
        let alice = house.in_browser(Person::Alice).await;
        alice.patch(SECURITY, &json!({ "password_min_length": 22 })).await.found();
        assert!(refused(&bob, NEW).await.1.contains("at least 22 characters"));
        let missing = bob.put(PASSWORD, &json!({ "old_password": "x" })).await;
        assert_eq!((missing.status, missing.pointer().as_str()), (StatusCode::BAD_REQUEST, "/password"));
    }

    async fn a_password_stays_used_for_as_long_as_an_organization_asks(house) {
        let alice = house.in_browser(Person::Alice).await;
        alice.patch(SECURITY, &json!({ "password_history": 3 })).await.found();
        let all = [Person::Bob.password(), NEW, "gravel teapot lantern", "lantern gravel teapot"];
        let mut present = all[0];
        for (number, next) in all.into_iter().enumerate().skip(1) {
            let bob = house.visitor();
            assert_eq!(signs_in(&bob, Person::Bob.email(), present).await.location(), "/");
            let bob = Api::of(bob).await;
            for used in &all[number.saturating_sub(3)..number] {
                let answer = changes(&bob, present, used).await;
                assert_eq!(answer.pointer(), "/password", "{used} after {number} changes");
            }
            assert_eq!(changes(&bob, present, next).await.status, StatusCode::NO_CONTENT);
            present = next;
            house.wait(Duration::from_secs(1));
        }
        let bob = house.visitor();
        assert_eq!(signs_in(&bob, Person::Bob.email(), present).await.location(), "/");
        assert_eq!(changes(&Api::of(bob).await, present, all[0]).await.status, StatusCode::NO_CONTENT, "three others since");
    }

    async fn lg5_a_session_is_no_way_to_guess_its_password(house) {
        let bob = house.in_browser(Person::Bob).await;
        for _ in 0..=Allowance::DEVICE.free {
            let wrong = changes(&bob, "a wrong password indeed", NEW).await;
            assert_eq!((wrong.status, wrong.pointer().as_str()), (StatusCode::BAD_REQUEST, "/old_password"));
        }
        let early = changes(&bob, Person::Bob.password(), NEW).await;
        assert_eq!((early.status, early.problem().as_str()), (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"));
        assert_eq!(early.header("retry-after"), "1");
        let failed = audited(&house, "user.password_change_failed").await;
        assert_eq!(i64::try_from(failed.len()).unwrap(), Allowance::DEVICE.free + 1);
        house.wait(Duration::from_secs(1));
        assert_eq!(changes(&bob, "a wrong password indeed", NEW).await.pointer(), "/old_password");
        let browser = bob.browser();
        browser.submit(&browser.get("/").await, &[]).await;
        let sign_in = signs_in(browser, Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(sign_in.status, StatusCode::TOO_MANY_REQUESTS, "the same counter");
    }

    async fn only_somebody_in_a_browser_who_signed_in_lately_changes_a_password(house) {
        let bob = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        assert_eq!(changes(&key, Person::Bob.password(), NEW).await.status, StatusCode::FORBIDDEN);
        assert_eq!(changes(&house.nobody(), Person::Bob.password(), NEW).await.status, StatusCode::UNAUTHORIZED);
        let bare = bob.browser().request("PUT", PASSWORD).json(&json!({ "password": NEW }));
        assert_eq!(Answer::of(bare).await.problem(), "forbidden_origin");
        let dry = json!({ "old_password": Person::Bob.password(), "password": NEW });
        assert_eq!(bob.put(&format!("{PASSWORD}?dry_run=true"), &dry).await.status, StatusCode::BAD_REQUEST);
        house.wait(Duration::from_secs(15 * 60 + 1));
        assert_eq!(changes(&bob, Person::Bob.password(), NEW).await.problem(), "insufficient_user_authentication");
        assert_eq!(signs_in(&house.visitor(), Person::Bob.email(), Person::Bob.password()).await.location(), "/");
    }

    async fn an_admin_sends_a_link_and_never_sees_it(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let sent = ana.api.post(&reset_of(eve.user), &json!({})).await;
        assert_eq!((sent.status, sent.body.as_str()), (StatusCode::ACCEPTED, ""));
        let letter = house.letter_to(&eve.email).await;
        assert!(letter.text.replace('\n', " ").contains("an administrator of Acme"), "{letter:?}");
        let visitor = house.visitor();
        let page = visitor.get(&letter.path()).await;
        assert_eq!(visitor.submit(&page, &[("password", NEW)]).await.location(), "/password/changed");
        assert_eq!(signs_in(&visitor, &eve.email, NEW).await.location(), "/");
        let told = audited(&house, "user.password_reset_sent").await;
        assert_eq!((told.len(), &told[0].1["force"]), (1, &json!(false)));
        assert!(!told[0].1.to_string().contains("/password/reset/"));
    }

    async fn a_password_is_changed_before_it_opens_anything_where_an_admin_forces_it(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        assert_eq!(ana.api.post(&reset_of(eve.user), &json!({ "force": true })).await.status, StatusCode::ACCEPTED);
        let visitor = house.visitor();
        let answer = signs_in(&visitor, &eve.email, Person::Bob.password()).await;
        assert!(answer.location().ends_with("/new-password"), "{answer:?}");
        let page = visitor.get(&answer.location()).await;
        assert_eq!(page.heading(), "Choose a new password");
        let same = visitor.submit(&page, &[("password", Person::Bob.password())]).await;
        assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY, "not the one that was to be changed");
        assert_eq!(visitor.get("/").await.location(), "/sign-in", "nobody is signed in meanwhile");
        assert_eq!(visitor.submit(&page, &[("password", NEW)]).await.location(), "/");
        assert_eq!(visitor.get("/").await.status, StatusCode::OK);
        assert_eq!(signs_in(&house.visitor(), &eve.email, NEW).await.location(), "/", "and only once");
        let told = audited(&house, "user.password_changed").await;
        assert_eq!((told.len(), &told[0].1["forced"]), (1, &json!(true)));
    }

    async fn links_are_sent_only_to_those_whom_one_may_act_on(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let owner = house.invited("olga", BuiltInRole::Owner).await;
        let bobs = ana.api.post(&reset_of(house.acme.bob), &json!({})).await;
        assert_eq!((bobs.status, &bobs.json()["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("not_managed")));
        let above = ana.api.post(&reset_of(owner.user), &json!({})).await;
        assert_eq!((above.status, above.problem().as_str()), (StatusCode::FORBIDDEN, "exceeds_own_permissions"));
        let unknown = ana.api.post(&reset_of("nobody@acme.example"), &json!({})).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.post(&reset_of(house.acme.bob), &json!({})).await.status, StatusCode::NOT_FOUND);
        assert!(house.letters().await.is_empty());
        let alice = house.in_browser(Person::Alice).await;
        assert_eq!(alice.post(&reset_of(house.acme.bob), &json!({})).await.status, StatusCode::ACCEPTED);
        assert_eq!(house.letters().await.len(), 1);
        let typo = alice.post(&reset_of(house.acme.bob), &json!({ "forced": true })).await;
        assert_eq!((typo.status, typo.json()["errors"][0]["code"].clone()), (StatusCode::BAD_REQUEST, Value::from("unknown")));
    }
}
