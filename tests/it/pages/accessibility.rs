//! Every page in every state in a real browser, wide and narrow, light and dark: photographed, silent in the console, and
//! without a violation of WCAG 2.2 AA that axe-core can find.

use std::fs;
use std::path::Path;

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::routing::get;
use doorward::pages::gallery;
use doorward::web::assets;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::browser::{Browser, ColorScheme, NARROW, WIDE, browser};
use crate::harness::{Engine, House};

const AXE: &str = "tests/clients/node/node_modules/axe-core/axe.min.js";

/// Serves every sample as `/{page}/{state}`, under the policy that the house gives its pages. Returns the address.
async fn hang_the_gallery() -> String {
    let house = House::open(Engine::Sqlite).await;
    let policy = house
        .visitor()
        .get("/sign-in")
        .await
        .header("content-security-policy")
        .to_owned();
    let mut router = Router::new()
        .route("/assets/doorward.css", get(assets::stylesheet))
        .route("/assets/emblem.svg", get(assets::emblem));
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

fn axe() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
    fs::read_to_string(path).expect("axe-core is not installed: run `make clients`")
}

/// What axe-core finds wrong with the page as it stands.
async fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    // No preloading: it would fetch the stylesheet by a script, which the policy forbids.
    let run = "const done = arguments[0];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        axe.run({ runOnly: tags, preload: false }).then(({ violations }) => done(violations.flatMap(
            ({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`))),
            (error) => done([String(error)]));";
    browser.execute(axe, Vec::new()).await.unwrap();
    let found = browser.execute_async(run, Vec::new()).await.unwrap();
    let found = found.as_array().cloned().unwrap_or_else(|| vec![found]);
    found
        .iter()
        .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
        .collect()
}

/// How far the page is wider than its window, in CSS pixels.
async fn overflow(browser: &Browser) -> Value {
    let measure = "return document.documentElement.scrollWidth - innerWidth";
    browser.execute(measure, Vec::new()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_what_is_wrong_in_spite_of_the_policy() {
    let (gallery_url, axe) = (hang_the_gallery().await, axe());
    let browser = browser().await;
    browser
        .open(&format!("{gallery_url}/sign_in/identify/alone"))
        .await;
    let spoil = "document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')";
    browser.execute(spoil, Vec::new()).await.unwrap();
    let found = violations(&browser, &axe).await.join("\n");
    assert!(
        found.contains("label: <input") && found.contains("html-has-lang"),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_seen_read_and_used_by_everyone() {
    let (gallery_url, axe) = (hang_the_gallery().await, axe());
    let browser = browser().await;
    let mut found = Vec::new();
    for sample in gallery() {
        let path = format!("{}/{}", sample.page, sample.state);
        browser.open(&format!("{gallery_url}/{path}")).await;
        found.extend(browser.console().await);
        for (size, viewport) in [("narrow", NARROW), ("wide", WIDE)] {
            browser.resize(viewport).await;
            for (tone, scheme) in [("dark", ColorScheme::Dark), ("light", ColorScheme::Light)] {
                browser.prefer(scheme).await;
                browser
                    .screenshot(&format!("{}-{size}-{tone}", path.replace('/', "-")))
                    .await;
                let violations = violations(&browser, &axe).await;
                found.extend(
                    violations
                        .into_iter()
                        .map(|one| format!("{path} {size} {tone}: {one}")),
                );
            }
            if overflow(&browser).await != json!(0) {
                found.push(format!("{path} {size}: wider than its window"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
