//! Passkeys and security keys in a real browser, with Chromium's virtual authenticators.

use doorward::storage::passwords;
use fantoccini::Locator;
use reqwest::StatusCode;

use crate::harness::authenticator::{BE, BS, NamedHouse, UP, UV};
use crate::harness::browser::{Browser, Scripts, browser, browser_with};
use crate::harness::visitor::authorize;
use crate::harness::{Engine, Person, on_both};

impl Browser {
    /// Signs in with a password alone.
    async fn comes_in(&self, house: &NamedHouse, person: Person) {
        self.open(&format!("{}/sign-in", house.url)).await;
        self.sign_in(person.email(), person.password()).await;
    }

    async fn signs_out(&self, house: &NamedHouse) {
        self.open(&format!("{}/sign-out", house.url)).await;
        self.sees("Sign out?").await;
        self.press("Sign out").await;
        self.sees("You are signed out").await;
    }

    /// Adds a passkey or security key from the account's page on.
    async fn adds(&self, house: &NamedHouse, what: &str, button: &str, name: &str) {
        self.open(&format!("{}/account/passkeys", house.url)).await;
        self.sees("Passkeys and security keys").await;
        self.press(what).await;
        self.sees(what).await;
        self.fill("name", name).await;
        self.press(button).await;
        self.sees("Recovery codes").await;
        self.open(&format!("{}/account/passkeys", house.url)).await;
        self.sees("Passkeys and security keys").await;
        assert!(
            self.all_words(".memberships .choice-name")
                .await
                .contains(&name.to_owned())
        );
    }

    /// What the page says went wrong, once it does.
    async fn complaint(&self) -> String {
        let complaint = "//*[@data-complaint and not(@hidden)]";
        let said = self.wait().for_element(Locator::XPath(complaint)).await;
        said.expect("something went wrong").text().await.unwrap()
    }
}

