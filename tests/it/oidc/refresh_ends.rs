//! TK13: what ends a person's tokens, or changes what they are worth: who they are, what they may do, the session that
//! acts, the application, the organization's policy.

use std::time::Duration;

use serde_json::json;

use super::back_end::{BackEnd, Tokens, bob_at_desk};
use super::refusal::{is_no_token, is_told};
use crate::harness::visitor::authorize;
use crate::harness::{House, Person, on_both};
use doorward::domain::access::{Permission, Policy};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::session::SessionLimits;
use doorward::domain::user::UserStatus;

const HOUR: Duration = Duration::from_hours(1);
const INSTANT: Duration = Duration::from_millis(1);

async fn limit(house: &House, idle: Duration, max: Duration) {
    house
        .set_policy(Policy::default(), SessionLimits { idle, max })
        .await;
}

on_both! {
    async fn tk13_signing_out_ends_them(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let fleet = BackEnd::of(&house, house.acme.fleet);
        let others = fleet.signs_in(&bob, &[]).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        desk.has_lost(&tokens, "signed out").await;
        fleet.has_lost(&others, "signed out of everything").await;
        bob.sign_in(Person::Bob).await;
        desk.has_lost(&tokens, "a new session does not wake them").await;
    }

    async fn tk13_a_suspended_or_deleted_person_has_none(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        for status in [UserStatus::Suspended, UserStatus::Deleted] {
            house.set_user(house.acme.bob, status).await;
            desk.has_lost(&tokens, status.as_str()).await;
        }
    }

    async fn tk13_a_suspended_or_inactive_member_has_none_there(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let parasol = BackEnd::of(&house, house.acme.parasol);
        let elsewhere = parasol.signs_in(&bob, &[]).await;
        for status in [MembershipStatus::Suspended, MembershipStatus::Inactive] {
            house.set_member(house.acme.bob, house.acme.id, status).await;
            desk.has_lost(&tokens, status.as_str()).await;
        }
        parasol.is_open_to(&elsewhere.access, "what Acme does is nothing to Umbrella").await;
        parasol.refreshed(&elsewhere).await;
    }

    async fn tk13_an_application_that_is_switched_off_gets_nothing(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let id = house.register("Acme Reader", |_| {}).await;
        let reader = BackEnd::of(&house, id);
        let for_all = desk.signs_in(&bob, &[("resource", crate::harness::cast::RESOURCE)]).await;
        reader.is_open_to(&for_all.access, "while Desk is on").await;
        house.switch_off(house.acme.desk).await;
        is_no_token(&desk.refresh(tokens.refresh()).await, "invalid_client", "switched off");
        reader.is_closed_to(&for_all.access, "whoever asks").await;
    }

    async fn tk13_what_a_person_may_no_longer_do_is_in_no_token(house) {
        let desk = BackEnd::of(&house, house.acme.desk);
        let bob = house.signed_in(Person::Bob).await;
        let until = house.clock.now().plus(Duration::from_mins(2));
        house.lend_everything(house.acme.bob, until).await;
        let first = desk.signs_in(&bob, &[]).await;
        assert!(first.allows(Permission::OrganizationDelete));
        assert_eq!(first.body["expires_in"], 120, "no token outlives a grant it carries");
        house.wait(Duration::from_secs(90));
        let second = desk.refreshed(&first).await;
        assert!(second.allows(Permission::OrganizationDelete));
        assert_eq!(second.body["expires_in"], 30);
        house.wait(Duration::from_secs(30));
        desk.is_closed_to(&second.access, "ended with the grant").await;
        let third = desk.refreshed(&second).await;
        assert!(!third.allows(Permission::OrganizationDelete), "{}", third.claims());
        assert!(third.allows(Permission::DeviceWrite), "an operator is what Bob still is");
        assert_eq!(third.body["expires_in"], 300);
    }

    async fn tk13_an_activation_that_an_administrator_ended_is_over(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        house.wait(INSTANT);
        house.end_activation(tokens.claims()["sid"].as_str().unwrap()).await;
        desk.has_lost(&tokens, "ended").await;
        let silent = bob.get(&authorize(&desk.id, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "login_required", "never silently");
    }

    async fn a_session_is_in_use_while_its_tokens_are_refreshed_and_a_day_at_most(house) {
        let (desk, bob, mut tokens) = bob_at_desk(&house).await;
        for _ in 0..3 {
            house.wait(7 * HOUR);
            tokens = desk.refreshed(&tokens).await;
        }
        bob.code(&desk.id).await;
        house.wait(Duration::from_mins(179));
        tokens = desk.refreshed(&tokens).await;
        assert_eq!(tokens.body["expires_in"], 60, "no token outlives its session");
        desk.is_open_to(&tokens.access, "to the last").await;
        house.wait(Duration::from_mins(1));
        desk.has_lost(&tokens, "a day old").await;
        let silent = bob.get(&authorize(&desk.id, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "login_required", "and so is the session");
    }

    async fn eight_hours_without_a_refresh_end_it(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        house.wait(8 * HOUR);
        let second = desk.refreshed(&first).await;
        house.wait(8 * HOUR + INSTANT);
        desk.has_lost(&second, "idle").await;
    }

    async fn asking_again_for_what_got_lost_is_no_use_of_a_session_that_is_over(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        desk.refreshed(&first).await;
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "within the ten seconds");
    }

    async fn signing_in_once_more_does_not_lengthen_what_was_handed_out(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        house.wait(7 * HOUR);
        let page = bob.arrives(&authorize(&desk.id, &[("prompt", "login")])).await;
        bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        let auth_time = first.claims()["auth_time"].as_i64().unwrap();
        let mut tokens = desk.refreshed(&first).await;
        assert_eq!(tokens.claims()["auth_time"], auth_time + 7 * 3600, "Bob proved himself again");
        for _ in 0..2 {
            house.wait(8 * HOUR);
            tokens = desk.refreshed(&tokens).await;
        }
        house.wait(HOUR);
        desk.has_lost(&tokens, "24 hours after it began").await;
        desk.signs_in(&bob, &[]).await;
    }

    async fn an_organizations_limits_count_for_its_tokens(house) {
        limit(&house, Duration::from_mins(10), HOUR).await;
        let (desk, _bob, mut tokens) = bob_at_desk(&house).await;
        for _ in 0..6 {
            house.wait(Duration::from_mins(10));
            tokens = desk.refreshed(&tokens).await;
        }
        house.wait(INSTANT);
        desk.has_lost(&tokens, "an hour is what Acme allows").await;
    }

    async fn limits_that_tighten_reach_refresh_tokens(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        house.wait(Duration::from_mins(2));
        limit(&house, Duration::from_mins(1), HOUR).await;
        desk.has_lost(&tokens, "two minutes idle").await;
    }

    async fn tk13_an_allowlist_keeps_a_public_client_at_home(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (desk, pocket) = (BackEnd::of(&house, house.acme.desk), BackEnd::public(&house));
        let (confidential, public) = (desk.signs_in(&bob, &[]).await, pocket.signs_in(&bob, &[]).await);
        let elsewhere = Policy { ip_allowlist: vec!["192.0.2.0/24".parse().unwrap()], ..Policy::default() };
        house.set_policy(elsewhere, SessionLimits::INSTANCE).await;
        is_no_token(&pocket.refresh(public.refresh()).await, "invalid_grant", "from elsewhere");
        desk.refreshed(&confidential).await;
        let here = Policy { ip_allowlist: vec!["127.0.0.0/8".parse().unwrap()], ..Policy::default() };
        house.set_policy(here, SessionLimits::INSTANCE).await;
        pocket.refreshed(&public).await;
    }

    async fn tk13_a_second_factor_that_is_asked_for_and_missing_ends_them(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let policy = Policy { require_mfa: true, ..Policy::default() };
        house.set_policy(policy, SessionLimits::INSTANCE).await;
        desk.has_lost(&tokens, "a password alone").await;
    }

    async fn an_offline_family_outlives_the_session(house) {
        let (mill, bob, first) = bob_at_the_mill(&house).await;
        assert_eq!(first.body["scope"], "offline_access openid");
        bob.submit(&bob.get("/sign-out").await, &[]).await;
        mill.is_open_to(&first.access, "signed out, and still").await;
        house.wait(10 * HOUR);
        let second = mill.refreshed(&first).await;
        let (before, after) = (first.claims(), second.claims());
        for same in ["sub", "sid", "auth_time", "acr", "amr", "org", "roles"] {
            assert_eq!(after[same], before[same], "{same}");
        }
        mill.is_open_to(&second.access, "days later").await;
        let told = mill.introspect(second.refresh()).await;
        assert_eq!(told["exp"], house.clock.now().plus(30 * 24 * HOUR).seconds());
    }

    async fn an_offline_family_lives_thirty_days_idle_and_ninety_at_most(house) {
        let (mill, bob, first) = bob_at_the_mill(&house).await;
        let idle = mill.signs_in(&bob, &[("scope", "openid offline_access")]).await;
        let mut tokens = first;
        for _ in 0..3 {
            house.wait(Duration::from_secs(30 * 24 * 3600 - 1));
            tokens = mill.refreshed(&tokens).await;
        }
        assert_eq!(tokens.body["expires_in"], 3, "three seconds before its end");
        house.wait(Duration::from_secs(3));
        mill.has_lost(&tokens, "ninety days").await;
        mill.has_lost(&idle, "unused").await;

        bob.sign_in(Person::Bob).await;
        let unused = mill.signs_in(&bob, &[("scope", "openid offline_access")]).await;
        house.wait(30 * 24 * HOUR);
        mill.has_lost(&unused, "thirty days").await;
    }

    async fn tk9_a_copy_gives_itself_away_however_late(house) {
        let (mill, _bob, first) = bob_at_the_mill(&house).await;
        house.wait(20 * 24 * HOUR);
        let second = mill.refreshed(&first).await;
        house.wait(20 * 24 * HOUR);
        is_no_token(&mill.refresh(first.refresh()).await, "invalid_grant", "forty days old");
        mill.has_lost(&second, "its successor").await;
    }

    async fn an_offline_family_ends_with_its_person_member_policy_and_consent(house) {
        let (mill, _bob, tokens) = bob_at_the_mill(&house).await;
        let (bob, acme) = (house.acme.bob, house.acme.id);
        house.set_user(bob, UserStatus::Suspended).await;
        mill.has_lost(&tokens, "suspended").await;
        house.set_user(bob, UserStatus::Active).await;
        house.set_member(bob, acme, MembershipStatus::Suspended).await;
        mill.has_lost(&tokens, "suspended at Acme").await;
        house.set_member(bob, acme, MembershipStatus::Active).await;
        let policy = Policy { require_mfa: true, ..Policy::default() };
        house.set_policy(policy, SessionLimits::INSTANCE).await;
        mill.has_lost(&tokens, "a password alone").await;
        house.set_policy(Policy::default(), SessionLimits::INSTANCE).await;

        let again = mill.signs_in(&house.signed_in(Person::Bob).await, &[("scope", "openid offline_access")]).await;
        house.withdraw_consent(bob, mill.id.parse().unwrap()).await;
        mill.has_lost(&again, "the consent is gone").await;
        mill.has_lost(&tokens, "and with it every family of it").await;
    }

    async fn a_family_that_ended_is_forgotten_an_hour_later(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        desk.revoke(second.refresh()).await;
        house.wait(HOUR + INSTANT);
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        for (case, token) in [("spent", first.refresh()), ("unspent", second.refresh())] {
            is_no_token(&desk.refresh(token).await, "invalid_grant", case);
            assert_eq!(desk.introspect(token).await, json!({ "active": false }), "{case}");
            assert!(!house.knows_refresh_token(token).await, "{case}");
        }
        let third = desk.signs_in(&bob, &[]).await;
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        desk.refreshed(&third).await;
    }
}

/// Mill works while nobody is there; and what it got for Bob.
async fn bob_at_the_mill(house: &House) -> (BackEnd, crate::harness::Visitor, Tokens) {
    let id = house
        .register("Acme Mill", |application| {
            application.first_party = false;
            application.scope = "openid offline_access".parse().unwrap();
        })
        .await;
    let mill = BackEnd::of(house, id);
    let bob = house.signed_in(Person::Bob).await;
    let tokens = mill.signs_in(&bob, &[("scope", "openid offline_access")]).await;
    (mill, bob, tokens)
}
