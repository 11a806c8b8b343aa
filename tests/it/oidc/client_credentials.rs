//! RFC 6749 §4.4: an application acts for itself, with what was granted to it and nothing of anybody else's.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::back_end::{BackEnd, Tokens, bob_at_desk};
use super::part_of;
use super::refusal::{is_no_token, is_nobody};
use super::userinfo_with;
use crate::harness::cast::RESOURCE;
use crate::harness::{House, Person, on_both};
use doorward::domain::access::Permission;
use doorward::domain::oauth::{ClientAuthentication, GrantType};

const READ: &[Permission] = &[Permission::DeviceRead];
const ALL_SCOPES: &str = "openid profile email offline_access device:read device:write custom";

/// Robot, which may act for itself and was granted `device:read` and `firmware:write`.
async fn robot(house: &House) -> BackEnd {
    let robot = BackEnd::acting(house, "", |_| {}).await;
    let given = [Permission::DeviceRead, Permission::FirmwareWrite];
    house
        .grant_to(robot.id.parse().unwrap(), &given, None, None)
        .await;
    robot
}

async fn token(back_end: &BackEnd, more: &[(&str, &str)]) -> Tokens {
    Tokens::of(&back_end.acts(more).await)
}

on_both! {
    async fn an_applications_own_token_is_one_of_rfc_9068(house) {
        let robot = robot(&house).await;
        let tokens = token(&robot, &[]).await;
        assert_eq!((&tokens.body["token_type"], &tokens.body["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert!(!tokens.has("refresh_token") && !tokens.has("id_token"), "{}", tokens.body);
        let header = part_of(&tokens.access, 0);
        assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
        let claims = tokens.claims();
        let names: BTreeSet<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "org", "roles", "groups", "permissions"];
        assert_eq!(names, BTreeSet::from(expected), "no sid, auth_time, acr or amr");
        let now = house.clock.now().seconds();
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 300)));
        for own in ["sub", "client_id", "aud"] {
            assert_eq!(claims[own], robot.id, "{own}");
        }
        assert_eq!(claims["org"], json!({ "id": house.acme.id.to_string(), "name": "acme" }));
        assert_eq!(claims["permissions"], json!({ "*": ["device:read", "firmware:write"] }));
        let another = token(&robot, &[]).await.claims();
        assert_ne!(another["jti"], claims["jti"]);
    }

    async fn it_may_do_what_was_granted_to_it_where_it_was(house) {
        let rover = house.product("rover").await;
        let robot = BackEnd::acting(&house, "", |_| {}).await;
        assert_eq!(token(&robot, &[]).await.claims()["permissions"], json!({ "*": [] }), "at first nothing");
        let id = robot.id.parse().unwrap();
        house.grant_to(id, &[Permission::DeviceWrite], Some(rover), None).await;
        let tokens = token(&robot, &[]).await;
        assert_eq!(tokens.claims()["permissions"], json!({ "*": [], rover.to_string(): ["device:write"] }));
        house.grant_to(id, READ, None, None).await;
        let told = robot.introspect(&tokens.access).await;
        assert_eq!(told["permissions"]["*"], json!(["device:read"]), "the very next answer knows: {told}");
        assert_eq!(told["permissions"][rover.to_string()], json!(["device:write"]), "{told}");
    }

    async fn no_token_of_its_own_outlives_a_grant_it_carries(house) {
        let robot = BackEnd::acting(&house, "", |_| {}).await;
        let until = house.clock.now().plus(Duration::from_secs(100));
        house.grant_to(robot.id.parse().unwrap(), READ, None, Some(until)).await;
        let tokens = token(&robot, &[]).await;
        assert_eq!(tokens.body["expires_in"], 100);
        assert_eq!(tokens.claims()["exp"], until.seconds());
        house.wait(Duration::from_secs(99));
        assert_eq!(robot.introspect(&tokens.access).await["permissions"], json!({ "*": ["device:read"] }));
        house.wait(Duration::from_secs(1));
        assert_eq!(robot.introspect(&tokens.access).await, json!({ "active": false }));
        let after = token(&robot, &[]).await;
        assert_eq!((&after.body["expires_in"], &after.claims()["permissions"]), (&json!(300), &json!({ "*": [] })));
    }

    async fn a_scope_of_permissions_is_a_ceiling_and_never_a_gift(house) {
        let robot = BackEnd::acting(&house, ALL_SCOPES, |_| {}).await;
        let given = [Permission::DeviceRead, Permission::DeviceWrite, Permission::FirmwareWrite];
        house.grant_to(robot.id.parse().unwrap(), &given, None, None).await;
        let all = token(&robot, &[]).await;
        assert_eq!(all.body["scope"], "custom device:read device:write", "nothing that is about a person");
        assert_eq!(all.claims()["permissions"], json!({ "*": ["device:read", "device:write"] }));
        let less = token(&robot, &[("scope", "device:read")]).await;
        assert_eq!(less.claims()["permissions"], json!({ "*": ["device:read"] }));
        let none = token(&robot, &[("scope", "custom")]).await;
        assert_eq!(none.claims()["permissions"], json!({ "*": [] }), "fewer words are never more permissions");
        assert_eq!(robot.introspect(&none.access).await["permissions"], json!({ "*": [] }));
        let cut = token(&robot, &[("scope", "openid email device:read firmware:write")]).await;
        assert_eq!((&cut.body["scope"], &cut.claims()["permissions"]), (&json!("device:read"), &json!({ "*": ["device:read"] })));
        for alone in ["openid", "openid offline_access", "profile email", "firmware:write", "organization:delete"] {
            is_no_token(&robot.acts(&[("scope", alone)]).await, "invalid_scope", alone);
        }
        is_no_token(&robot.acts(&[("scope", "a  b")]).await, "invalid_scope", "no scope");
    }

    async fn tk17_switched_off_it_gets_nothing_and_what_it_has_is_dead(house) {
        let robot = robot(&house).await;
        let reader = house.register("Acme Reader", |_| {}).await;
        let reader = BackEnd::of(&house, reader);
        let tokens = token(&robot, &[("resource", RESOURCE)]).await;
        assert_eq!(reader.introspect(&tokens.access).await["active"], true);
        house.switch_off(robot.id.parse().unwrap()).await;
        assert_eq!(reader.introspect(&tokens.access).await, json!({ "active": false }));
        is_no_token(&robot.acts(&[]).await, "invalid_client", "switched off");
    }

    async fn r11_an_application_is_never_a_person(house) {
        let robot = robot(&house).await;
        let tokens = token(&robot, &[]).await;
        let sub = tokens.claims()["sub"].as_str().unwrap().to_owned();
        assert!(sub.starts_with("app_") && sub.parse::<doorward::domain::id::UserId>().is_err(), "{sub}");
        is_nobody(&userinfo_with(&house.visitor(), &tokens.access).await, "userinfo is about people");
        let (desk, ..) = bob_at_desk(&house).await;
        let mixed = [("username", Person::Bob.email()), ("sub", &house.acme.bob.to_string()), ("user_id", "bob")];
        let claims = token(&robot, &mixed).await.claims();
        assert_eq!(claims["sub"], robot.id, "whatever else is said");
        is_no_token(&desk.acts(&[]).await, "unauthorized_client", "Desk did not register for it");
    }

    async fn a_public_client_cannot_act_for_itself(house) {
        let id = house
            .register("Acme Public Robot", |application| {
                application.authentication = ClientAuthentication::Public;
                application.grant_types = vec![GrantType::ClientCredentials];
            })
            .await;
        let fields = [("grant_type", "client_credentials"), ("client_id", id.as_str())];
        is_no_token(&house.visitor().post("/oauth2/token", &fields).await, "unauthorized_client", "it has no secret");
        let robot = robot(&house).await;
        for (case, secret) in [("no secret", None), ("another", Some("wrong"))] {
            is_no_token(&robot.with_secret(secret).acts(&[]).await, "invalid_client", case);
        }
    }

    async fn r13_a_token_of_its_own_is_for_one_audience(house) {
        const OTHER: &str = "https://firmware.acme.example";
        let robot = robot(&house).await;
        assert_eq!(token(&robot, &[("resource", RESOURCE)]).await.claims()["aud"], RESOURCE);
        for other in ["https://evil.example", "https://api.acme.example/", OTHER, robot.id.as_str()] {
            is_no_token(&robot.acts(&[("resource", other)]).await, "invalid_target", other);
        }
        let two = vec![RESOURCE.to_owned(), OTHER.to_owned()];
        let twins = BackEnd::acting(&house, "", |application| application.resources = two).await;
        assert_eq!(token(&twins, &[("resource", OTHER)]).await.claims()["aud"], OTHER);
        is_no_token(&twins.acts(&[("resource", RESOURCE), ("resource", OTHER)]).await, "invalid_target", "both");
        assert_eq!(token(&twins, &[]).await.claims()["aud"], twins.id, "unless it says for whom, it is its own");
    }

    async fn only_who_is_marked_for_it_gets_tokens_for_our_own_api(house) {
        let v2 = format!("{}/v2", house.url);
        let robot = robot(&house).await;
        is_no_token(&robot.acts(&[("resource", &v2)]).await, "invalid_target", "not marked");
        let marked = BackEnd::acting(&house, "device:read", |application| application.admin_api = true).await;
        let tokens = token(&marked, &[("resource", &v2)]).await;
        assert_eq!(tokens.claims()["aud"], v2);
        for near in [format!("{v2}/"), format!("{}/V2", house.url), format!("{}/v2?x", house.url), "/v2".to_owned()] {
            is_no_token(&marked.acts(&[("resource", &near)]).await, "invalid_target", &near);
        }
    }
}
