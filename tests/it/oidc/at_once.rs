//! What an administrator or a person changes at the API is seen by the very next introspection, userinfo and refresh,
//! however often the tokens were looked at before.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::back_end::{BackEnd, Tokens, bob_at_desk, may};
use super::refusal::is_no_token;
use crate::harness::cast::RESOURCE;
use crate::harness::visitor::authorize;
use crate::harness::{House, Person, Visitor, on_both};
use doorward::domain::access::Permission;
use doorward::domain::oauth::OpenTo;

/// Fleet, to which Bob agreed, with his browser and what it got for him.
async fn bob_at_fleet(house: &House) -> (BackEnd, Visitor, Tokens) {
    let fleet = BackEnd::of(house, house.acme.fleet);
    let bob = house.signed_in(Person::Bob).await;
    let tokens = fleet.signs_in(&bob, &[]).await;
    fleet.is_open_to(&tokens.access, "before").await;
    (fleet, bob, tokens)
}

fn member(house: &House) -> String {
    format!("/v2/organizations/acme/members/{}", house.acme.bob)
}

on_both! {
    async fn another_role_is_seen_at_once(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        for (role, writes, shapes) in [("viewer", false, false), ("manager", true, true), ("operator", true, false)] {
            alice.patch(&member(&house), &json!({ "role": role })).await.found();
            let told = desk.introspect(&tokens.access).await;
            assert_eq!(told["roles"], json!([role]));
            assert_eq!(may(&told, Permission::DeviceWrite), writes, "{role}: {told}");
            assert_eq!(may(&told, Permission::FirmwareWrite), shapes, "{role}: {told}");
        }
        alice.patch(&member(&house), &json!({ "role": "viewer" })).await.found();
        let refreshed = desk.refreshed(&tokens).await;
        assert_eq!(refreshed.claims()["roles"], json!(["viewer"]));
        assert!(!refreshed.allows(Permission::DeviceWrite));
    }

    async fn a_member_who_is_suspended_has_nothing_at_once_and_nothing_comes_back(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        desk.is_open_to(&tokens.access, "before").await;
        alice.patch(&member(&house), &json!({ "status": "suspended" })).await.found();
        desk.has_lost(&tokens, "suspended").await;
        alice.patch(&member(&house), &json!({ "status": "active" })).await.found();
        desk.has_lost(&tokens, "active again: one signs in anew").await;
        house.wait(Duration::from_secs(1));
        let page = bob.arrives(&authorize(&desk.id, &[])).await;
        bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
        desk.signs_in(&bob, &[]).await;
    }

    async fn a_member_who_is_removed_has_nothing_at_once(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        desk.is_open_to(&tokens.access, "before").await;
        alice.delete(&member(&house)).await.done();
        desk.has_lost(&tokens, "removed").await;
    }

    async fn a_session_that_is_ended_has_nothing_at_once(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        desk.is_open_to(&tokens.access, "before").await;
        let sid = tokens.claims()["sid"].as_str().unwrap().to_owned();
        alice.delete(&format!("/v2/organizations/acme/sessions/{sid}")).await.done();
        desk.has_lost(&tokens, "ended by Alice").await;

        let (desk, _elsewhere, tokens) = bob_at_desk(&house).await;
        desk.is_open_to(&tokens.access, "before").await;
        house.in_browser(Person::Bob).await.delete("/v2/users/me/sessions").await.done();
        desk.has_lost(&tokens, "ended by Bob elsewhere").await;
    }

    async fn a_consent_that_is_taken_back_ends_everything_of_it_at_once(house) {
        let (fleet, bob, tokens) = bob_at_fleet(&house).await;
        let consent = format!("/v2/users/me/consents/acme/{}", fleet.id);
        house.in_browser(Person::Bob).await.delete(&consent).await.done();
        fleet.has_lost(&tokens, "taken back").await;
        let page = bob.arrives(&authorize(&fleet.id, &[])).await;
        assert_eq!(page.heading(), "Give Acme Fleet access?", "and is asked for again");
    }

    async fn a_code_from_before_a_consent_was_taken_back_is_worth_nothing(house) {
        let (fleet, bob, _) = bob_at_fleet(&house).await;
        let code = bob.code(&fleet.id).await;
        let consent = format!("/v2/users/me/consents/acme/{}", fleet.id);
        house.in_browser(Person::Bob).await.delete(&consent).await.done();
        is_no_token(&bob.redeem(&fleet.id, &code).await, "invalid_grant", "the consent is gone");
    }

    async fn an_application_that_changes_is_another_at_once(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        let path = format!("/v2/organizations/acme/applications/{}", desk.id);
        let reader = BackEnd::of(&house, house.register("Acme Reader", |_| {}).await);
        let for_reader = desk.signs_in(&bob, &[("resource", RESOURCE)]).await;
        reader.is_open_to(&for_reader.access, "before").await;

        let less = json!({ "grant_types": ["authorization_code"] });
        alice.patch(&path, &less).await.found();
        is_no_token(&desk.refresh(tokens.refresh()).await, "unauthorized_client", "no refresh tokens any more");
        alice.patch(&path, &json!({ "grant_types": ["authorization_code", "refresh_token"] })).await.found();
        let tokens = desk.refreshed(&tokens).await;

        alice.patch(&path, &json!({ "active": false })).await.found();
        reader.is_closed_to(&for_reader.access, "switched off").await;
        is_no_token(&desk.refresh(tokens.refresh()).await, "invalid_client", "switched off");
        alice.patch(&path, &json!({ "active": true })).await.found();
        reader.is_open_to(&for_reader.access, "on again").await;

        alice.post(&format!("{path}/secret"), &json!({})).await;
        is_no_token(&desk.refresh(tokens.refresh()).await, "invalid_client", "the secret from before");
        alice.delete(&path).await.done();
        reader.is_closed_to(&for_reader.access, "gone").await;
    }

    async fn a_service_that_changes_is_told_what_is_its_own_at_once(house) {
        let (desk, bob, _) = bob_at_desk(&house).await;
        let alice = house.in_browser(Person::Alice).await;
        let reader = BackEnd::of(&house, house.register("Acme Reader", |_| {}).await);
        let tokens = desk.signs_in(&bob, &[("resource", RESOURCE)]).await;
        reader.is_open_to(&tokens.access, "before").await;
        let path = format!("/v2/organizations/acme/applications/{}", reader.id);
        alice.patch(&path, &json!({ "resources": ["https://other.acme.example"] })).await.found();
        assert_eq!(reader.introspect(&tokens.access).await, json!({ "active": false }));
    }

    async fn an_application_that_is_closed_to_others_has_nothing_of_theirs_at_once(house) {
        let id = house
            .register("Everybody's", |application| {
                application.organization = house.acme.umbrella;
                application.open_to = OpenTo::EveryOrganization;
            })
            .await;
        let everybodys = BackEnd::of(&house, &id);
        let bob = house.signed_in(Person::Bob).await;
        let tokens = everybodys.signs_in(&bob, &[]).await;
        everybodys.is_open_to(&tokens.access, "before").await;
        let alice = house.in_browser(Person::Alice).await;
        let path = format!("/v2/organizations/umbrella/applications/{id}");
        let closed = alice.patch(&path, &json!({ "open_to": "own_members" })).await;
        assert_eq!(closed.status, StatusCode::OK, "{closed:?}");
        everybodys.has_lost(&tokens, "Bob is no member of Umbrella's").await;
    }
}
