//! Cookies: SE10.

use doorward::config::PublicUrl;
use reqwest::header::COOKIE;

use crate::harness::{Answer, Engine, House, Person, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn se10_over_https_every_cookie_is_for_this_host_alone() {
    let https = |config: &mut doorward::config::Config| {
        config.public_url = PublicUrl::parse("https://id.acme.example").unwrap();
    };
    let house = House::open_with(Engine::Sqlite, https).await;
    let bob = house.visitor();
    let first = bob.get("/sign-in").await;
    let browser = first.cookies().remove(0);
    assert!(browser.starts_with("__Host-doorward_browser="), "{browser}");
    assert!(first.header("strict-transport-security").starts_with("max-age="));
    // Over plain http the test's own browser keeps no secure cookie, so it is carried by hand.
    let jar = browser.split(';').next().unwrap().to_owned();
    let csrf = first.field("csrf");
    let form = [("csrf", csrf.as_str()), ("email", Person::Bob.email())];
    let step = Answer::of(bob.request("POST", "/sign-in").header(COOKIE, &jar).form(&form))
        .await
        .location();
    let form = [("csrf", csrf.as_str()), ("password", Person::Bob.password())];
    let signed_in = Answer::of(bob.request("POST", &step).header(COOKIE, &jar).form(&form)).await;
    let cookies = signed_in.cookies();
    assert_eq!(cookies.len(), 2, "session and device: {signed_in:?}");
    for cookie in cookies.iter().chain([&browser]) {
        assert!(cookie.starts_with("__Host-doorward_"), "{cookie}");
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(cookie.contains(flag), "{flag} in {cookie}");
        }
        assert!(!cookie.contains("Domain="), "{cookie}");
    }
}

on_both! {
    async fn a_cookie_that_comes_twice_is_nobodys(house) {
        let bob = house.visitor();
        let session = bob.sign_in(Person::Bob).await.cookies().into_iter().find(|c| c.starts_with("doorward_session=")).unwrap();
        let session = session.split(';').next().unwrap().to_owned();
        let stranger = house.visitor();
        let once = stranger.request("GET", "/").header(COOKIE, &session);
        assert_eq!(Answer::of(once).await.status, 200);
        let twice = stranger.request("GET", "/").header(COOKIE, format!("doorward_session=tossed; {session}"));
        assert_eq!(Answer::of(twice).await.location(), "/sign-in");
    }
}
