//! The whole chain in a real browser, with providers that nobody here wrote: an application sends Bob to us, we send him to his
//! company's, and its page posts the answer back from another site, so that no cookie of ours comes along with it.

use doorward::config::{Config, PublicUrl};
use doorward::saml::sp::ServiceProvider;
use fantoccini::Locator;
use fantoccini::elements::Element;
use reqwest::StatusCode;

use super::documents::Shape;
use super::providers::RealProvider;
use super::real::known;
use super::sign_in::Story;
use crate::harness::browser::{Browser, browser};
use crate::harness::sample::sample_application;
use crate::harness::{Engine, House, Visitor};

/// Acme has this provider, and we are at another site than it: `localhost`, where it is at `127.0.0.1`.
async fn story(engine: Engine, provider: &RealProvider, metadata: &str) -> (Story, String) {
    let house = House::open_today_with(engine, |config: &mut Config| {
        config.public_url = PublicUrl::of_localhost(config.listen.port());
    })
    .await;
    let doorward = house.url.replace("127.0.0.1", "localhost");
    assert!(provider.url.starts_with("http://127.0.0.1:"));
    house.verified_domain(house.acme.id, "acme.example").await;
    let known = known(provider, metadata, house.clock.now()).await;
    let mut story = Story::with(house, known).await;
    story.us = ServiceProvider::of(&doorward, story.connection.id);
    (story, doorward)
}

/// What the provider's page has, once it is there.
async fn there(browser: &Browser, part: &'static str) -> Element {
    match browser.wait().for_element(Locator::Css(part)).await {
        Ok(found) => found,
        Err(error) => panic!("no {part}: {error}; but {}", browser.words("body").await),
    }
}

/// From the application to the provider's door.
async fn is_sent_away(browser: &Browser, application: &str) {
    browser.open(application).await;
    browser.press("Sign in").await;
    browser.sees("Sign in").await;
    browser.fill("email", "bob@acme.example").await;
    browser.press("Continue").await;
    browser.sees("Your organization signs you in").await;
    browser.press("Continue with Acme Shibboleth").await;
}

/// Back at the application, with tokens that say for whom Bob is there, and how he signed in.
async fn is_back(browser: &Browser, story: &Story) {
    browser.sees("Hello, Bob Becker.").await;
    let told = browser.words("main").await;
    for words in ["bob@acme.example", "Acme", "operator", "fed"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(story.last_attempt().await, ("done".to_owned(), None));
}

/// Signed requests, and assertions that are signed, then encrypted.
async fn by_pysaml2(engine: Engine) {
    let provider = RealProvider::pysaml2(Shape::Encrypted, true);
    let (story, doorward) = story(engine, &provider, "/metadata").await;
    let ours = Visitor::new(&doorward).get(&story.us.entity_id).await;
    assert_eq!(ours.status, StatusCode::OK, "{ours:?}");
    provider.reads(&ours.body);
    let application = sample_application(&story.house, doorward).await;
    let browser = browser().await;
    is_sent_away(&browser, &application).await;
    // It asks nobody anything: its page posts by itself.
    is_back(&browser, &story).await;
}

/// A form of the provider's own, and assertions that are signed: it has no cipher that we take.
async fn by_simplesamlphp(engine: Engine) {
    let provider = RealProvider::simplesamlphp();
    let (story, doorward) = story(engine, &provider, "/saml2/idp/metadata.php").await;
    let certificate = story.certificate(&story.house.visitor()).await;
    provider.knows(&story.us.entity_id, &story.us.acs, &certificate, false);
    let application = sample_application(&story.house, doorward.clone()).await;
    let browser = browser().await;
    is_sent_away(&browser, &application).await;
    let name = there(&browser, "input[name=username]").await;
    name.send_keys("bob").await.unwrap();
    let password = there(&browser, "input[name=password]").await;
    password.send_keys("upstream password").await.unwrap();
    let button = there(
        &browser,
        "button[type=submit], input[type=submit], #submit_button",
    )
    .await;
    button.click().await.unwrap();
    is_back(&browser, &story).await;
    // X2: he signs out here, and there by the way: whoever comes again is asked who they are.
    browser.open(&doorward).await;
    browser.press("Sign out").await;
    browser.sees("You are signed out").await;
    browser.open(&format!("{doorward}/o/acme/login")).await;
    there(&browser, "input[name=username]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pysaml2_brings_bob_to_an_application_on_sqlite() {
    by_pysaml2(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pysaml2_brings_bob_to_an_application_on_postgres() {
    by_pysaml2(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simplesamlphp_brings_bob_to_an_application_on_sqlite() {
    by_simplesamlphp(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simplesamlphp_brings_bob_to_an_application_on_postgres() {
    by_simplesamlphp(Engine::Postgres).await;
}
