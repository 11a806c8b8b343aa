//! What the command line answers: tables for people, JSON and YAML for programs, and nothing that steers a terminal.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use serde_json::{Value, json};

use super::impostor::Impostor;
use super::shell::Shell;
use crate::harness::{Engine, House};

const MEMBERS: &str = "/v2/organizations/acme/members";

/// A house, and Alice at her shell.
async fn alice() -> (House, Shell) {
    let house = House::open(Engine::Sqlite).await;
    let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
    let shell = house.shell(&alice);
    (house, shell)
}

/// Names that would reorder a line, clear a screen, or set a title.
const HOSTILE: &str = r#"{"data":[{"user":{"email":"eve@acme.example","name":"Eve\u202enimda\u001b[2J\u009b31m\u2066\nBob"},
    "role":"viewer","status":"active","last_sign_in_at":null}],"next_cursor":null}"#;

#[tokio::test(flavor = "multi_thread")]
async fn json_is_what_the_api_says_and_yaml_is_the_same() {
    let (house, shell) = alice().await;
    house.employ("ana", BuiltInRole::Admin).await;
    let told = house.bearer(&shell.key).get(MEMBERS).await.found();
    let json = shell.run(&["members", "list", "--output", "json"]);
    assert_eq!(serde_json::from_str::<Value>(json.fine()).unwrap(), told["data"]);
    assert!(
        json.stdout.find("\"user\"") < json.stdout.find("\"joined_at\""),
        "in the API's order: {json:?}"
    );
    for line in [
        vec!["members", "list"],
        vec!["members", "list", "--status", "suspended"],
        vec!["roles", "show", "--role", "owner"],
        vec!["security", "show"],
        vec!["me", "show"],
    ] {
        let answered = |format: &str| shell.run(&[line.as_slice(), &["--output", format]].concat());
        let json: Value = serde_json::from_str(answered("json").fine()).unwrap();
        let yaml: Value = serde_saphyr::from_str(answered("yaml").fine()).unwrap();
        assert_eq!(yaml, json, "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_have_a_line_for_each_thing_and_an_empty_list_says_so_beside_them() {
    let (house, shell) = alice().await;
    house.employ("ana", BuiltInRole::Admin).await;
    let table = shell.run(&["members", "list"]);
    let lines: Vec<_> = table.fine().lines().collect();
    assert_eq!(
        lines[0],
        "EMAIL               NAME          ROLE      STATUS  LAST SIGN-IN"
    );
    assert!(
        lines.contains(&"alice@acme.example  Alice Archer  owner     active  never"),
        "{lines:#?}"
    );
    assert_eq!(lines.len(), 4);
    assert!(!table.stdout.contains('\u{1b}'), "no colours but on a terminal");
    let two = shell.run(&["members", "list", "--limit", "2", "--output", "json"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(two.fine()).unwrap().len(), 2);
    let empty = shell.run(&["invitations", "list"]);
    assert_eq!(
        (empty.fine(), empty.stderr.as_str()),
        ("", "No invitations to list.\n")
    );
    assert_eq!(shell.run(&["invitations", "list", "-o", "json"]).fine(), "[]\n");
    let role = shell.run(&["roles", "show", "--role", "viewer"]);
    assert!(role.fine().contains("\nname         viewer\n"), "{role:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_a_list_are_read_and_no_more_than_were_asked_for() {
    let impostor = Impostor::open().await;
    let shell = Shell::at(&impostor.url, "dw_impostors");
    let page = |from: i32, to: i32, next: Value| {
        let data: Vec<_> = (from..to)
            .map(|n| json!({ "domain": format!("d{n}.example") }))
            .collect();
        json!({ "data": data, "next_cursor": next }).to_string()
    };
    impostor
        .answers(200, page(0, 200, json!("more+/=")))
        .answers(200, page(200, 205, Value::Null));
    let all = shell.run(&["domains", "list", "--organization", "acme", "-o", "json"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(all.fine()).unwrap().len(), 205);
    let targets: Vec<_> = impostor.asked().into_iter().map(|asked| asked.target).collect();
    let path = "/v2/organizations/acme/domains?limit=200";
    assert_eq!(targets, [path.to_owned(), format!("{path}&cursor=more%2B%2F%3D")]);
    impostor.answers(200, page(0, 3, json!("more")));
    let some = shell.run(&[
        "domains",
        "list",
        "--organization",
        "acme",
        "--limit",
        "3",
        "-o",
        "json",
    ]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(some.fine()).unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lo1_no_name_steers_the_terminal_or_reorders_a_line() {
    let impostor = Impostor::open().await;
    let shell = Shell::at(&impostor.url, "dw_impostors");
    for format in ["table", "json", "yaml"] {
        impostor.answers(200, HOSTILE);
        let answer = shell.run(&["members", "list", "--organization", "acme", "--output", format]);
        let raw = ['\u{202e}', '\u{1b}', '\u{9b}', '\u{2066}'];
        assert!(!answer.fine().contains(raw), "{format}: {answer:?}");
        let said: Value = serde_json::from_str(HOSTILE).unwrap();
        match format {
            "table" => assert_eq!(answer.stdout.lines().count(), 2, "{answer:?}"),
            "json" => assert_eq!(
                serde_json::from_str::<Value>(&answer.stdout).unwrap(),
                said["data"]
            ),
            _ => assert_eq!(
                serde_saphyr::from_str::<Value>(&answer.stdout).unwrap(),
                said["data"],
                "{answer:?}"
            ),
        }
    }
    let problem = r#"{"code":"taken","detail":"no \u001b[2J\u202e","trace_id":"x\u001b]0;t\u0007"}"#;
    impostor.answers(409, problem);
    let refused = shell.run(&["members", "show", "--organization", "acme", "--user", "eve"]);
    refused.refused(1, &["no \\u{1b}[2J\\u{202e}"]);
    assert!(
        !refused.stderr.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_of_eighty_columns_is_not_overrun_and_colours_can_be_refused() {
    let (house, shell) = alice().await;
    house
        .employ(
            "a-name-of-somebody-that-goes-on-and-on-and-on-and-on",
            BuiltInRole::Admin,
        )
        .await;
    house
        .in_browser(crate::harness::Person::Alice)
        .await
        .get("/v2/organizations/acme/products")
        .await
        .found();
    for line in [
        "members list",
        "roles list",
        "sessions list",
        "api-keys list",
        "roles show --role owner",
        "me show",
    ] {
        let seen = shell.on_a_terminal(line, "");
        let bare = seen.fine().replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert!(seen.stdout.contains("\u{1b}[1m"), "{line} stands out");
        assert!(!bare.contains('\u{1b}'), "{line}: {bare:?}");
        for row in bare.lines() {
            assert!(row.trim_end_matches('\r').chars().count() <= 80, "{line}: {row}");
        }
    }
    let plain = shell.with("NO_COLOR", "1").on_a_terminal("members list", "");
    assert!(
        plain.fine().contains("EMAIL") && !plain.stdout.contains('\u{1b}'),
        "{plain:?}"
    );
}
