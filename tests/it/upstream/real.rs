//! The whole chain in a real browser, with a provider that nobody here wrote: an application sends somebody to us, we send
//! them to npm `oidc-provider`, and back they come, with tokens that carry their organization.

use std::path::Path;
use std::process::Command;

use doorward::config::{Config, PublicUrl};
use doorward::directory::connections::{callback_url, seal_secret};
use doorward::domain::access::BuiltInRole;
use doorward::domain::connection::{
    ClientAuthentication, Connection, Mapped, MappingRule, OidcProvider, Provider as Behind,
};
use doorward::storage::{connections, roles};
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::json;

use crate::harness::browser::{Browser, browser};
use crate::harness::lifeline::Lifeline;
use crate::harness::provider::{Provider, SECRET};
use crate::harness::sample::sample_application;
use crate::harness::{Engine, House};

/// Starts npm `oidc-provider` for one client and one person; it ends with what is answered.
async fn oidc_provider(redirect_uri: impl FnOnce(&str) -> String) -> (Lifeline, String) {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/node");
    let installed = clients.join("node_modules/oidc-provider").exists();
    assert!(installed, "oidc-provider is not installed: run `make clients`");
    let started = Lifeline::start(Command::new("node").arg(clients.join("oidc_provider.mjs")));
    let (lifeline, port) = started.unwrap_or_else(|said| panic!("oidc-provider does not start: {said}"));
    let issuer = format!("http://127.0.0.1:{port}");
    let callback = redirect_uri(&issuer);
    let client = json!({
        "client_id": "doorward", "client_secret": SECRET, "redirect_uris": [callback.as_str()], "post_logout_redirect_uris": [callback.replace("/callback", "/signed-out")],
        "token_endpoint_auth_method": "client_secret_basic",
    });
    let person = json!({
        "email": "carol@acme.example", "email_verified": true, "name": "Carol Cole", "groups": ["fleet-drivers"],
    });
    lifeline.tell(&json!({ "client": client, "person": person }).to_string());
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    while reqwest::get(&discovery).await.unwrap().status() != 200 {}
    (lifeline, issuer)
}

/// What the provider's page has, once it is there.
async fn there(browser: &Browser, part: &'static str) -> Element {
    match browser.wait().for_element(Locator::Css(part)).await {
        Ok(found) => found,
        Err(error) => panic!("no {part}: {error}; but {}", browser.words("body").await),
    }
}

async fn whole_chain(engine: Engine) {
    let house = House::open_today_with(engine, |config: &mut Config| {
        config.public_url = PublicUrl::of_localhost(config.listen.port());
    })
    .await;
    let doorward = house.url.replace("127.0.0.1", "localhost");
    house.verified_domain(house.acme.id, "acme.example").await;
    let stand_in = Provider::start().await;
    let connection = house.connection(house.acme.id, &stand_in, |_| {}).await;
    let public_url = PublicUrl::parse(&doorward).unwrap();
    let (_lifeline, issuer) = oidc_provider(|_| callback_url(&public_url, connection)).await;
    let operator = {
        let mut snapshot = house.snapshot().await;
        roles::built_in(&mut snapshot.tx(), BuiltInRole::Operator)
            .await
            .unwrap()
            .id
    };
    house
        .change_connection(connection, |connection: &mut Connection| {
            connection.provider = Behind::Oidc(OidcProvider {
                issuer: issuer.clone(),
                client_id: "doorward".to_owned(),
                authentication: ClientAuthentication::ClientSecretBasic,
                scopes: ["email", "profile", "groups"].map(str::to_owned).to_vec(),
            });
            connection.mapping.rules = vec![MappingRule {
                value: "fleet-drivers".to_owned(),
                gives: Mapped::Role(operator),
            }];
        })
        .await;
    let sealed = seal_secret(&house.instance.keyring, connection, SECRET);
    house
        .write(move |tx| {
            let sealed = sealed.clone();
            Box::pin(async move { connections::set_secret(tx, connection, Some(&sealed)).await })
        })
        .await;

    let base_url = sample_application(&house, doorward.clone()).await;

    let browser = browser().await;
    browser.open(&base_url).await;
    browser.press("Sign in").await;
    browser.sees("Sign in").await;
    browser.fill("email", "carol@acme.example").await;
    browser.press("Continue").await;
    browser.sees("Your organization signs you in").await;
    browser.press("Continue with Acme Entra").await;
    // From here on the pages are the provider's own.
    let login = there(&browser, "input[name=login]").await;
    login.clear().await.unwrap();
    login.send_keys("carol-at-acme").await.unwrap();
    let password = there(&browser, "input[name=password]").await;
    password.send_keys("anything").await.unwrap();
    there(&browser, "button[type=submit]")
        .await
        .click()
        .await
        .unwrap();
    there(&browser, "input[name=prompt][value=consent]").await;
    there(&browser, "button[type=submit]")
        .await
        .click()
        .await
        .unwrap();

    browser.sees("Hello, Carol Cole.").await;
    let told = browser.words("main").await;
    for words in ["carol@acme.example", "Acme", "operator", "fed"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let line = house.last_attempt(connection).await;
    assert_eq!(line.refusal, None, "{line:?}");
    assert_eq!(line.subject.as_deref(), Some("carol-at-acme"));

    // X2: she signs out here, and there by the way: the provider knows whose id token that is, asks her, and sends her back.
    browser.open(&doorward).await;
    browser.press("Sign out").await;
    there(&browser, "button[name=logout]")
        .await
        .click()
        .await
        .unwrap();
    browser.sees("You are signed out").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidc_provider_brings_carol_to_an_application_on_sqlite() {
    whole_chain(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oidc_provider_brings_carol_to_an_application_on_postgres() {
    whole_chain(Engine::Postgres).await;
}
