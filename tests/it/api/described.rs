//! The API's description: one document for programs, one page for people, both from the code.

use std::collections::BTreeSet;

use doorward::endpoints::api::{Code, openapi};
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{Engine, House};

/// Every reference in a document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value.as_str() {
                    Some(path) if name == "$ref" => drop(found.insert(path.to_owned())),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn the_document_is_whole() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} stands twice");
            assert!(operation["summary"].is_string(), "{method} {path} has no title");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "401", "403", "404", "429", "500", "503"] {
                assert!(
                    responses.contains_key(status),
                    "{method} {path} says nothing of {status}"
                );
            }
            for parameter in path
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap())
            {
                let described = operation["parameters"].as_array().unwrap();
                assert!(
                    described.iter().any(|one| one["name"] == parameter),
                    "{method} {path} {parameter}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_read_by_anybody_and_names_this_server() {
    let house = House::open(Engine::Sqlite).await;
    let answer = house.visitor().get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.found()["servers"][0]["url"], house.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manual_explains_every_route_and_every_problem_without_a_script() {
    let house = House::open(Engine::Sqlite).await;
    let manual = house.visitor().get("/docs").await;
    assert_eq!(
        (manual.status, manual.heading().as_str()),
        (StatusCode::OK, "The API")
    );
    assert!(!manual.body.contains("<script") && !manual.body.contains(" style="));
    assert!(!manual.header("content-security-policy").contains("script-src"));
    for code in Code::ALL {
        let anchor = format!("id=\"{}\"", code.name());
        assert_eq!(manual.body.matches(&anchor).count(), 1, "{anchor}");
    }
    let mut paths = openapi::document()["paths"].as_object().unwrap().keys();
    assert!(paths.all(|path| manual.body.contains(&format!("<code>{path}</code>"))));
    let links = manual
        .body
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    for anchor in links {
        assert!(
            manual.body.contains(&format!("id=\"{anchor}\"")),
            "#{anchor} leads nowhere"
        );
    }
}
