//! Applications: registered in RFC 7591's words, and only as they may be. AZ4, AZ5, OR9.

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PRODUCTS, audited};
use crate::harness::visitor::{CHALLENGE, authorize};
use crate::harness::{Answer, Person, on_both};

const APPLICATIONS: &str = "/v2/organizations/acme/applications";
const CALLBACK: &str = "https://fleet.acme.example/callback";

fn fleet() -> Value {
    json!({ "client_name": "Fleet II", "redirect_uris": [CALLBACK] })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that a story says only what differs"
)]
fn with(changes: Value) -> Value {
    let mut body = fleet();
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

on_both! {
    async fn an_application_is_registered_and_signs_people_in(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let answer = ana.api.post(APPLICATIONS, &with(json!({ "first_party": true, "resources": ["https://api.acme.example"] }))).await;
        let made = answer.created();
        let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
        assert!(id.starts_with("app_") && secret.len() == 43);
        assert_eq!(
            (&made["grant_types"], &made["response_types"], &made["token_endpoint_auth_method"]),
            (&json!(["authorization_code"]), &json!(["code"]), &json!("client_secret_basic"))
        );
        assert_eq!((&made["scope"], &made["require_pkce"], &made["open_to"]), (&json!("email openid profile"), &json!(true), &json!("own_members")));
        let found = ana.api.get(&answer.location()).await.found();
        assert!(found.get("client_secret").is_none());
        assert_eq!(found["id_token_signed_response_alg"], "RS256");

        let bob = house.signed_in(Person::Bob).await;
        let token = async |code: &str, secret: &str| {
            let fields = [("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code", code),
                ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")];
            Answer::of(bob.request("POST", "/oauth2/token").basic_auth(id, Some(secret)).form(&fields)).await
        };
        let code = bob.arrives(&authorize(id, &[("code_challenge", CHALLENGE)])).await.code();
        token(&code, secret).await.found();

        let rotated = ana.api.post(&format!("{}/secret", answer.location()), &json!({})).await.created();
        let second = rotated["client_secret"].as_str().unwrap();
        assert_ne!(second, secret);
        let code = bob.arrives(&authorize(id, &[])).await.code();
        assert_eq!(token(&code, secret).await.error(), "invalid_client");
        token(&code, second).await.found();

        ana.api.patch(&answer.location(), &json!({ "active": false })).await.found();
        assert_eq!(bob.arrives(&authorize(id, &[])).await.heading(), "We don’t know this application");
        ana.api.patch(&answer.location(), &json!({ "active": true, "client_name": "Fleet III" })).await.found();
        ana.api.delete(&answer.location()).await.done();
        assert_eq!(ana.api.get(&answer.location()).await.problem(), "not_found");
        for action in ["application.created", "application.secret_rotated", "application.deleted"] {
            assert!(!audited(&house, action).await.is_empty(), "{action}");
        }
    }

    async fn az4_az5_what_may_not_be_registered_is_told_by_field(house) {
        let alice = house.in_browser(Person::Alice).await;
        for uri in [
            "https://*.app.example/cb", "https://app.example/*", "javascript:alert(1)", "data:text/html,x",
            "http://app.example/cb", "http://127.0.0.1.evil.example/", "https://app.example/cb#x",
            "https://me@app.example/cb", "https://app.example/cb/../evil", "/cb", "", "http://localhost.evil/",
        ] {
            for field in ["redirect_uris", "post_logout_redirect_uris"] {
                let answer = alice.post(APPLICATIONS, &with(json!({ field: [CALLBACK, uri] }))).await;
                assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, format!("/{field}/1")), "{uri}");
            }
        }
        let own_api = format!("{}/v2", house.url);
        for (changes, pointer) in [
            (json!({ "client_name": "" }), "/client_name"),
            (json!({ "client_name": "Bob\u{202e}nimda" }), "/client_name"),
            (json!({ "redirect_uris": [] }), "/redirect_uris"),
            (json!({ "redirect_uris": [CALLBACK, CALLBACK] }), "/redirect_uris/1"),
            (json!({ "redirect_uris": CALLBACK }), "/redirect_uris"),
            (json!({ "grant_types": ["implicit"] }), "/grant_types/0"),
            (json!({ "grant_types": ["password"] }), "/grant_types/0"),
            (json!({ "grant_types": [], "response_types": ["code"] }), "/response_types"),
            (json!({ "grant_types": ["refresh_token"] }), "/grant_types"),
            (json!({ "response_types": ["token"] }), "/response_types/0"),
            (json!({ "response_types": [] }), "/response_types"),
            (json!({ "grant_types": ["client_credentials"], "response_types": ["code"] }), "/response_types"),
            (json!({ "token_endpoint_auth_method": "none", "require_pkce": false }), "/require_pkce"),
            (json!({ "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] }), "/grant_types"),
            (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "/token_endpoint_auth_method"),
            (json!({ "id_token_signed_response_alg": "none" }), "/id_token_signed_response_alg"),
            (json!({ "id_token_signed_response_alg": "HS256" }), "/id_token_signed_response_alg"),
            (json!({ "scope": "open\"id" }), "/scope"),
            (json!({ "resources": ["api"] }), "/resources/0"),
            (json!({ "resources": ["https://api.acme.example#x"] }), "/resources/0"),
            (json!({ "resources": [own_api] }), "/resources/0"),
            (json!({ "resources": [house.acme.fleet.to_string()] }), "/resources/0"),
            (json!({ "open_to": "everyone" }), "/open_to"),
            (json!({ "client_id": "app_mine" }), "/client_id"),
            (json!({ "client_secret": "mine" }), "/client_secret"),
            (json!({ "organization_id": house.acme.umbrella.to_string() }), "/organization_id"),
            (json!({ "jwks_uri": "http://169.254.169.254" }), "/jwks_uri"),
        ] {
            let answer = alice.post(APPLICATIONS, &with(changes.clone())).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{changes}");
        }
        assert_eq!(alice.post(APPLICATIONS, &json!({})).await.pointer(), "/client_name");
        let many = alice.post(APPLICATIONS, &with(json!({ "client_name": "", "scope": "\"", "resources": ["x"] }))).await;
        assert_eq!(many.json()["errors"].as_array().unwrap().len(), 3, "all that is wrong at once");
    }

    async fn a_public_application_has_no_secret_and_stays_public(house) {
        let alice = house.in_browser(Person::Alice).await;
        let answer = alice.post(APPLICATIONS, &with(json!({ "token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/done"] }))).await;
        assert!(answer.created().get("client_secret").is_none());
        let place = answer.location();
        assert_eq!(alice.post(&format!("{place}/secret"), &json!({})).await.problem(), "invalid");
        for (change, pointer) in [
            (json!({ "token_endpoint_auth_method": "client_secret_basic" }), "/token_endpoint_auth_method"),
            (json!({ "require_pkce": false }), "/require_pkce"),
            (json!({ "client_name": null }), "/client_name"),
        ] {
            assert_eq!(alice.patch(&place, &change).await.pointer(), pointer, "{change}");
        }
        let secret = alice.post(APPLICATIONS, &fleet()).await;
        let public = alice.patch(&secret.location(), &json!({ "token_endpoint_auth_method": "none" })).await;
        assert_eq!(public.pointer(), "/token_endpoint_auth_method");
        let posted = alice.patch(&secret.location(), &json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
        assert_eq!(posted.found()["token_endpoint_auth_method"], "client_secret_post");
    }

    async fn an_application_is_no_way_to_more_than_its_maker_holds(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let alice = house.in_browser(Person::Alice).await;
        let silent = with(json!({ "admin_api": true, "first_party": true }));
        assert_eq!(ana.api.post(APPLICATIONS, &silent).await.problem(), "exceeds_own_permissions");
        let asking = ana.api.post(APPLICATIONS, &with(json!({ "admin_api": true }))).await;
        asking.created();
        assert_eq!(ana.api.patch(&asking.location(), &json!({ "first_party": true })).await.problem(), "exceeds_own_permissions");
        let owners = olga.api.post(APPLICATIONS, &silent).await;
        owners.created();
        for refused in [
            ana.api.patch(&owners.location(), &json!({ "redirect_uris": ["https://ana.example/"] })).await,
            ana.api.post(&format!("{}/secret", owners.location()), &json!({})).await,
            ana.api.delete(&owners.location()).await,
        ] {
            assert_eq!(refused.problem(), "exceeds_own_permissions");
        }
        let everybodys = with(json!({ "open_to": "every_organization" }));
        assert_eq!(olga.api.post(APPLICATIONS, &everybodys).await.problem(), "forbidden");
        let opened = alice.post(APPLICATIONS, &everybodys).await;
        assert_eq!(opened.created()["open_to"], "every_organization");
        assert_eq!(olga.api.patch(&opened.location(), &json!({ "client_name": "x" })).await.problem(), "forbidden");

        let robot = ana.api.post(APPLICATIONS, &json!({ "client_name": "Robot", "grant_types": ["client_credentials"] })).await;
        let made = robot.created();
        assert_eq!((&made["response_types"], &made["redirect_uris"]), (&json!([]), &json!([])));
        house.grant_application(made["client_id"].as_str().unwrap().parse().unwrap(), PermissionSet::of(&[Permission::OrganizationDelete])).await;
        let stolen = ana.api.post(&format!("{}/secret", robot.location()), &json!({})).await;
        assert_eq!(stolen.problem(), "exceeds_own_permissions");
    }

    async fn an_application_acts_for_itself_with_what_it_was_given(house) {
        let alice = house.in_browser(Person::Alice).await;
        let robot = json!({
            "client_name": "Robot", "grant_types": ["client_credentials"], "admin_api": true,
            "scope": "product:create organization:read member:read",
        });
        let made = alice.post(APPLICATIONS, &robot).await.created();
        let id = made["client_id"].as_str().unwrap();
        house.grant_application(id.parse().unwrap(), PermissionSet::of(&[Permission::ProductCreate, Permission::ProductDelete])).await;
        let audience = format!("{}/v2", house.url);
        let fields = [("grant_type", "client_credentials"), ("resource", audience.as_str())];
        let request = house.visitor().request("POST", "/oauth2/token").basic_auth(id, made["client_secret"].as_str()).form(&fields);
        let token = Answer::of(request).await.found()["access_token"].as_str().unwrap().to_owned();
        let api = house.bearer(&token);
        let rover = api.post(PRODUCTS, &json!({ "name": "rover" })).await;
        rover.created();
        assert_eq!(api.delete(&rover.location()).await.problem(), "permission_denied", "above its ceiling");
        assert_eq!(api.get(PRODUCTS).await.problem(), "permission_denied", "not given");
        assert_eq!(api.get("/v2/organizations/umbrella/products").await.problem(), "not_found");
        assert_eq!(api.get("/v2/users/me").await.problem(), "not_found");
        let (actor, _) = audited(&house, "product.created").await.pop().unwrap();
        assert_eq!(actor, id);
        alice.patch(&format!("{APPLICATIONS}/{id}"), &json!({ "admin_api": false })).await.found();
        assert_eq!(api.post(PRODUCTS, &json!({ "name": "torch" })).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn the_same_registration_again_is_told_the_id(house) {
        let alice = house.in_browser(Person::Alice).await;
        let post = |path: &str, body: Value| {
            let request = alice.request("POST", path).header("idempotency-key", "k").json(&body);
            Answer::of(request)
        };
        let first = post(APPLICATIONS, fleet()).await;
        let made = first.created();
        let again = post(APPLICATIONS, fleet()).await;
        assert_eq!((again.problem(), &again.json()["id"]), ("already_created".to_owned(), &made["client_id"]));
        assert_eq!(alice.get(&format!("{APPLICATIONS}?limit=200")).await.found()["data"].as_array().unwrap().len(), 4);
    }
}
