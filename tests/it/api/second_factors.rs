//! One's own second factors over the API, and those of managed members: state, and never a secret. MF7, OR1.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use doorward::domain::id::UserId;
use reqwest::StatusCode;
use serde_json::json;

use super::audited;
use crate::harness::{Api, House, Person, on_both};

const TOTP: &str = "/v2/users/me/totp";
const CODES: &str = "/v2/users/me/recovery-codes";
const PHONE: &str = "/v2/users/me/phone";
const NOT_FRESH: &str = "insufficient_user_authentication";
const SECURITY: &str = "/v2/organizations/acme/security";

/// Somebody in a browser who set up an app.
async fn with_an_app(house: &House, person: Person) -> Api {
    let api = house.in_browser(person).await;
    house.set_up_app(api.browser()).await;
    api.renewed().await
}

fn factors_of(user: UserId) -> String {
    format!("/v2/organizations/acme/members/{user}/second-factors")
}

on_both! {
    async fn what_one_has_is_told_without_what_it_is(house) {
        let bob = house.in_browser(Person::Bob).await;
        assert_eq!(bob.get(TOTP).await.found(), json!({ "enabled": false, "created_at": null, "last_used_at": null }));
        assert_eq!(bob.get(CODES).await.found(), json!({ "left": 0, "created_at": null }));
        let none = json!({ "enabled": false, "number": null, "created_at": null, "last_used_at": null });
        assert_eq!(bob.get(PHONE).await.found(), none);
        for path in [TOTP, CODES, PHONE] {
            assert_eq!(bob.delete(path).await.status, StatusCode::NOT_FOUND);
        }
        house.set_up_app(bob.browser()).await;
        let bob = bob.renewed().await;
        let totp = bob.get(TOTP).await.found();
        assert_eq!(totp, json!({ "enabled": true, "created_at": "2026-11-22T09:30:00Z", "last_used_at": null }));
        assert_eq!(bob.get(CODES).await.found(), json!({ "left": 10, "created_at": "2026-11-22T09:30:00Z" }));
    }

    async fn mf7_an_open_session_is_not_enough_to_take_a_factor_away(house) {
        let bob = with_an_app(&house, Person::Bob).await;
        house.wait(Duration::from_mins(16));
        for path in [TOTP, CODES] {
            let refused = bob.delete(path).await;
            assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::UNAUTHORIZED, NOT_FRESH));
        }
        assert_eq!(bob.get(TOTP).await.found()["enabled"], true);
    }

    async fn an_administrator_helps_a_managed_member_who_is_told(house) {
        let carol = house.invited("carol", BuiltInRole::Viewer).await;
        let browser = house.in_browser_as(&carol.email).await;
        house.set_up_app(browser.browser()).await;
        let alice = house.in_browser(Person::Alice).await;
        let removed = alice.delete(&factors_of(carol.user)).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed:?}");
        assert_eq!(alice.delete(&factors_of(carol.user)).await.status, StatusCode::NOT_FOUND, "there is none left");
        house.in_browser_as(&carol.email).await;
        let letters = house.letters().await;
        let told = letters.iter().filter(|letter| letter.text.contains("no longer has"));
        assert_eq!(told.count(), 2, "one of the app, one of the recovery codes: {letters:?}");
        let events = audited(&house, "user.second_factors_removed").await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].1["factors"], json!(["totp", "recovery_codes"]));
    }

    async fn or1_nobody_else_takes_second_factors_away(house) {
        let carol = house.invited("carol", BuiltInRole::Viewer).await;
        let browser = house.in_browser_as(&carol.email).await;
        house.set_up_app(browser.browser()).await;
        with_an_app(&house, Person::Bob).await;
        let viewer = house.employ("vera", BuiltInRole::Viewer).await;
        let admin = house.employ("ana", BuiltInRole::Admin).await;
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(viewer.api.delete(&factors_of(carol.user)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(mallory.delete(&factors_of(carol.user)).await.status, StatusCode::NOT_FOUND);
        let umbrella = format!("/v2/organizations/umbrella/members/{}/second-factors", carol.user);
        assert_eq!(mallory.delete(&umbrella).await.status, StatusCode::NOT_FOUND);
        // Bob's account is nobody's to manage.
        assert_eq!(admin.api.delete(&factors_of(house.acme.bob)).await.status, StatusCode::NOT_FOUND);
        let stale = house.in_browser(Person::Alice).await;
        house.wait(Duration::from_mins(16));
        let refused = stale.delete(&factors_of(carol.user)).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::UNAUTHORIZED, NOT_FRESH));
    }

    async fn the_last_factor_that_an_organization_asks_for_stays(house) {
        let bob = house.in_browser(Person::Bob).await;
        let (app, _) = house.set_up_app(bob.browser()).await;
        let alice = with_an_app(&house, Person::Alice).await;
        alice.patch(SECURITY, &json!({ "require_mfa": true })).await.found();
        house.wait(Duration::from_mins(2));
        let visitor = house.visitor();
        let answer = visitor.sign_in(Person::Bob).await;
        let page = visitor.get(&answer.location()).await;
        visitor.submit(&page, &[("code", &app.code(house.clock.now()))]).await;
        let csrf = visitor.get("/account/authenticator").await.field("csrf");
        let refused = visitor.post("/account/authenticator", &[("csrf", &csrf), ("do", "remove")]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");
        assert!(refused.body.contains("Acme asks for a second factor"), "{refused:?}");
    }
}
