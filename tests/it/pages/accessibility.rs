//! Every page in every state in a real browser, wide and narrow, light and dark: photographed, silent in the console, and
//! without a violation of WCAG 2.2 AA that axe-core can find.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::routing::{get, post};
use doorward::pages::gallery;
use doorward::web::assets;
use tokio::net::TcpListener;

use crate::harness::Engine;
use crate::harness::authenticator::NamedHouse;
use crate::harness::browser::browser;

/// What a sign-in page's script asks for. No passkey is ever found for it.
async fn begin() -> &'static str {
    r#"{"ceremony":"sample","options":{"challenge":"c2FtcGxl","rpId":"localhost","allowCredentials":[]}}"#
}

/// Serves every sample as `/{page}/{state}`, under the policy that the house gives its pages with
/// scripts. Returns the address.
async fn hang_the_gallery() -> String {
    let house = NamedHouse::open(Engine::Sqlite).await;
    let policy = house
        .visitor()
        .get("/sign-in")
        .await
        .header("content-security-policy")
        .to_owned();
    let mut router = Router::new()
        .route("/assets/doorward.css", get(assets::stylesheet))
        .route("/assets/emblem.svg", get(assets::emblem))
        .route("/assets/webauthn.js", get(assets::webauthn))
        // A page that goes on by itself would be gone before anybody looked at it.
        .route(
            "/assets/onward.js",
            get(async || [(CONTENT_TYPE, "text/javascript")]),
        )
        .route("/sign-in/passkey/begin", post(begin));
    for sample in gallery() {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (CONTENT_SECURITY_POLICY, policy.clone()),
        ];
        let show = async move || (headers.clone(), sample.html.clone());
        router = router.route(&format!("/{}/{}", sample.page, sample.state), get(show));
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_what_is_wrong_in_spite_of_the_policy() {
    let gallery_url = hang_the_gallery().await;
    let browser = browser().await;
    browser
        .open(&format!("{gallery_url}/sign_in/identify/alone"))
        .await;
    let spoil = "document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')";
    browser.execute(spoil, Vec::new()).await.unwrap();
    let found = browser.violations().await.join("\n");
    assert!(
        found.contains("label: <input") && found.contains("html-has-lang"),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_seen_read_and_used_by_everyone() {
    let gallery_url = hang_the_gallery().await;
    let browser = browser().await;
    let mut found = Vec::new();
    for sample in gallery() {
        let path = format!("{}/{}", sample.page, sample.state);
        browser.open(&format!("{gallery_url}/{path}")).await;
        found.extend(browser.console().await);
        found.extend(browser.looks(&path.replace('/', "-")).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
