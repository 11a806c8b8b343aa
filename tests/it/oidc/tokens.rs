//! RFC 9068, OpenID Connect Core §2 and §3.1.3, RFC 8414: what a token says, what signs it, and what is published of it.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use super::refusal::is_no_token;
use super::{claims_of, part_of, tokens_for, userinfo};
use crate::harness::cast::RESOURCE;
use crate::harness::visitor::authorize;
use crate::harness::{Person, Visitor, on_both};
use doorward::audit::Actor;
use doorward::directory::signing_keys;
use doorward::domain::signing_key::SigningAlgorithm;
use reqwest::StatusCode;

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Checks a signature as any client would, with a published key and nothing else.
async fn verified(
    visitor: &Visitor,
    token: &str,
    algorithm: Algorithm,
) -> Result<Value, jsonwebtoken::errors::Error> {
    let jwks: JwkSet = serde_json::from_value(visitor.get("/oauth2/jwks").await.json()).unwrap();
    let header = jsonwebtoken::decode_header(token)?;
    let Some(jwk) = jwks.find(header.kid.as_deref().unwrap()) else {
        return Err(jsonwebtoken::errors::ErrorKind::InvalidToken.into());
    };
    let mut validation = Validation::new(algorithm);
    // The house's clock is not the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let data = jsonwebtoken::decode(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation)?;
    Ok(data.claims)
}

