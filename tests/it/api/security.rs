//! Security settings: whole, bounded, in force from the next request on, and never a trap for who sets them.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::who_calls::token;
use super::{PRODUCTS, audited};
use crate::harness::{Person, on_both};

const SECURITY: &str = "/v2/organizations/acme/security";

on_both! {
    async fn settings_are_shown_whole_and_changed_in_part(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let whole = json!({
            "require_mfa": false, "mfa_grace_days": 0, "allowed_factors": ["totp", "webauthn", "sms"],
            "require_user_verification": false,
            "ip_allowlist": [], "session_idle_seconds": 28_800, "session_max_seconds": 86_400,
            "trusted_device_days": 0, "api_key_max_age_days": null, "password_min_length": 15,
            "password_history": 0, "required_connection": null,
        });
        assert_eq!(ana.api.get(SECURITY).await.found(), whole);
        let change = json!({
            "ip_allowlist": ["127.0.0.9/8", "2001:db8::7/32", "::ffff:192.0.2.7"], "allowed_factors": ["sms", "totp"],
            "session_idle_seconds": 60, "session_max_seconds": 600, "api_key_max_age_days": 90, "mfa_grace_days": 7,
            "trusted_device_days": 30, "password_min_length": 8, "password_history": 24, "require_mfa": true,
        });
        let changed = ana.api.patch(SECURITY, &change).await.found();
        assert_eq!(changed["ip_allowlist"], json!(["127.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"]));
        assert_eq!(changed["allowed_factors"], json!(["totp", "sms"]));
        assert_eq!(ana.api.get(SECURITY).await.found(), changed);
        house.wait(Duration::from_millis(1));
        let back = ana.api.patch(SECURITY, &json!({ "api_key_max_age_days": null, "required_connection": null })).await.found();
        assert_eq!((&back["api_key_max_age_days"], &back["session_max_seconds"]), (&json!(null), &json!(600)));
        let told = audited(&house, "organization.security_changed").await;
        assert_eq!(told.len(), 2);
        assert_eq!((&told[1].1["before"], &told[1].1["after"]), (
            &json!({ "api_key_max_age_days": changed["api_key_max_age_days"] }),
            &json!({ "api_key_max_age_days": null }),
        ));
        ana.api.patch(SECURITY, &json!({ "require_mfa": true })).await.found();
        assert_eq!(audited(&house, "organization.security_changed").await.len(), 2, "nothing changed");
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let many: Vec<String> = (0..=100).map(|n| format!("127.0.{n}.0/24")).collect();
        for (body, pointer) in [
            (json!({ "session_idle_seconds": 59 }), "/session_idle_seconds"),
            (json!({ "session_idle_seconds": 28_801 }), "/session_idle_seconds"),
            (json!({ "session_idle_seconds": -1 }), "/session_idle_seconds"),
            (json!({ "session_max_seconds": 86_401 }), "/session_max_seconds"),
            (json!({ "session_max_seconds": 18_446_744_073_709_551_615_u64 }), "/session_max_seconds"),
            (json!({ "session_max_seconds": 600 }), "/session_idle_seconds"),
            (json!({ "mfa_grace_days": 31 }), "/mfa_grace_days"),
            (json!({ "trusted_device_days": 91 }), "/trusted_device_days"),
            (json!({ "api_key_max_age_days": 0 }), "/api_key_max_age_days"),
            (json!({ "api_key_max_age_days": 366 }), "/api_key_max_age_days"),
            (json!({ "password_min_length": 7 }), "/password_min_length"),
            (json!({ "password_min_length": 129 }), "/password_min_length"),
            (json!({ "password_history": 25 }), "/password_history"),
            (json!({ "allowed_factors": [] }), "/allowed_factors"),
            (json!({ "allowed_factors": ["totp", "totp"] }), "/allowed_factors/1"),
            (json!({ "allowed_factors": ["totp", "hope"] }), "/allowed_factors/1"),
            (json!({ "ip_allowlist": ["127.0.0.0/8", "home"] }), "/ip_allowlist/1"),
            (json!({ "ip_allowlist": ["127.0.0.0/8", "127.1.2.3/8"] }), "/ip_allowlist/1"),
            (json!({ "ip_allowlist": ["192.0.2.0/24", "::ffff:192.0.2.0/120"] }), "/ip_allowlist/1"),
            (json!({ "ip_allowlist": many }), "/ip_allowlist"),
            (json!({ "ip_allowlist": null }), "/ip_allowlist"),
            (json!({ "required_connection": "con_01kaxw3vd0f1wvj1d2sahtfxyz" }), "/required_connection"),
            (json!({ "required_connection": "google" }), "/required_connection"),
            (json!({ "require_mfa": "yes" }), "/require_mfa"),
        ] {
            let answer = ana.api.patch(SECURITY, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        let all = json!({ "session_idle_seconds": 1, "mfa_grace_days": 99, "ip_allowlist": ["192.0.2.0/24"] });
        let answer = ana.api.patch(SECURITY, &all).await.json();
        assert_eq!(answer["errors"].as_array().unwrap().len(), 3, "all of it at once");
    }

    async fn a_network_that_is_not_listed_is_shut_out_at_the_next_request(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        let bearer = house.bearer(&token(&house, Person::Bob, "organization:read").await);
        let everybody = [&bob, &vera.api, &robot, &bearer, &alice];
        for api in everybody {
            api.get(PRODUCTS).await.found();
        }
        // Whoever asks is here, so the way in from elsewhere is what storage allows a test.
        house.set_policy(policy(&["192.0.2.0/24"]), doorward::domain::session::SessionLimits::INSTANCE).await;
        for api in everybody {
            let refused = api.get(PRODUCTS).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "address_not_allowed".to_owned()));
        }
        house.set_policy(policy(&[]), doorward::domain::session::SessionLimits::INSTANCE).await;
        alice.patch(SECURITY, &json!({ "ip_allowlist": ["192.0.2.0/24", "127.0.0.1"] })).await.found();
        for api in everybody {
            api.get(PRODUCTS).await.found();
        }
    }

    async fn a_second_factor_that_is_asked_for_is_asked_at_the_next_request(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let bob = house.in_browser(Person::Bob).await;
        let bearer = house.bearer(&token(&house, Person::Bob, "organization:read").await);
        bob.get(PRODUCTS).await.found();
        bearer.get(PRODUCTS).await.found();
        olga.api.patch(SECURITY, &json!({ "require_mfa": true })).await.found();
        for api in [&bob, &bearer] {
            let refused = api.get(PRODUCTS).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "second_factor_missing".to_owned()));
        }
        olga.api.get(PRODUCTS).await.found();
        olga.api.patch(SECURITY, &json!({ "require_mfa": false })).await.found();
        bob.get(PRODUCTS).await.found();
    }

    async fn shorter_sessions_are_over_at_the_next_request(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bob = house.in_browser(Person::Bob).await;
        let bearer = house.bearer(&token(&house, Person::Bob, "organization:read").await);
        bob.get(PRODUCTS).await.found();
        house.wait(Duration::from_secs(121));
        bob.get(PRODUCTS).await.found();
        bearer.get(PRODUCTS).await.found();
        let change = json!({ "session_idle_seconds": 60, "session_max_seconds": 120 });
        ana.api.patch(SECURITY, &change).await.found();
        assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again");
        assert_eq!(bearer.get(PRODUCTS).await.problem(), "unauthenticated");
        ana.api.get(PRODUCTS).await.found();
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
    }

    async fn nobody_locks_themselves_out(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bearer = house.bearer(&token(&house, Person::Alice, "organization:write").await);
        let elsewhere = json!({ "ip_allowlist": ["192.0.2.0/24"] });
        for api in [&alice, &ana.api, &bearer] {
            assert_eq!(api.patch(SECURITY, &elsewhere).await.pointer(), "/ip_allowlist");
        }
        for api in [&alice, &bearer] {
            let both = json!({ "require_mfa": true, "ip_allowlist": ["::1"] });
            let refused = api.patch(SECURITY, &both).await.json();
            let pointers: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
            assert_eq!(pointers, ["/ip_allowlist", "/require_mfa"]);
        }
        let forged = alice.request("PATCH", SECURITY).header("x-forwarded-for", "192.0.2.7").json(&elsewhere);
        assert_eq!(crate::harness::Answer::of(forged).await.pointer(), "/ip_allowlist", "nobody's word for it");
        alice.get(SECURITY).await.found();
    }

    async fn nobody_learns_or_changes_them_without_the_right(house) {
        let dana = house.employ("dana", BuiltInRole::Manager).await;
        let (_, reader) = house.key(None, BuiltInRole::Viewer.permissions()).await;
        for api in [&dana.api, &reader] {
            for answer in [api.get(SECURITY).await, api.patch(SECURITY, &json!({})).await] {
                assert_eq!((answer.status, answer.json()["permission"].clone()), (StatusCode::FORBIDDEN, Value::from("organization:write")));
            }
        }
    }
}

fn policy(networks: &[&str]) -> doorward::domain::access::Policy {
    doorward::domain::access::Policy {
        ip_allowlist: networks.iter().map(|network| network.parse().unwrap()).collect(),
        ..doorward::domain::access::Policy::default()
    }
}