on_both! {
    async fn a_security_key_is_added_and_asked_for_after_the_password(house: NamedHouse) {
        let browser = browser().await;
        let key = browser.has_a_security_key().await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Hello, Bob Becker").await;
        browser.adds(&house, "Add a security key", "Add the key", "Key ring").await;
        assert!(browser.words(".memberships").await.contains("Security key"));
        browser.signs_out(&house).await;

        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Use your security key").await;
        browser.open(&format!("{}/", house.url)).await;
        browser.sees("Sign in").await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Use your security key").await;
        browser.press("Use your key").await;
        browser.sees("Hello, Bob Becker").await;
        browser.console_says_only(&[]).await;

        // Somebody with the password and another key stays outside.
        browser.signs_out(&house).await;
        key.unplug().await;
        browser.has_a_security_key().await;
        browser.comes_in(&house, Person::Bob).await;
        browser.press("Use your key").await;
        assert!(browser.complaint().await.starts_with("Nothing was chosen"));
        browser.open(&format!("{}/", house.url)).await;
        browser.sees("Sign in").await;
    }

    async fn a_passkey_is_made_signs_in_without_a_name_and_is_removed(house: NamedHouse) {
        let browser = browser().await;
        browser.offers_no_passkeys().await;
        let device = browser.keeps_passkeys(true).await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Hello, Bob Becker").await;
        browser.adds(&house, "Add a passkey", "Make the passkey", "Chrome on Linux").await;
        assert!(browser.words(".memberships").await.contains("Passkey, on all your devices"));
        browser.signs_out(&house).await;

        browser.open(&format!("{}/sign-in", house.url)).await;
        browser.press("Sign in with a passkey").await;
        browser.sees("Hello, Bob Becker").await;

        browser.open(&format!("{}/account/passkeys", house.url)).await;
        assert!(!browser.words(".memberships").await.contains("not used yet"));
        browser.find(Locator::Css("summary")).await.unwrap().click().await.unwrap();
        browser.press("Remove Chrome on Linux").await;
        browser.wait().for_element(Locator::Css(".nothing")).await.unwrap();
        browser.console_says_only(&[]).await;
        device.unplug().await;
        browser.signs_out(&house).await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Hello, Bob Becker").await;
    }

    async fn wa5_a_copy_of_a_passkey_is_noticed(house: NamedHouse) {
        let browser = browser().await;
        browser.offers_no_passkeys().await;
        let device = browser.keeps_passkeys(false).await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Hello, Bob Becker").await;
        browser.adds(&house, "Add a passkey", "Make the passkey", "Laptop").await;
        assert!(browser.words(".memberships").await.contains("on one device only"));
        browser.signs_out(&house).await;
        browser.open(&format!("{}/sign-in", house.url)).await;
        browser.press("Sign in with a passkey").await;
        browser.sees("Hello, Bob Becker").await;
        browser.signs_out(&house).await;
        let credential = device.credentials().await.remove(0);
        assert!(credential["signCount"].as_u64().unwrap() > 1, "{credential}");
        device.count(&credential, 1).await;
        browser.open(&format!("{}/sign-in", house.url)).await;
        browser.press("Sign in with a passkey").await;
        browser.wait().for_element(Locator::Css(".mistakes")).await.unwrap();
        browser.open(&format!("{}/", house.url)).await;
        browser.sees("Sign in").await;
        browser.console_says_only(&["422 (Unprocessable"]).await;
    }

    async fn wa4_a_device_that_does_not_know_its_person_lets_nobody_in(house: NamedHouse) {
        let browser = browser().await;
        browser.offers_no_passkeys().await;
        let device = browser.keeps_passkeys(true).await;
        browser.comes_in(&house, Person::Bob).await;
        browser.sees("Hello, Bob Becker").await;
        browser.adds(&house, "Add a passkey", "Make the passkey", "Laptop").await;
        browser.signs_out(&house).await;
        device.knows_its_person(false).await;
        browser.open(&format!("{}/sign-in", house.url)).await;
        browser.press("Sign in with a passkey").await;
        assert!(browser.complaint().await.starts_with("Nothing was chosen"));
        browser.sees("Sign in").await;
    }

    async fn an_application_waits_while_its_person_shows_a_passkey(house: NamedHouse) {
        let mut own = house.authenticator();
        own.flags = UP | UV | BE | BS;
        house.signed_in(Person::Bob).await.enrol(&mut own, "passkey", "Laptop").await;
        let bob = house.visitor();
        let arrived = bob.get(&authorize(&house.acme.desk.to_string(), &[])).await;
        let page = bob.follow(arrived).await;
        let request = page.action().rsplit('=').next().unwrap().to_owned();
        let signed_in = bob.sign_in_for(&own, &format!("?request={request}")).await;
        assert_eq!(signed_in.location(), format!("/oauth2/authorize/{request}"));
        let answer = bob.follow(signed_in).await;
        let tokens = bob.redeem(&house.acme.desk.to_string(), &answer.code()).await.json();
        let claims = crate::oidc::claims_of(tokens["id_token"].as_str().unwrap());
        assert_eq!((&claims["acr"], &claims["amr"]), (&"aal2".into(), &serde_json::json!(["mfa", "pin", "swk", "user"])));
    }

    async fn the_last_way_in_stays(house: NamedHouse) {
        let mut own = house.authenticator();
        house.signed_in(Person::Bob).await.enrol(&mut own, "passkey", "Laptop").await;
        let bob = house.acme.bob;
        house.write(move |tx| Box::pin(async move { passwords::delete_of_user(tx, bob).await })).await;
        let bob = house.visitor();
        assert_eq!(bob.sign_in_with(&own).await.location(), "/");
        let page = bob.get("/account/passkeys").await;
        let csrf = page.field("csrf");
        let kept = bob.post(&page.action(), &[("csrf", &csrf), ("remove", "1")]).await;
        assert_eq!(kept.status, StatusCode::CONFLICT);
        assert!(kept.body.contains("This is your last way to sign in."));
        let mut another = house.authenticator();
        assert!(bob.enrol(&mut another, "passkey", "Spare").await.is_enrolled());
        let csrf = bob.get("/account/passkeys").await.field("csrf");
        assert_eq!(bob.post(&page.action(), &[("csrf", &csrf), ("remove", "1")]).await.location(), "/account/passkeys");
        assert_eq!(house.visitor().sign_in_with(&another).await.location(), "/");
    }

    async fn a_person_has_twenty_at_most(house: NamedHouse) {
        let bob = house.signed_in(Person::Bob).await;
        let mut first = house.authenticator();
        bob.enrol(&mut first, "passkey", "Number 1").await;
        bob.sign_in_with(&first).await;
        for number in 2..=20 {
            let added = bob.enrol(&mut house.authenticator(), "passkey", &format!("Number {number}")).await;
            assert_eq!(added.location(), "/account/passkeys", "{number}: {added:?}");
        }
        assert!(bob.get("/account/passkeys").await.body.contains("You have as many as one can have."));
        assert_eq!(bob.new_key("passkey").await.status, StatusCode::BAD_REQUEST);
    }

    async fn what_is_added_and_removed_is_known_by_its_name(house: NamedHouse) {
        let bob = house.signed_in(Person::Bob).await;
        let page = bob.new_key("security-key").await;
        assert!(page.body.contains("value=\"Security key\""), "{page:?}");
        let mut own = house.authenticator();
        let unnamed = bob.enrol(&mut own, "security-key", "  ").await;
        assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unnamed.body.contains("Enter a name"));
        bob.enrol(&mut own, "security-key", "Key ring").await;
        let list = bob.get("/account/passkeys").await;
        let csrf = list.field("csrf");
        let renamed = bob.post(&list.action(), &[("csrf", &csrf), ("name", "<b>Spare</b>")]).await;
        assert_eq!(renamed.location(), "/account/passkeys");
        assert!(bob.get("/account/passkeys").await.body.contains("&#60;b&#62;Spare"));
        let forged = bob.post(&list.action(), &[("csrf", "made up"), ("name", "Forged")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_is_offered_in_the_email_field() {
    let house = NamedHouse::open(Engine::Sqlite).await;
    let browser = browser().await;
    browser.keeps_passkeys(true).await;
    browser.comes_in(&house, Person::Bob).await;
    browser.sees("Hello, Bob Becker").await;
    browser
        .adds(&house, "Add a passkey", "Make the passkey", "Laptop")
        .await;
    browser.signs_out(&house).await;
    browser.open(&format!("{}/sign-in", house.url)).await;
    browser.sees("Hello, Bob Becker").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_everything_else_works() {
    let house = NamedHouse::open(Engine::Sqlite).await;
    let browser = browser_with(Scripts::Blocked).await;
    browser.open(&format!("{}/sign-in", house.url)).await;
    assert!(!browser.words("main").await.contains("passkey"));
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    browser.sees("Hello, Bob Becker").await;
    browser
        .open(&format!("{}/account/passkeys/new?as=passkey", house.url))
        .await;
    assert!(
        browser
            .words("main")
            .await
            .contains("This needs a browser that knows passkeys")
    );
    assert!(!browser.words("main").await.contains("Make the passkey"));
}

#[tokio::test(flavor = "multi_thread")]
async fn under_an_address_without_a_name_there_are_no_passkeys() {
    let house = crate::harness::House::open(Engine::Sqlite).await;
    let bob = house.signed_in(Person::Bob).await;
    assert!(
        bob.new_key("passkey")
            .await
            .body
            .contains("this server is reached by an IP address")
    );
    let stranger = house.visitor();
    let page = stranger.get("/sign-in").await;
    assert!(!page.body.contains("passkey") && !page.header("content-security-policy").contains("script-src"));
    let begun = stranger
        .post("/sign-in/passkey/begin", &[("csrf", &page.field("csrf"))])
        .await;
    assert_eq!(begun.status, StatusCode::NOT_FOUND);
}