on_both! {
    async fn an_access_token_is_one_of_rfc_9068(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let token = text(&tokens, "access_token");
        let header = part_of(token, 0);
        assert_eq!((&header["typ"], &header["alg"]), (&"at+jwt".into(), &"ES256".into()));
        assert_eq!(names(&header), BTreeSet::from(["alg", "kid", "typ"]));
        let claims = verified(&bob, token, Algorithm::ES256).await.unwrap();
        let expected = [
            "iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "sid", "auth_time", "acr", "amr", "org",
            "roles", "groups", "permissions",
        ];
        assert_eq!(names(&claims), BTreeSet::from(expected));
        let now = house.clock.now().seconds();
        assert_eq!(claims["iss"], house.url);
        assert_eq!(claims["sub"], house.acme.bob.to_string());
        assert_eq!((&claims["aud"], &claims["client_id"]), (&desk.as_str().into(), &desk.as_str().into()));
        assert_eq!((&claims["iat"], &claims["exp"]), (&now.into(), &(now + 300).into()));
        assert_eq!((&claims["auth_time"], &claims["acr"], &claims["amr"][0]), (&now.into(), &"aal1".into(), &"pwd".into()));
        assert_eq!((&claims["org"]["id"], &claims["org"]["name"]), (&house.acme.id.to_string().into(), &"acme".into()));
        assert_eq!(claims["roles"], serde_json::json!(["operator"]));
        assert_eq!(claims["scope"], "email openid profile");
        assert!(text(&claims, "sid").starts_with("act_") && text(&claims, "jti").starts_with("fam_"), "{claims}");
        let permissions = claims["permissions"]["*"].as_array().unwrap();
        assert!(permissions.contains(&"device:write".into()) && !permissions.contains(&"firmware:write".into()), "{claims}");
        assert!(!claims.to_string().contains('@'), "an access token is no address book: {claims}");

        let another = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        assert_ne!(claims_of(text(&another, "access_token"))["jti"], claims["jti"]);
    }

    async fn r13_a_token_is_for_one_audience_that_was_asked_for(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let audience = |tokens: &Value| claims_of(text(tokens, "access_token"))["aud"].clone();
        let asked = authorize(&desk, &[("resource", RESOURCE)]);
        let code = bob.arrives(&asked).await.code();
        let tokens = tokens_for(&bob, &desk, &code).await;
        assert_eq!(audience(&tokens), RESOURCE);
        assert_eq!(claims_of(text(&tokens, "id_token"))["aud"], desk, "the id token stays the application's");
        let code = bob.arrives(&asked).await.code();
        for other in ["https://evil.example", "https://api.acme.example/", desk.as_str()] {
            let answer = bob.token(&desk, &[("code", &code), ("resource", other)]).await;
            is_no_token(&answer, "invalid_target", other);
        }
        let named = bob.token(&desk, &[("code", &code), ("resource", RESOURCE)]).await;
        assert_eq!(audience(&named.json()), RESOURCE);
        let plain = bob.code(&desk).await;
        let later = bob.token(&desk, &[("code", &plain), ("resource", RESOURCE)]).await;
        is_no_token(&later, "invalid_target", "registered, and not asked for");
    }

    async fn an_id_token_says_who_when_and_for_what_request(house) {
        let bob = house.signed_in(Person::Bob).await;
        let signed_in_at = house.clock.now().seconds();
        house.wait(Duration::from_mins(3));
        let desk = house.acme.desk.to_string();
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let token = text(&tokens, "id_token");
        let header = part_of(token, 0);
        assert_eq!((&header["typ"], &header["alg"]), (&"JWT".into(), &"RS256".into()));
        let claims = verified(&bob, token, Algorithm::RS256).await.unwrap();
        assert_eq!((&claims["iss"], &claims["aud"]), (&house.url.as_str().into(), &desk.as_str().into()));
        assert_eq!((&claims["nonce"], &claims["auth_time"]), (&"the nonce".into(), &signed_in_at.into()));
        assert_eq!((&claims["email"], &claims["name"]), (&Person::Bob.email().into(), &"Bob Becker".into()));
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text(&tokens, "access_token").as_bytes());
        assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
        let access = claims_of(text(&tokens, "access_token"));
        for same in ["sub", "sid", "org", "auth_time", "acr", "amr", "roles", "exp"] {
            assert_eq!(claims[same], access[same], "{same}");
        }
        assert!(claims.get("permissions").is_none() && claims.get("scope").is_none(), "{claims}");

        let quiet = authorize(&desk, &[("nonce", ""), ("scope", "openid")]);
        let tokens = tokens_for(&bob, &desk, &bob.arrives(&quiet).await.code()).await;
        let claims = claims_of(text(&tokens, "id_token"));
        for absent in ["nonce", "email", "email_verified", "name"] {
            assert!(claims.get(absent).is_none(), "{absent}: {claims}");
        }
        let no_openid = authorize(&desk, &[("scope", "device:read")]);
        let tokens = tokens_for(&bob, &desk, &bob.arrives(&no_openid).await.code()).await;
        assert!(tokens.get("id_token").is_none(), "{tokens}");
    }

    async fn an_application_gets_its_id_tokens_signed_as_it_asks(house) {
        let bob = house.signed_in(Person::Bob).await;
        for (ours, theirs) in [(SigningAlgorithm::EdDsa, Algorithm::EdDSA), (SigningAlgorithm::Es256, Algorithm::ES256)] {
            let client_id = house.register("Acme Modern", |application| application.id_token_algorithm = ours).await;
            let tokens = tokens_for(&bob, &client_id, &bob.code(&client_id).await).await;
            let claims = verified(&bob, text(&tokens, "id_token"), theirs).await.unwrap();
            let access = text(&tokens, "access_token").as_bytes();
            let hash = match ours {
                SigningAlgorithm::EdDsa => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, access),
                _ => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access),
            };
            assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]));
            assert!(verified(&bob, text(&tokens, "access_token"), Algorithm::ES256).await.is_ok());
        }
    }

    async fn a_scope_of_permissions_cuts_what_a_token_carries(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let asked = authorize(&desk, &[("scope", "openid device:read device:write")]);
        let tokens = tokens_for(&bob, &desk, &bob.arrives(&asked).await.code()).await;
        assert_eq!(tokens["scope"], "device:read openid", "only what it may ask for");
        let claims = claims_of(text(&tokens, "access_token"));
        assert_eq!(claims["permissions"]["*"], serde_json::json!(["device:read"]));
    }

    async fn no_token_outlives_a_grant_it_carries(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let ends_at = house.clock.now().plus(Duration::from_mins(2));
        house.lend_everything(house.acme.bob, ends_at).await;
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        assert_eq!(tokens["expires_in"], 120);
        for token in ["access_token", "id_token"] {
            assert_eq!(claims_of(text(&tokens, token))["exp"], ends_at.seconds(), "{token}");
        }
        let permissions = claims_of(text(&tokens, "access_token"))["permissions"]["*"].to_string();
        assert!(permissions.contains("firmware:write"), "{permissions}");
        house.wait(Duration::from_mins(2));
        assert_eq!(userinfo(&bob, &tokens).await.status, StatusCode::UNAUTHORIZED);
        let tokens = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        assert_eq!(tokens["expires_in"], 300);
        let permissions = claims_of(text(&tokens, "access_token"))["permissions"]["*"].to_string();
        assert!(!permissions.contains("firmware:write"), "{permissions}");
    }

    async fn discovery_says_one_thing_and_only_what_there_is(house) {
        let anybody = house.visitor();
        let discovery = anybody.get("/.well-known/openid-configuration").await.json();
        assert_eq!(discovery, anybody.get("/.well-known/oauth-authorization-server").await.json());
        assert_eq!(discovery["issuer"], house.url);
        for (name, value) in discovery.as_object().unwrap() {
            let Some(address) = value.as_str().filter(|_| name.ends_with("_endpoint") || name.ends_with("_uri")) else { continue };
            let path = address.strip_prefix(&house.url).unwrap_or_else(|| panic!("{name} is elsewhere"));
            let posted = anybody.post(path, &[]).await.status;
            assert!(anybody.get(path).await.status != StatusCode::NOT_FOUND || posted != StatusCode::NOT_FOUND, "{name}");
        }
        for (name, values) in [
            ("response_types_supported", serde_json::json!(["code"])),
            ("response_modes_supported", serde_json::json!(["query"])),
            ("grant_types_supported", serde_json::json!(["authorization_code", "refresh_token", "client_credentials"])),
            ("code_challenge_methods_supported", serde_json::json!(["S256"])),
            ("authorization_response_iss_parameter_supported", true.into()),
            ("request_parameter_supported", false.into()),
            ("request_uri_parameter_supported", false.into()),
        ] {
            assert_eq!(discovery[name], values, "{name}");
        }
        let said = discovery.to_string();
        for absent in ["implicit", "\"password\"", "HS256", "\"plain\"", "\"token\"", "fragment", "device_code"] {
            assert!(!said.contains(absent), "{absent}");
        }
        assert!(!discovery["id_token_signing_alg_values_supported"].to_string().contains("none"));
    }

    async fn the_published_keys_hold_nothing_private(house) {
        let jwks = house.visitor().get("/oauth2/jwks").await.json();
        let keys = jwks["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 6, "one that signs and one that waits, of each kind");
        for key in keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(key.get(private).is_none(), "{private} in {key}");
            }
            assert_eq!(key["use"], "sig");
            assert!(key["n"].as_str().is_none_or(|n| n.len() >= 342), "RSA of 2048 bits or more: {key}");
        }
        let ids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), keys.len());
    }

    async fn jw11_a_rotated_key_verifies_until_its_tokens_are_dead_and_no_longer(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let waiting = bob.get("/oauth2/jwks").await.json();
        let before = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        let instance = &house.instance;
        signing_keys::rotate(&instance.db, &instance.keyring, signing_keys::When::AtOnce, Actor::Host, house.clock.now()).await.unwrap();
        let after = tokens_for(&bob, &desk, &bob.code(&desk).await).await;
        for (name, algorithm) in [("access_token", Algorithm::ES256), ("id_token", Algorithm::RS256)] {
            let kid = |tokens: &Value| part_of(text(tokens, name), 0)["kid"].clone();
            assert_ne!(kid(&before), kid(&after), "{name}");
            assert!(waiting.to_string().contains(kid(&after).as_str().unwrap()), "it was published before it signed");
            verified(&bob, text(&before, name), algorithm).await.unwrap();
            verified(&bob, text(&after, name), algorithm).await.unwrap();
        }
        assert_eq!(userinfo(&bob, &before).await.status, StatusCode::OK);
        house.wait(Duration::from_mins(16));
        assert!(verified(&bob, text(&before, "access_token"), Algorithm::ES256).await.is_err());
        assert!(verified(&bob, text(&after, "access_token"), Algorithm::ES256).await.is_ok());
    }
}
