//! A new Doorward gets its first owner, in a real browser with the program that people run.

use crate::harness::Program;
use crate::harness::browser::browser;

#[tokio::test(flavor = "multi_thread")]
async fn alice_takes_the_keys_and_the_link_is_used_up() {
    let program = Program::serve(&[]);
    let browser = browser().await;
    let link = program.claim_link();
    browser.open(&link).await;
    browser.sees("Make this Doorward yours").await;
    browser.fill("name", "Alice Archer").await;
    browser.fill("email", "alice@acme.example").await;
    browser.fill("organization", "Acme").await;
    browser.fill("password", "alice keeps the keys").await;
    browser.press("Take the keys").await;

    browser.sees("Hello, Alice Archer").await;
    assert!(browser.words(".memberships").await.contains("acme \u{b7} owner"));
    browser.console_says_only(&[]).await;

    browser.open(&link).await;
    browser.sees("This link no longer works").await;
    browser.console_says_only(&["410 (Gone)"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let program = Program::serve(&[]);
    let browser = browser().await;
    browser.open(&program.claim_link()).await;
    browser.sees("Make this Doorward yours").await;
    // An address that browsers let pass and no mail server knows, and a name that no slug can be made of.
    browser.fill("name", "Alice Archer").await;
    browser.fill("email", "alice@acme").await;
    browser.fill("organization", "!!!").await;
    browser.fill("password", "alice keeps the keys").await;
    browser.press("Take the keys").await;

    browser
        .wait()
        .for_element(fantoccini::Locator::Id("mistakes"))
        .await
        .unwrap();
    let mistakes = browser.all_words("#mistakes li").await;
    assert_eq!(mistakes, browser.all_words(".field .mistake").await);
    assert!(
        browser
            .words("#organization-mistake")
            .await
            .contains("name for your organization")
    );
    let typed = browser
        .find(fantoccini::Locator::Id("name"))
        .await
        .unwrap()
        .prop("value")
        .await
        .unwrap();
    assert_eq!(typed.as_deref(), Some("Alice Archer"));

    browser.fill("email", "alice@acme.example").await;
    browser.fill("organization", "Acme").await;
    browser.fill("password", "alice keeps the keys").await;
    browser.press("Take the keys").await;
    browser.sees("Hello, Alice Archer").await;
}
