//! What every page carries, and that whatever goes wrong is a page.

use reqwest::StatusCode;

use crate::harness::authenticator::NamedHouse;
use crate::harness::{Answer, Engine, House, Person, Visitor};

async fn house() -> House {
    House::open(Engine::Sqlite).await
}

/// The headers of SECURITY.md, on a page.
fn is_a_page(answer: &Answer) {
    let is = |name: &str, value: &str| assert_eq!(answer.header(name), value, "{name} of {answer:?}");
    is("content-type", "text/html; charset=utf-8");
    is("cache-control", "no-store");
    is("x-content-type-options", "nosniff");
    is("x-frame-options", "DENY");
    is("referrer-policy", "no-referrer");
    is("cross-origin-opener-policy", "same-origin");
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(
            policy.split("; ").any(|own| own.starts_with(part)),
            "{part}: {policy}"
        );
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("script-src"),
        "{policy}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_passkeys_runs_our_own_script_and_asks_nobody_but_us() {
    let house = NamedHouse::open(Engine::Sqlite).await;
    let stranger = house.visitor();
    let policy = stranger
        .get("/sign-in")
        .await
        .header("content-security-policy")
        .to_owned();
    let parts: Vec<_> = policy.split("; ").collect();
    assert!(
        parts.contains(&"script-src 'self'") && parts.contains(&"connect-src 'self'"),
        "{policy}"
    );
    assert!(
        parts.contains(&"default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

/// A problem's page: its heading and the name of the request.
fn is_a_problem(answer: &Answer, status: StatusCode, heading: &str) -> String {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.heading(), heading);
    is_a_page(answer);
    let codes: Vec<_> = answer
        .body
        .split("<code>")
        .skip(1)
        .map(|rest| rest.split_once('<').unwrap().0)
        .collect();
    let [_, trace] = codes.as_slice() else {
        panic!("no code and reference: {answer:?}")
    };
    assert!(
        trace.len() == 16 && trace.bytes().all(|b| b.is_ascii_hexdigit()),
        "{trace}"
    );
    (*trace).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn se6_every_page_forbids_frames_scripts_stores_and_guesses() {
    let house = house().await;
    let stranger = house.visitor();
    for path in [
        "/sign-in",
        "/signed-out",
        "/claim/guess",
        "/nothing",
        "/consent/req_guess",
        "/oauth2/authorize",
    ] {
        is_a_page(&stranger.get(path).await);
    }
    let bob = house.signed_in(Person::Bob).await;
    for path in ["/", "/sign-out"] {
        is_a_page(&bob.get(path).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn se6_the_pages_of_a_sign_in_forbid_frames_and_let_forms_lead_to_the_application_alone() {
    let house = house().await;
    let bob = house.visitor();
    let first = bob
        .arrives(&crate::harness::visitor::authorize(
            &house.acme.fleet.to_string(),
            &[],
        ))
        .await;
    let identified = bob.submit(&first, &[("email", Person::Bob.email())]).await;
    let password = bob.get(&identified.location()).await;
    let signed_in = bob
        .submit(&password, &[("password", Person::Bob.password())])
        .await;
    let consent = bob.follow(signed_in).await;
    assert_eq!(consent.heading(), "Give Acme Fleet access?");
    is_a_page(&first);
    for page in [password, consent] {
        is_a_page(&page);
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("form-action 'self' https://fleet.acme.example;"),
            "{policy}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_and_the_emblem_are_kept_for_a_year_under_an_address_of_their_content() {
    let house = house().await;
    let stranger = house.visitor();
    let page = stranger.get("/sign-in").await;
    for (kind, path) in [
        ("text/css; charset=utf-8", "/assets/doorward.css?v="),
        ("image/svg+xml", "/assets/emblem.svg?v="),
    ] {
        let address = page.body.split('"').find(|part| part.starts_with(path)).unwrap();
        let asset = stranger.get(address).await;
        assert_eq!(
            (asset.status, asset.header("content-type")),
            (StatusCode::OK, kind)
        );
        assert_eq!(
            asset.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_page_with_a_reference() {
    let house = house().await;
    let stranger = house.visitor();
    let nothing = stranger.get("/nothing/here").await;
    is_a_problem(&nothing, StatusCode::NOT_FOUND, "There is nothing here");

    stranger.get("/sign-in").await;
    let large = stranger.request("POST", "/sign-in").body("x".repeat(64 * 1024));
    is_a_problem(
        &Answer::of(large).await,
        StatusCode::PAYLOAD_TOO_LARGE,
        "That was too large",
    );

    let json = stranger
        .request("POST", "/sign-in")
        .header("content-type", "application/json")
        .body("{}");
    is_a_problem(
        &Answer::of(json).await,
        StatusCode::BAD_REQUEST,
        "That request doesn\u{2019}t add up",
    );

    let bytes = stranger.request("POST", "/sign-in").body(vec![0xFF, 0xFE]);
    is_a_problem(
        &Answer::of(bytes).await,
        StatusCode::BAD_REQUEST,
        "That request doesn\u{2019}t add up",
    );

    let unknown = stranger.get("/oauth2/authorize?client_id=nobody").await;
    is_a_problem(
        &unknown,
        StatusCode::BAD_REQUEST,
        "We don\u{2019}t know this application",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_page_does_not_have_is_a_page_that_names_those_it_has() {
    let house = house().await;
    let stranger = house.visitor();
    let deleted = Answer::of(stranger.request("DELETE", "/sign-in")).await;
    is_a_problem(
        &deleted,
        StatusCode::METHOD_NOT_ALLOWED,
        "This isn\u{2019}t something to send",
    );
    assert_eq!(deleted.header("allow"), "GET,HEAD,POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_new_each_time_and_tells_nothing() {
    let house = house().await;
    let ask = async |visitor: &Visitor| {
        let answer = visitor.get("/nothing/with-a-secret?code=hunter2").await;
        assert!(
            !answer.body.contains("hunter2") && !answer.body.contains("with-a-secret"),
            "{answer:?}"
        );
        let trace = is_a_problem(&answer, StatusCode::NOT_FOUND, "There is nothing here");
        assert!(answer.cookies().iter().all(|cookie| !cookie.contains(&trace)));
        trace
    };
    let bob = house.signed_in(Person::Bob).await;
    assert_ne!(ask(&bob).await, ask(&bob).await);
}
