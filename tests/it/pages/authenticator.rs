//! The app, set up as people do it: by what a phone reads off the screen, whatever the hour.

use std::path::Path;
use std::process::Command;

use doorward::clock::Clock;
use url::Url;

use crate::harness::browser::{Browser, ColorScheme, NARROW, WIDE, browser};
use crate::harness::code_app::Authenticator;
use crate::harness::{Engine, House, Person};

/// What `zbarimg`, which nobody here wrote, reads in a picture.
fn read_off(picture: &Path) -> String {
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(picture)
        .output()
        .expect("zbarimg is not installed: run tests/requirements.sh test");
    assert!(read.status.success(), "no code in {}", picture.display());
    String::from_utf8(read.stdout).unwrap().trim().to_owned()
}

/// The secret of an address that an app was shown.
fn app_of(address: &str) -> Authenticator {
    let url = Url::parse(address).unwrap();
    assert_eq!((url.scheme(), url.host_str()), ("otpauth", Some("totp")));
    let parameter = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    assert_eq!(parameter("issuer"), "127.0.0.1");
    assert!(url.path().ends_with(":bob%40acme.example"), "{address}");
    Authenticator::of(&parameter("secret"))
}

async fn enters(browser: &Browser, code: &str) {
    browser.fill("code", code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_reads_the_picture_and_its_codes_open() {
    let house = House::open_today(Engine::Sqlite).await;
    let browser = browser().await;
    browser
        .open(&format!("{}/account/authenticator", house.url))
        .await;
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    browser.sees("Authenticator app").await;
    browser.press("Set up an app").await;
    browser.sees("Authenticator app").await;
    let mut read = Vec::new();
    for (size, viewport) in [("narrow", NARROW), ("wide", WIDE)] {
        browser.resize(viewport).await;
        for (tone, scheme) in [("dark", ColorScheme::Dark), ("light", ColorScheme::Light)] {
            browser.prefer(scheme).await;
            let picture = browser
                .screenshot(&format!("authenticator-walk-{size}-{tone}"))
                .await;
            read.push(read_off(&picture));
        }
    }
    read.dedup();
    assert_eq!(
        read.len(),
        1,
        "the same whatever the light and the size: {read:?}"
    );
    let app = app_of(&read[0]);
    let key = browser.words(".key").await;
    assert_eq!(
        Authenticator::of(&key).code(house.clock.now()),
        app.code(house.clock.now())
    );

    let now = Clock::system().now();
    enters(&browser, &app.code(now)).await;
    browser.press("Confirm").await;
    browser.sees("Recovery codes").await;
    let codes = browser.all_words(".codes code").await;
    assert_eq!(codes.len(), 10, "{codes:?}");
    browser.console_says_only(&[]).await;

    // The code after the one that is spent now is good already: clocks may be half a minute apart.
    browser.delete_all_cookies().await.unwrap();
    browser.open(&format!("{}/sign-in", house.url)).await;
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    browser.sees("Enter your code").await;
    let next = now.plus(std::time::Duration::from_secs(30));
    enters(&browser, &app.code(next)).await;
    browser.press("Continue").await;
    browser.sees("Hello, Bob Becker").await;

    browser.delete_all_cookies().await.unwrap();
    browser.open(&format!("{}/sign-in", house.url)).await;
    browser.sign_in(Person::Bob.email(), Person::Bob.password()).await;
    browser.press("Recovery code").await;
    browser.sees("Use a recovery code").await;
    enters(&browser, &codes[3]).await;
    browser.press("Continue").await;
    browser.sees("Hello, Bob Becker").await;
    browser.console_says_only(&[]).await;
}
