//! X2, X3 in a real browser: Bob comes from an application of others, signs in, is sent back by the page that goes on by
//! itself, and signs out of everything.

use serde_json::json;

use super::Wiki;
use super::real::acquainted;
use crate::harness::browser::{Scripts, browser_with};
use crate::harness::service_provider::Kind;
use crate::harness::{Engine, Person};

async fn there_and_back(engine: Engine, kind: Kind, scripts: Scripts, flags: &[&str]) {
    let wiki = Wiki::without(engine).await;
    let application = acquainted(&wiki, kind, flags, json!({})).await;
    let browser = browser_with(scripts).await;
    browser
        .open(&format!("{}/login?relay_state=deep", application.url))
        .await;
    if scripts == Scripts::Blocked && flags.contains(&"--post") {
        browser.press("Continue").await;
    }
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    if scripts == Scripts::Blocked {
        browser.sees("On to 127.0.0.1").await;
        browser.press("Continue").await;
    }
    browser.sees("A service provider").await;
    let told = browser.words("#result").await;
    assert!(told.contains("bob@acme.example"), "{told}");
    assert!(told.contains("operator") && told.contains("deep"), "{told}");

    browser.open(&wiki.house.url).await;
    browser.press("Sign out").await;
    browser.sees("You are signed out").await;
    // Theirs have no icon.
    browser.console_says_only(&["favicon.ico"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_bob_walks_to_node_saml_and_out_again() {
    there_and_back(Engine::Sqlite, Kind::Node, Scripts::Run, &["--signed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_bob_walks_to_pysaml2_and_out_again() {
    there_and_back(Engine::Postgres, Kind::Python, Scripts::Run, &["--signed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_bob_walks_to_samael_without_scripts() {
    there_and_back(Engine::Sqlite, Kind::Samael, Scripts::Blocked, &["--signed"]).await;
}
