//! RFC 7662 and TK19: what a token is worth at this moment, told to those whom it is for, and to nobody else.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::back_end::{BackEnd, Tokens, bob_at_desk, may};
use super::refusal::{is_no_token, says_nothing};
use super::userinfo_with;
use crate::harness::cast::{RESOURCE, SECRET};
use crate::harness::{Answer, House, Person, on_both};
use doorward::domain::access::Permission;

const DEAD: &str = r#"{"active":false}"#;

/// A service of Acme's at [`RESOURCE`].
async fn service(house: &House) -> BackEnd {
    BackEnd::of(house, house.register("Acme Service", |_| {}).await)
}

on_both! {
    async fn an_application_and_the_service_that_a_token_is_for_see_it(house) {
        let desk = BackEnd::of(&house, house.acme.desk);
        let bob = house.signed_in(Person::Bob).await;
        let tokens = desk.signs_in(&bob, &[("resource", RESOURCE)]).await;
        let mut expected = tokens.claims();
        expected["active"] = json!(true);
        expected["token_type"] = json!("Bearer");
        for who in [&desk, &service(&house).await] {
            assert_eq!(who.introspect(&tokens.access).await, expected);
        }
    }

    async fn tk19_everybody_else_hears_that_it_is_dead_and_nothing_more(house) {
        let (desk, bob, own) = bob_at_desk(&house).await;
        let for_service = desk.signs_in(&bob, &[("resource", RESOURCE)]).await;
        let elsewhere = house.register("Acme Elsewhere", |application| application.resources = Vec::new()).await;
        let near = house.register("Acme Near", |application| application.resources = vec![format!("{RESOURCE}/")]).await;
        let (fleet, parasol) = (BackEnd::of(&house, house.acme.fleet), BackEnd::of(&house, house.acme.parasol));
        let (elsewhere, near) = (BackEnd::of(&house, elsewhere), BackEnd::of(&house, near));
        for (case, who, token) in [
            ("another application", &fleet, &own.access),
            ("a service whose resource it is not for", &elsewhere, &for_service.access),
            ("a service with almost the same name", &near, &for_service.access),
            ("another organization's", &parasol, &own.access),
            ("another organization's, which calls its service the same", &parasol, &for_service.access),
            ("another's refresh token", &fleet, &own.refresh().to_owned()),
            ("a refresh token of whose access tokens it is the audience", &fleet, &for_service.refresh().to_owned()),
        ] {
            let answer = who.post("/oauth2/introspect", &[("token", token)]).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, DEAD), "{case}");
        }
        assert_eq!(fleet.introspect(&for_service.access).await["active"], true, "Fleet's resource it is too");
    }

    async fn what_is_no_token_of_ours_is_dead(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let parts: Vec<_> = tokens.access.split('.').collect();
        for (case, token) in [
            ("a guess", "x".to_owned()),
            ("an id token", tokens.id().to_owned()),
            ("a token without its signature", format!("{}.{}.", parts[0], parts[1])),
            ("a token with another's claims", format!("{}.{}.{}", parts[0], tokens.id().split('.').nth(1).unwrap(), parts[2])),
            ("a user's id", house.acme.bob.to_string()),
            ("a secret", SECRET.to_owned()),
            ("dots", "..".to_owned()),
        ] {
            let answer = desk.post("/oauth2/introspect", &[("token", &token)]).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, DEAD), "{case}");
        }
        house.wait(Duration::from_secs(299));
        assert_eq!(desk.introspect(&tokens.access).await["active"], true);
        house.wait(Duration::from_secs(1));
        assert_eq!(desk.introspect(&tokens.access).await, json!({ "active": false }), "at its end");
    }

    async fn a_refresh_token_is_told_of_to_its_own_client_while_it_is_unspent(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let told = desk.introspect(first.refresh()).await;
        let expected = json!({
            "active": true,
            "client_id": desk.id,
            "sub": house.acme.bob.to_string(),
            "scope": "email openid profile",
            "exp": house.clock.now().plus(Duration::from_hours(24)).seconds(),
            "iss": house.url,
        });
        assert_eq!(told, expected);
        let second = desk.refreshed(&first).await;
        assert_eq!(desk.introspect(first.refresh()).await, json!({ "active": false }), "spent");
        assert_eq!(desk.introspect(second.refresh()).await["active"], true);
    }

    async fn only_who_proves_itself_is_answered(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let token = [("token", tokens.access.as_str())];
        for (case, secret) in [("no secret", None), ("another", Some("wrong"))] {
            let answer = desk.with_secret(secret).post("/oauth2/introspect", &token).await;
            is_no_token(&answer, "invalid_client", case);
        }
        let pocket = BackEnd::public(&house);
        let bob = house.signed_in(Person::Bob).await;
        let public = pocket.signs_in(&bob, &[]).await;
        let answer = pocket.post("/oauth2/introspect", &[("token", &public.access)]).await;
        is_no_token(&answer, "invalid_client", "a public client, even of its own");
        let bearer = bob.request("POST", "/oauth2/introspect").bearer_auth(&tokens.access).form(&token);
        is_no_token(&Answer::of(bearer).await, "invalid_client", "a token is no client");
        house.switch_off(house.acme.desk).await;
        is_no_token(&desk.post("/oauth2/introspect", &token).await, "invalid_client", "switched off");
    }

    async fn a_request_says_one_token_in_its_body(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let token = ("token", tokens.access.as_str());
        is_no_token(&desk.post("/oauth2/introspect", &[]).await, "invalid_request", "none");
        is_no_token(&desk.post("/oauth2/introspect", &[token, token]).await, "invalid_request", "R12: twice");
        for hint in ["access_token", "refresh_token", "id_token", "x"] {
            for token in [&tokens.access, tokens.refresh()] {
                let answer = desk.post("/oauth2/introspect", &[("token", token), ("token_type_hint", hint)]).await;
                assert_eq!(answer.json()["active"], true, "{hint} is no more than a hint");
            }
        }
        let query = format!("/oauth2/introspect?token={}", tokens.access);
        is_no_token(&desk.post(&query, &[]).await, "invalid_request", "R4: in the query");
        let get = Answer::of(bob.request("GET", &query).basic_auth(&desk.id, Some(SECRET))).await;
        says_nothing(&get);
        assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn what_somebody_may_do_is_what_they_may_do_now(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        let before = desk.introspect(&tokens.access).await;
        assert!(!may(&before, Permission::FirmwareWrite));
        let until = house.clock.now().plus(Duration::from_mins(1));
        house.lend_everything(house.acme.bob, until).await;
        assert!(may(&desk.introspect(&tokens.access).await, Permission::FirmwareWrite), "lent a moment ago");
        assert!(!tokens.allows(Permission::FirmwareWrite), "the token itself is as it was made");
        house.wait(Duration::from_mins(1));
        assert_eq!(desk.introspect(&tokens.access).await, before, "and taken back");
        house.join_group(house.acme.bob, "drivers").await;
        assert_eq!(desk.introspect(&tokens.access).await["groups"], json!(["drivers"]));
    }

    async fn a_scope_stays_the_ceiling_whatever_is_granted_later(house) {
        let desk = BackEnd::of(&house, house.acme.desk);
        let bob = house.signed_in(Person::Bob).await;
        let tokens = desk.signs_in(&bob, &[("scope", "device:read")]).await;
        house.lend_everything(house.acme.bob, house.clock.now().plus(Duration::from_mins(1))).await;
        assert_eq!(desk.introspect(&tokens.access).await["permissions"], json!({ "*": ["device:read"] }));
    }

    async fn permissions_too_many_to_carry_are_all_told_here(house) {
        let mut products = Vec::new();
        let robot = BackEnd::acting(&house, "", |_| {}).await;
        for number in 0..40 {
            let product = house.product(&format!("product-{number}")).await;
            let given = [Permission::DeviceRead, Permission::DeviceWrite, Permission::DeploymentExecute];
            house.grant_to(robot.id.parse().unwrap(), &given, Some(product), None).await;
            products.push(product.to_string());
        }
        let tokens = Tokens::of(&robot.acts(&[]).await);
        let claims = tokens.claims();
        assert!(claims.get("permissions").is_none(), "{claims}");
        assert_eq!(claims["permissions_ref"], "introspection");
        assert!(tokens.access.len() < 2048, "it stays small: {}", tokens.access.len());
        let told = robot.introspect(&tokens.access).await;
        assert!(told.get("permissions_ref").is_none(), "{told}");
        assert_eq!(told["permissions"].as_object().unwrap().len(), 41);
        for product in &products {
            assert_eq!(told["permissions"][product], json!(["device:read", "device:write", "deployment:execute"]));
        }
    }

    async fn a_token_of_somebody_in_many_groups_is_still_one(house) {
        for number in 0..80 {
            house.join_group(house.acme.bob, &format!("{number}-{}", "a-rather-long-name-of-a-group".repeat(2))).await;
        }
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let told = desk.introspect(&tokens.access).await;
        assert_eq!(told["groups"].as_array().map(Vec::len), Some(80), "{told}");
        assert!(tokens.access.len() < 2 * 1024, "it fits into a header: {}", tokens.access.len());
        assert_eq!(userinfo_with(&bob, &tokens.access).await.status, StatusCode::OK);
        desk.revoke(&tokens.access).await;
        desk.is_closed_to(&tokens.access, "revoked").await;
    }

    async fn every_answer_is_json_that_nobody_keeps(house) {
        let (desk, _bob, tokens) = bob_at_desk(&house).await;
        for token in [tokens.access.as_str(), tokens.refresh(), "x"] {
            let answer = desk.post("/oauth2/introspect", &[("token", token)]).await;
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(matches!(answer.json()["active"], Value::Bool(_)), "{answer:?}");
            assert!(!answer.body.contains('@'), "no address book: {answer:?}");
        }
    }
}
