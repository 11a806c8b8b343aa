//! RFC 7009 and TK20: a client says that a token of its own is needed no more; of another's it can say nothing.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::back_end::{BackEnd, Tokens, bob_at_desk, events};
use super::refusal::{is_no_token, is_nobody, says_nothing};
use super::userinfo_with;
use crate::harness::cast::{RESOURCE, SECRET};
use crate::harness::{Answer, Person, on_both};

on_both! {
    async fn an_access_token_dies_alone(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        desk.is_open_to(&first.access, "before").await;
        desk.revoke(&first.access).await;
        desk.is_closed_to(&first.access, "revoked").await;
        desk.is_open_to(&second.access, "its sister").await;
        let third = desk.refreshed(&second).await;
        desk.is_open_to(&third.access, "and what comes after").await;
        assert_eq!(events(&house, "token.revoked").await, 1);
        desk.revoke(&first.access).await;
        assert_eq!(events(&house, "token.revoked").await, 1, "twice is once");
        house.wait(Duration::from_mins(4));
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        desk.is_closed_to(&first.access, "not forgotten before its time").await;
    }

    async fn a_refresh_token_takes_its_family_with_it(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let elsewhere = desk.signs_in(&bob, &[]).await;
        let second = desk.refreshed(&first).await;
        desk.revoke(second.refresh()).await;
        desk.has_lost(&second, "revoked").await;
        desk.is_closed_to(&first.access, "the first of its family").await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "within the ten seconds");
        assert_eq!(events(&house, "token.revoked").await, 1);
        desk.revoke(second.refresh()).await;
        desk.revoke(first.refresh()).await;
        assert_eq!(events(&house, "token.revoked").await, 1, "twice is once");
        desk.is_open_to(&elsewhere.access, "another family").await;
        desk.refreshed(&elsewhere).await;
    }

    async fn a_spent_refresh_token_still_names_its_family(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        desk.revoke(first.refresh()).await;
        desk.has_lost(&second, "whoever signs out with an old one means it").await;
    }

    async fn tk20_anothers_token_stays_alive_and_nobody_hears_of_it(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let for_service = desk.signs_in(&bob, &[("resource", RESOURCE)]).await;
        let others = [
            BackEnd::of(&house, house.acme.fleet),
            BackEnd::of(&house, house.acme.parasol),
            BackEnd::public(&house),
        ];
        for other in &others {
            for token in [tokens.access.as_str(), tokens.refresh(), for_service.access.as_str()] {
                other.revoke(token).await;
            }
        }
        desk.is_open_to(&tokens.access, "TK20").await;
        desk.is_open_to(&for_service.access, "TK20, though Fleet's service is whom it is for").await;
        desk.refreshed(&tokens).await;
        assert_eq!(events(&house, "token.revoked").await, 0);
    }

    async fn what_is_no_token_is_revoked_as_well_as_it_can_be(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let code = bob.code(&desk.id).await;
        for nothing in ["x", "..", tokens.id(), &code, &format!("{}x", tokens.refresh()), &desk.id] {
            desk.revoke(nothing).await;
        }
        house.wait(Duration::from_mins(5));
        desk.revoke(&tokens.access).await;
        assert_eq!(events(&house, "token.revoked").await, 0, "it was dead already");
        desk.refreshed(&tokens).await;
    }

    async fn a_hint_is_no_more_than_that(house) {
        let (desk, bob, _) = bob_at_desk(&house).await;
        for hint in ["access_token", "refresh_token", "id_token", "x"] {
            for refresh in [false, true] {
                let tokens = desk.signs_in(&bob, &[]).await;
                let token = if refresh { tokens.refresh() } else { &tokens.access };
                let answer = desk.post("/oauth2/revoke", &[("token", token), ("token_type_hint", hint)]).await;
                assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{answer:?}");
                assert_eq!(answer.header("cache-control"), "no-store");
                desk.is_closed_to(&tokens.access, hint).await;
            }
        }
    }

    async fn only_who_proves_itself_revokes(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let token = [("token", tokens.refresh())];
        for (case, secret) in [("no secret", None), ("another", Some("wrong"))] {
            is_no_token(&desk.with_secret(secret).post("/oauth2/revoke", &token).await, "invalid_client", case);
        }
        is_no_token(&desk.post("/oauth2/revoke", &[]).await, "invalid_request", "no token");
        is_no_token(&desk.post("/oauth2/revoke", &[token[0], token[0]]).await, "invalid_request", "R12: twice");
        let query = format!("/oauth2/revoke?token={}", tokens.refresh());
        is_no_token(&desk.post(&query, &[]).await, "invalid_request", "R4: in the query");
        let get = Answer::of(bob.request("GET", &query).basic_auth(&desk.id, Some(SECRET))).await;
        says_nothing(&get);
        assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
        desk.refreshed(&tokens).await;
    }

    async fn a_public_client_revokes_its_own(house) {
        let pocket = BackEnd::public(&house);
        let bob = house.signed_in(Person::Bob).await;
        let tokens = pocket.signs_in(&bob, &[]).await;
        pocket.revoke(tokens.refresh()).await;
        is_no_token(&pocket.refresh(tokens.refresh()).await, "invalid_grant", "revoked");
        is_nobody(&userinfo_with(&bob, &tokens.access).await, "and its access token");
    }

    async fn an_application_revokes_a_token_of_its_own(house) {
        let robot = BackEnd::acting(&house, "", |_| {}).await;
        let (first, second) = (Tokens::of(&robot.acts(&[]).await), Tokens::of(&robot.acts(&[]).await));
        BackEnd::of(&house, house.acme.fleet).revoke(&first.access).await;
        assert_eq!(robot.introspect(&first.access).await["active"], true, "TK20");
        robot.revoke(&first.access).await;
        assert_eq!(robot.introspect(&first.access).await, json!({ "active": false }));
        assert_eq!(robot.introspect(&second.access).await["active"], true);
        assert_eq!(events(&house, "token.revoked").await, 1);
    }

    async fn of_twenty_who_revoke_at_once_one_is_written_down(house) {
        let (desk, bob, tokens) = bob_at_desk(&house).await;
        let other = desk.signs_in(&bob, &[]).await;
        let desk = std::sync::Arc::new(desk);
        for token in [tokens.access.clone(), other.refresh().to_owned()] {
            let before = events(&house, "token.revoked").await;
            let tries: Vec<_> = (0..20)
                .map(|_| {
                    let (desk, token) = (std::sync::Arc::clone(&desk), token.clone());
                    tokio::spawn(async move { desk.revoke(&token).await })
                })
                .collect();
            for done in tries {
                done.await.unwrap();
            }
            let after = before + 1;
            assert_eq!(events(&house, "token.revoked").await, after);
        }
        desk.is_closed_to(&tokens.access, "revoked").await;
        desk.has_lost(&other, "revoked").await;
    }
}
