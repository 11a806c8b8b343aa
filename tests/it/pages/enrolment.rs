//! Somebody is sent by an application to an organization that asks for a second factor, and has none yet.

use doorward::domain::access::Policy;
use doorward::domain::session::SessionLimits;
use fantoccini::Locator;

use crate::harness::browser::browser;
use crate::harness::code_app::Authenticator;
use crate::harness::visitor::authorize;
use crate::harness::{Engine, House, Person};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_set_up_on_the_way_in_and_the_application_gets_its_answer() {
    let house = House::open_today(Engine::Sqlite).await;
    let policy = Policy {
        require_mfa: true,
        ..Policy::default()
    };
    house.set_policy(policy, SessionLimits::INSTANCE).await;
    let browser = browser().await;
    let desk = authorize(&house.acme.desk.to_string(), &[]);
    browser.open(&format!("{}{desk}", house.url)).await;
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    browser.sees("Add a second factor").await;
    assert!(
        browser
            .words("main")
            .await
            .contains("Acme asks for more than a password")
    );
    browser.screenshot("enrolment-walk-choose").await;
    browser
        .find(Locator::Css("a.choice[href='/account/authenticator']"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.sees("Authenticator app").await;
    browser.press("Set up an app").await;
    browser.sees("Authenticator app").await;
    let app = Authenticator::of(&browser.words(".key").await);
    browser.fill("code", &app.code(house.clock.now())).await;
    browser.press("Confirm").await;
    browser.sees("Recovery codes").await;
    browser.console_says_only(&[]).await;
    browser.press("I have kept them").await;
    let back = browser.current_url().await.unwrap();
    assert_eq!(back.host_str(), Some("fleet.acme.example"), "{back}");
    assert!(back.query_pairs().any(|(name, _)| name == "code"), "{back}");
}
