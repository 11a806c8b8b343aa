//! What comes in: strict JSON, known fields, honest names; and problems for what no route sees.

use reqwest::StatusCode;
use serde_json::json;

use super::{PRODUCTS, product};
use crate::harness::{Answer, Engine, House, Person};

/// A house with Alice at the API.
async fn alice() -> (House, crate::harness::Api) {
    let house = House::open(Engine::Sqlite).await;
    let alice = house.in_browser(Person::Alice).await;
    (house, alice)
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_json_is_a_problem_of_its_own() {
    let (_house, alice) = alice().await;
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    let table: [(&[u8], &str, &str); 16] = [
        (b"{", "invalid_json", ""),
        (b"", "invalid_json", ""),
        (b"{\"name\":\"rover\"} x", "invalid_json", ""),
        (b"{\"name\":\"rover\",\"name\":\"rover\"}", "invalid_json", ""),
        (
            b"{\"name\":\"rover\",\"display_name\":\"a\\u0000\"}",
            "invalid_json",
            "",
        ),
        (b"\xff\xfe{\0}\0", "invalid_json", ""),
        (b"{\"name\":\"\xff\"}", "invalid_json", ""),
        (deep.as_bytes(), "invalid_json", ""),
        (b"[]", "invalid", ""),
        (b"null", "invalid", ""),
        (b"{}", "invalid", "/name"),
        (b"{\"name\":5}", "invalid", "/name"),
        (b"{\"name\":\"rover\",\"id\":\"prd_x\"}", "invalid", "/id"),
        (b"{\"name\":\"rover\",\"a/b~\":1}", "invalid", "/a~1b~0"),
        (b"{\"name\":\"Rover\"}", "invalid", "/name"),
        (
            "{\"name\":\"rover\",\"display_name\":\"Bob\u{202e}nimda\"}".as_bytes(),
            "invalid",
            "/display_name",
        ),
    ];
    for (body, code, pointer) in table {
        let request = alice
            .request("POST", PRODUCTS)
            .header("content-type", "application/json");
        let answer = Answer::of(request.body(body.to_vec())).await;
        let shown = String::from_utf8_lossy(body);
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::BAD_REQUEST, code.to_owned()),
            "{shown}"
        );
        assert_eq!(answer.pointer(), pointer, "{shown}");
    }
    assert_eq!(alice.get(PRODUCTS).await.found()["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_in_utf_8_and_at_most_64_kib() {
    let (_house, alice) = alice().await;
    for (kind, status) in [
        ("application/json", StatusCode::CREATED),
        ("Application/JSON; charset=UTF-8", StatusCode::CONFLICT),
        (
            "application/json; charset=latin1",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("application/merge-patch+json", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            "application/x-www-form-urlencoded",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
    ] {
        let request = alice.request("POST", PRODUCTS).header("content-type", kind);
        let answer = Answer::of(request.body("{\"name\":\"rover\"}")).await;
        assert_eq!(answer.status, status, "{kind}");
    }
    let bare = Answer::of(alice.request("POST", PRODUCTS).body("{}")).await;
    assert_eq!(bare.problem(), "unsupported_media_type");
    let long = json!({ "name": "x".repeat(65 * 1024) });
    let too_large = alice.post(PRODUCTS, &long).await;
    assert_eq!(
        (too_large.status, too_large.problem()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn or9_nobody_assigns_what_is_not_theirs_to_say() {
    let (house, alice) = alice().await;
    let rover = product(&alice, "rover").await;
    let place = format!("{PRODUCTS}/{}", rover["id"].as_str().unwrap());
    for (field, value) in [
        ("id", json!("prd_01kaxw3vd0f1wvj1d2sahtfxyz")),
        ("name", json!("other")),
        ("organization_id", json!(house.acme.umbrella.to_string())),
        ("org_id", json!(house.acme.umbrella.to_string())),
        ("created_at", json!("1970-01-01T00:00:00Z")),
        ("is_admin", json!(true)),
    ] {
        let answer = alice
            .patch(&place, &json!({ "display_name": "x", field: value }))
            .await;
        assert_eq!(
            (answer.problem(), answer.pointer()),
            ("invalid".to_owned(), format!("/{field}"))
        );
        assert_eq!(answer.json()["errors"][0]["code"], "unknown");
    }
    assert_eq!(alice.get(&place).await.found(), rover);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_takes_away_only_what_may_be_absent() {
    let (_house, alice) = alice().await;
    let rover = product(&alice, "rover").await;
    let place = format!("{PRODUCTS}/{}", rover["id"].as_str().unwrap());
    let answer = alice.patch(&place, &json!({ "display_name": null })).await;
    assert_eq!(
        (answer.problem(), answer.pointer()),
        ("invalid".to_owned(), "/display_name".to_owned())
    );
    let list = Answer::of(alice.request("PATCH", &place).json(&json!([]))).await;
    assert_eq!(list.problem(), "invalid");
    let form = alice
        .request("PATCH", &place)
        .header("content-type", "application/json-patch+json")
        .body("[]");
    assert_eq!(Answer::of(form).await.problem(), "unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_route_sees_is_a_problem_too() {
    let (_house, alice) = alice().await;
    for path in [
        "/v2",
        "/v2/",
        "/v2/nothing",
        "/v2/organizations/acme/nothing",
        "/v2/organisations",
    ] {
        assert_eq!(alice.get(path).await.problem(), "not_found", "{path}");
    }
    let method = Answer::of(alice.request("PUT", PRODUCTS)).await;
    assert_eq!(
        (method.status, method.problem()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed".into())
    );
    assert_eq!(method.header("allow"), "GET,HEAD,POST");
    assert_eq!(
        alice.get("/v2/organizations/%ff/products").await.problem(),
        "invalid_request"
    );
    let unknown = alice.get(&format!("{PRODUCTS}?limits=3")).await;
    assert_eq!(
        (unknown.problem(), unknown.pointer()),
        ("invalid_request".into(), "limits".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_caller_has_a_rate_of_its_own_and_strangers_share_one() {
    let house = House::open_with(Engine::Sqlite, |config| config.requests_per_minute = 4).await;
    let alice = house.in_browser(Person::Alice).await;
    let bob = house.in_browser(Person::Bob).await;
    let first = alice.get(PRODUCTS).await;
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=4;w=60");
    assert_eq!(first.header("ratelimit"), "\"default\";r=3;t=60");
    bob.get(PRODUCTS).await.found();
    for left in ["2", "1", "0"] {
        assert!(
            alice
                .get(PRODUCTS)
                .await
                .header("ratelimit")
                .contains(&format!("r={left};"))
        );
    }
    let over = alice.get(PRODUCTS).await;
    assert_eq!(
        (over.status, over.problem()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_requests".to_owned())
    );
    assert_eq!(over.header("retry-after"), "60");
    bob.get(PRODUCTS).await.found();
    let guesses = ["a", "b", "c", "d", "e"].map(|guess| house.bearer(&format!("dw_{guess}")));
    let mut told = Vec::new();
    for guess in &guesses {
        told.push(guess.get(PRODUCTS).await.status.as_u16());
    }
    assert_eq!(
        told.last(),
        Some(&429),
        "each guess is counted with its network's: {told:?}"
    );
    house.wait(std::time::Duration::from_mins(1));
    alice.get(PRODUCTS).await.found();
}
