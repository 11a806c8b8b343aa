//! A program that nobody here wrote reads `/openapi.json`, and tries to get an answer that is not in it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::who_calls::token;
use crate::harness::{House, Person, on_both};

/// Every scope there is for Doorward's own API.
const SCOPE: &str = "read write product:delete member:write session:write api_key:write application:write";

/// What is there to be found, changed and removed: the values of path parameters, by name.
async fn things(house: &House) -> Vec<(&'static str, String)> {
    let alice = house.in_browser(Person::Alice).await;
    let id = |made: Value, name: &str| made[name].as_str().unwrap().to_owned();
    let organization = "/v2/organizations/acme";
    let product = alice
        .post(&format!("{organization}/products"), &json!({ "name": "rover" }))
        .await;
    let key = json!({ "name": "deploy", "expires_in": "90d", "scopes": ["read"] });
    let key = alice.post(&format!("{organization}/api-keys"), &key).await;
    let application = json!({ "client_name": "Robot", "redirect_uris": ["https://robot.example/done"] });
    let application = alice
        .post(&format!("{organization}/applications"), &application)
        .await;
    let vera = house.employ("vera", BuiltInRole::Viewer).await;
    let sessions = alice.get(&format!("{organization}/sessions")).await.found();
    house.own_domain(house.acme.id, "acme.example").await;
    vec![
        ("domain", "acme.example".to_owned()),
        ("org", "acme".to_owned()),
        ("product", id(product.created(), "id")),
        ("key", id(key.created(), "id")),
        ("application", id(application.created(), "client_id")),
        ("user", vera.email),
        ("session", id(sessions["data"][0].clone(), "id")),
    ]
}

/// Runs it on some operations.
async fn run(house: &House, token: &str, settings: &str, operations: &[&str]) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python/.venv/bin/schemathesis");
    assert!(
        program.exists(),
        "schemathesis is not installed: run `make clients`"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schemathesis.toml");
    std::fs::write(&file, settings).unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .arg("--config-file")
        .arg(file)
        .args(["run", &format!("{}/openapi.json", house.url)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args([
            "--checks",
            CHECKS,
            "--max-examples",
            "10",
            "--seed",
            "20261122",
            "--no-color",
        ])
        .args(operations)
        .args(["--continue-on-failure", "--generation-database", "none"]);
    let ran = spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(said.contains(" passed"), "{said}");
}

/// No answer but those that are described, in status, headers, media type and body; and no failure of ours.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth";

on_both! {
    async fn schemathesis_finds_no_answer_that_is_not_described(house) {
        let token = token(&house, Person::Alice, SCOPE).await;
        let things = things(&house).await;
        let lines: Vec<_> = things.iter().map(|(name, value)| format!("\"path.{name}\" = \"{value}\"")).collect();
        let settings = format!("[parameters]\n{}\n", lines.join("\n"));
        // A caller may ask so much a minute, and here the clock stands still: in three parts, a minute apart.
        let a_minute = Duration::from_mins(1);
        run(&house, &token, &settings, &["--exclude-method", "DELETE", "--include-path-regex", "/users/"]).await;
        house.wait(a_minute);
        run(&house, &token, &settings, &["--exclude-method", "DELETE", "--exclude-path-regex", "/users/"]).await;
        house.wait(a_minute);
        let told = house.bearer(&token).get("/v2/users/me").await.found();
        assert_eq!(told["email"], Person::Alice.email(), "the token was good to the end");
        // Some of these end the very session that asks, so they come last.
        run(&house, &token, &settings, &["--include-method", "DELETE"]).await;
    }
}
