//! Every route of SCIM, and what a stranger and another organization's directory get there (invariant 7).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use doorward::domain::access::PermissionSet;
use serde_json::{Value, json};

use super::{Directory, id};
use crate::harness::{Answer, Api, Person, on_both};

/// A route, what is sent, and what the organization's own directory gets, another's, and nobody.
type Route = (&'static str, &'static str, Value, [u16; 3]);

fn routes() -> Vec<Route> {
    let user = json!({ "userName": "new@acme.example" });
    let step = json!({ "Operations": [] });
    vec![
        (
            "GET",
            "/scim/v2/ServiceProviderConfig",
            Value::Null,
            [200, 200, 200],
        ),
        ("GET", "/scim/v2/ResourceTypes", Value::Null, [200, 200, 200]),
        (
            "GET",
            "/scim/v2/ResourceTypes/{name}",
            Value::Null,
            [200, 200, 200],
        ),
        ("GET", "/scim/v2/Schemas", Value::Null, [200, 200, 200]),
        ("GET", "/scim/v2/Schemas/{schema}", Value::Null, [200, 200, 200]),
        ("GET", "/scim/v2/Users", Value::Null, [200, 200, 401]),
        ("POST", "/scim/v2/Users", user, [201, 400, 401]),
        ("POST", "/scim/v2/Users/.search", json!({}), [200, 200, 401]),
        ("GET", "/scim/v2/Users/{id}", Value::Null, [200, 404, 401]),
        ("PUT", "/scim/v2/Users/{id}", json!({}), [200, 404, 401]),
        ("PATCH", "/scim/v2/Users/{id}", step.clone(), [200, 404, 401]),
        ("GET", "/scim/v2/Groups", Value::Null, [200, 200, 401]),
        (
            "POST",
            "/scim/v2/Groups",
            json!({ "displayName": "New" }),
            [201, 201, 401],
        ),
        ("POST", "/scim/v2/Groups/.search", json!({}), [200, 200, 401]),
        ("GET", "/scim/v2/Groups/{id}", Value::Null, [200, 404, 401]),
        ("PUT", "/scim/v2/Groups/{id}", json!({}), [200, 404, 401]),
        ("PATCH", "/scim/v2/Groups/{id}", step, [200, 404, 401]),
        (
            "POST",
            "/scim/v2/Bulk",
            json!({ "Operations": [] }),
            [200, 200, 401],
        ),
        ("DELETE", "/scim/v2/Groups/{id}", Value::Null, [204, 404, 401]),
        ("DELETE", "/scim/v2/Users/{id}", Value::Null, [204, 404, 401]),
    ]
}

#[test]
fn every_route_is_listed_here() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/scim.rs");
    let source = fs::read_to_string(source).unwrap();
    let mut routed = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap().to_owned();
        for method in ["get", "post", "put", "patch", "delete"] {
            let calls = [
                format!(" {method}("),
                format!(".{method}("),
                format!("\n{method}("),
            ];
            if calls.iter().any(|call| route.contains(call)) {
                routed.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let listed: BTreeSet<_> = routes()
        .into_iter()
        .map(|(method, path, ..)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(routed, listed);
}

async fn call(api: &Api, method: &str, path: &str, body: &Value) -> Answer {
    match body {
        Value::Null => Answer::of(api.request(method, path)).await,
        body => Answer::of(api.request(method, path).json(body)).await,
    }
}

on_both! {
    async fn each_caller_gets_what_is_theirs_and_no_more(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let team = directory.founds("Engineering", &[&dana]).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let browser = house.in_browser(Person::Alice).await;
        for (method, path, body, [own, other, nobodys]) in routes() {
            let thing = if path.contains("Groups") { &team } else { &dana };
            let path = path
                .replace("{id}", id(thing))
                .replace("{name}", "User")
                .replace("{schema}", "urn:ietf:params:scim:schemas:core:2.0:Group");
            for (who, api, status) in [
                ("nobody", &house.nobody(), nobodys), ("a key of the owner's", &key, nobodys),
                ("the owner's browser", &browser, nobodys), ("Umbrella's directory", &umbrellas.0, other),
                ("Acme's directory", &directory.0, own),
            ] {
                let answer = call(api, method, &path, &body).await;
                assert_eq!(answer.status, status, "{who} {method} {path}: {answer:?}");
                if status >= 400 {
                    answer.failure();
                }
            }
        }
    }

    async fn what_is_no_route_is_told_in_scims_words(house) {
        let directory = Directory::of(&house).await;
        for (method, path, status) in [
            ("GET", "/scim/v2", 404), ("GET", "/scim/v2/", 404), ("GET", "/scim/v2/Me", 404), ("GET", "/scim/v2/Users/a/b", 404),
            ("GET", "/scim/v2/ResourceTypes/Device", 404), ("GET", "/scim/v2/Schemas/urn:x", 404),
            ("DELETE", "/scim/v2/Users", 405), ("GET", "/scim/v2/Bulk", 405), ("POST", "/scim/v2/Schemas", 405),
        ] {
            let answer = call(&directory.0, method, path, &Value::Null).await;
            assert_eq!(answer.failure().0.as_u16(), status, "{method} {path}");
        }
    }

    async fn what_is_told_of_the_server_is_true(house) {
        let directory = Directory::of(&house).await;
        let told = directory.get("/scim/v2/ServiceProviderConfig").await.found();
        assert_eq!(told["patch"]["supported"], true);
        assert_eq!(told["sort"]["supported"], false);
        assert_eq!(told["meta"]["location"], format!("{}/scim/v2/ServiceProviderConfig", house.url));
        let types = directory.get("/scim/v2/ResourceTypes").await.listed();
        assert_eq!(types, (2, vec!["User".to_owned(), "Group".to_owned()]));
        let schemas = directory.get("/scim/v2/Schemas").await.found();
        let known = |schema: &Value| -> BTreeSet<String> {
            let attributes = schema["attributes"].as_array().unwrap().iter();
            attributes.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        let shown = |resource: Value| -> BTreeSet<String> {
            let names = resource.as_object().unwrap().keys().cloned();
            names.filter(|name| !["id", "meta", "schemas"].contains(&name.as_str())).collect()
        };
        let dana = directory.hires("dana").await;
        let name = json!([{ "op": "add", "path": "externalId", "value": "1" }]);
        let user = directory.patch(&dana, name.clone()).await.found();
        let team = directory.founds("Engineering", &[&dana]).await;
        let group = directory.patch(&team, name).await.found();
        assert_eq!(known(&schemas["Resources"][0]), shown(user));
        assert_eq!(known(&schemas["Resources"][1]), shown(group));
    }
}
