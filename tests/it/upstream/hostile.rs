//! Providers that mean no good, don't answer, or answer rubbish; and answers that nobody asked for.

use std::time::Duration;

use doorward::domain::upstream::Stage;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{account, carol};
use crate::harness::provider::Provider;
use crate::harness::{House, Person, Visitor, on_both};

/// The page that says that nobody was let in: with a way on and the reference that the SSO log has.
async fn failed(
    house: &House,
    visitor: &Visitor,
    page: &crate::harness::Answer,
    connection: doorward::domain::id::ConnectionId,
) -> (Stage, String) {
    assert_eq!(page.heading(), "That didn’t work", "{page:?}");
    let line = house.last_attempt(connection).await;
    assert!(
        page.body.contains(line.reference.as_str()) && page.body.contains("href=\"/sign-in\""),
        "{page:?}"
    );
    assert_eq!(
        visitor.get("/").await.location(),
        "/sign-in",
        "nobody is signed in"
    );
    // The next attempt is a later one.
    house.wait(Duration::from_millis(1));
    (line.stage, line.refusal.unwrap())
}

on_both! {
    async fn up7_a_token_that_is_not_in_order_lets_nobody_in(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let now = house.clock.now().seconds();
        for (changed, stage, refusal) in [
            (json!({ "iss": "https://mallory.example" }), Stage::Conditions, "wrong_issuer"),
            (json!({ "aud": "another" }), Stage::Conditions, "wrong_audience"),
            (json!({ "aud": ["doorward", "another"] }), Stage::Conditions, "wrong_audience"),
            (json!({ "azp": "another" }), Stage::Conditions, "wrong_audience"),
            (json!({ "nonce": "another" }), Stage::Conditions, "wrong_nonce"),
            (json!({ "nonce": null }), Stage::Conditions, "wrong_nonce"),
            (json!({ "exp": now - 61 }), Stage::Conditions, "expired"),
            (json!({ "iat": now + 61 }), Stage::Conditions, "not_yet_valid"),
            (json!({ "exp": null }), Stage::Signature, "bad_id_token"),
            (json!({ "exp": "tomorrow" }), Stage::Signature, "bad_id_token"),
            (json!({ "sub": null }), Stage::Signature, "bad_id_token"),
            (json!({ "sub": "" }), Stage::Attributes, "bad_subject"),
        ] {
            let mut claims = carol();
            claims.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
            let visitor = house.visitor();
            let page = visitor.comes(&house, &provider, connection, &claims).await;
            let failed = failed(&house, &visitor, &page, connection).await;
            assert_eq!(failed, (stage, refusal.to_owned()), "{changed}");
        }
        assert_eq!(account(&house, "carol@acme.example").await, None);
    }

    async fn up7_a_signature_that_is_not_good_lets_nobody_in(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        for header in [
            json!({ "alg": "none" }),
            json!({ "alg": "HS256", "kid": "one" }),
            json!({ "alg": "RS256", "kid": "one" }),
            json!({ "alg": "ES256", "kid": "../one" }),
            json!({ "alg": "ES256", "kid": "one", "crit": ["exp"] }),
            json!({ "alg": "ES256", "kid": "one", "typ": "at+jwt" }),
        ] {
            provider.script().header = Some(header.clone());
            let visitor = house.visitor();
            let page = visitor.comes(&house, &provider, connection, &carol()).await;
            let failed = failed(&house, &visitor, &page, connection).await;
            assert_eq!(failed, (Stage::Signature, "bad_id_token".to_owned()), "{header}");
        }
        provider.script().header = None;
        let stolen = { let script = provider.script(); script.sign(&carol()) };
        for body in ["", "<html>", "{}", r#"{"id_token":"a.b.c"}"#, &json!({ "id_token": stolen.replace('.', "") }).to_string()] {
            provider.script().answers.insert("/token", (200, body.as_bytes().to_vec()));
            let visitor = house.visitor();
            let page = visitor.comes(&house, &provider, connection, &carol()).await;
            failed(&house, &visitor, &page, connection).await;
        }
    }

    async fn up5_an_answer_counts_where_it_was_asked_for_and_once(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let other = house.connection(house.acme.umbrella, &provider, |_| {}).await;
        let visitor = house.visitor();
        let mut away = visitor.sent_by("acme", connection).await;
        let code = provider.code(&house, &away, &carol());
        let back = away.back(&[("code", &code)]);
        // SE5: another browser's, or one that never asked.
        let stranger = house.visitor();
        assert_eq!(stranger.get(&back).await.status, StatusCode::GONE);
        stranger.sent_by("acme", connection).await;
        assert_eq!(stranger.get(&back).await.status, StatusCode::GONE);
        // UP5: another connection's, another state, none, two.
        away.connection = other;
        assert_eq!(visitor.get(&away.back(&[("code", &code)])).await.status, StatusCode::GONE);
        away.connection = connection;
        for state in ["", "x", "%00"] {
            assert_eq!(visitor.get(&away.back(&[("code", &code), ("state", state)])).await.status, StatusCode::GONE);
        }
        assert_eq!(visitor.get(&format!("{back}&state=x")).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(visitor.get(&format!("{back}&code=x")).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(visitor.get("/upstream/nothing/callback?state=x").await.status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get(&back).await.location(), "/");
        assert_eq!(visitor.get(&back).await.status, StatusCode::GONE, "once");
        assert_eq!(provider.asked_for("/token"), 1);
    }

    async fn az19_an_answer_of_another_issuer_never_reaches_a_token_endpoint(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        for issuer in ["https://mallory.example", ""] {
            let visitor = house.visitor();
            let away = visitor.sent_by("acme", connection).await;
            let code = provider.code(&house, &away, &carol());
            let page = visitor.get(&away.back(&[("code", &code), ("iss", issuer)])).await;
            let failed = failed(&house, &visitor, &page, connection).await;
            assert_eq!(failed, (Stage::Response, "wrong_issuer".to_owned()), "{issuer}");
        }
        assert_eq!(provider.asked_for("/token"), 0);
    }

    async fn what_a_provider_refuses_is_told_in_plain_words(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        for (error, refusal) in [("access_denied", "denied_upstream"), ("server_error", "refused_upstream"), ("<script>", "refused_upstream")] {
            let visitor = house.visitor();
            let away = visitor.sent_by("acme", connection).await;
            let page = visitor.get(&away.back(&[("error", error), ("error_description", "<b>sesame</b>")])).await;
            assert!(!page.body.contains("<script>") && !page.body.contains("sesame"), "{page:?}");
            assert_eq!(failed(&house, &visitor, &page, connection).await.1, refusal);
        }
        let visitor = house.visitor();
        let away = visitor.sent_by("acme", connection).await;
        let page = visitor.get(&away.back(&[])).await;
        assert_eq!(failed(&house, &visitor, &page, connection).await.1, "bad_answer");
        let away = visitor.sent_by("acme", connection).await;
        let page = visitor.get(&away.back(&[("code", "never given")])).await;
        assert_eq!(failed(&house, &visitor, &page, connection).await.1, "code_refused");
        assert!(house.last_attempt(connection).await.detail.contains("invalid_grant"));
    }

    async fn up6_a_provider_that_publishes_rubbish_is_not_gone_to(house) {
        for (path, status, body) in [
            ("/.well-known/openid-configuration", 200, b"<html>".to_vec()),
            ("/.well-known/openid-configuration", 302, Vec::new()),
            ("/.well-known/openid-configuration", 500, Vec::new()),
            ("/.well-known/openid-configuration", 200, vec![b' '; 10_000_000]),
            ("/jwks", 302, Vec::new()),
            ("/jwks", 200, vec![b'['; 10_000_000]),
            ("/jwks", 200, b"{}".to_vec()),
        ] {
            let provider = Provider::start().await;
            let connection = house.connection(house.acme.id, &provider, |_| {}).await;
            provider.script().answers.insert(path, (status, body));
            let visitor = house.visitor();
            let page = visitor.get(&format!("/o/acme/login/{connection}")).await;
            assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{path} {status}");
            assert_eq!(failed(&house, &visitor, &page, connection).await.0, Stage::Provider, "{path} {status}");
        }
    }

    async fn up6_discovery_is_of_the_issuer_that_was_configured_and_leads_nowhere_else(house) {
        for changed in [
            json!({ "issuer": "https://login.acme.example" }),
            json!({ "authorization_endpoint": "javascript:alert(1)" }),
            json!({ "token_endpoint": "file:///etc/passwd" }),
            json!({ "jwks_uri": "http://10.0.0.1/keys" }),
            json!({ "jwks_uri": "http://169.254.169.254/latest" }),
            json!({ "jwks_uri": Value::Null }),
        ] {
            let provider = Provider::start().await;
            let connection = house.connection(house.acme.id, &provider, |_| {}).await;
            provider.script().discovery = changed.clone();
            let visitor = house.visitor();
            let page = visitor.get(&format!("/o/acme/login/{connection}")).await;
            assert_eq!(failed(&house, &visitor, &page, connection).await.0, Stage::Provider, "{changed}");
        }
    }

    async fn f10_keys_that_turn_are_fetched_again_at_most_once_a_minute(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let come = || async { house.visitor().comes(&house, &provider, connection, &carol()).await.status };
        assert_eq!(come().await, StatusCode::SEE_OTHER);
        assert_eq!((provider.asked_for("/jwks"), provider.asked_for("/.well-known/openid-configuration")), (1, 1));
        provider.rotate("two");
        assert_eq!(come().await, StatusCode::BAD_REQUEST, "they were fetched just now");
        house.wait(std::time::Duration::from_mins(1));
        assert_eq!(come().await, StatusCode::SEE_OTHER);
        assert_eq!(provider.asked_for("/jwks"), 2);
        provider.script().header = Some(json!({ "alg": "ES256", "kid": "three" }));
        for _ in 0..5 {
            assert_eq!(come().await, StatusCode::BAD_REQUEST);
        }
        assert_eq!(provider.asked_for("/jwks"), 2, "nobody has it asked more often");
        assert_eq!(provider.asked_for("/.well-known/openid-configuration"), 1);
    }

    async fn f10_a_provider_that_is_gone_leaves_everybody_else_alone(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let away = visitor.sent_by("acme", connection).await;
        let code = provider.code(&house, &away, &carol());
        provider.stop();
        let page = visitor.get(&away.back(&[("code", &code)])).await;
        assert_eq!(failed(&house, &visitor, &page, connection).await, (Stage::Provider, "provider_silent".to_owned()));
        let bob = house.signed_in(Person::Bob).await;
        assert_eq!(bob.get("/").await.status, StatusCode::OK, "by a password, as ever");
        // What it said last is good for a day; then there is nowhere to go.
        house.wait(std::time::Duration::from_hours(2));
        assert_eq!(house.visitor().get("/o/acme/login").await.status, StatusCode::SEE_OTHER);
        house.wait(std::time::Duration::from_hours(23));
        assert_eq!(house.visitor().get("/o/acme/login").await.status, StatusCode::BAD_GATEWAY);
    }

    async fn lo2_nothing_secret_is_in_the_logs(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let away = visitor.sent_by("acme", connection).await;
        let code = provider.code(&house, &away, &json!({ "sub": "00u-carol", "aud": "another" }));
        visitor.get(&away.back(&[("code", &code)])).await;
        let line = house.last_attempt(connection).await;
        let (state, nonce) = (away.parameter("state").unwrap(), away.parameter("nonce").unwrap());
        for secret in [code.as_str(), state.as_str(), nonce.as_str(), "an access token"] {
            assert!(!line.detail.contains(secret), "{line:?}");
        }
    }
}
