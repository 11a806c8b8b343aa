//! What the command line says when something is refused, and what it asks before something is done that can't be undone.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use reqwest::StatusCode;

use super::impostor::Impostor;
use super::shell::Shell;
use crate::harness::{Engine, House};

async fn alice() -> (House, Shell) {
    let house = House::open(Engine::Sqlite).await;
    let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
    let shell = house.shell(&alice);
    (house, shell)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_is_missing_and_what_to_do_next() {
    let (house, shell) = alice().await;
    let (_, bob) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
    let bob = house.shell(&bob);
    let denied = bob.run(&["users", "suspend", "--user", "alice@acme.example"]);
    denied.refused(1, &["this takes the permission member:write"]);
    for words in ["doorward access explain --permission member:write", "trace id: "] {
        assert!(denied.stderr.contains(words), "{denied:?}");
    }
    let explained = bob.run(&["access", "explain", "--permission", "member:write"]);
    assert!(explained.fine().starts_with("allowed     no\n"), "{explained:?}");

    let field = shell.run(&["users", "invite", "--email", "nobody", "--role", "viewer"]);
    field.refused(1, &["--email: "]);
    shell
        .run(&["members", "show", "--user", "nobody@acme.example"])
        .refused(1, &["there is no such thing"]);
    shell
        .run(&["roles", "delete", "--role", "owner"])
        .refused(1, &["built-in"]);
    let unmet = shell.run(&["organizations", "delete", "--organization", "acme", "--yes"]);
    unmet.refused(1, &[]);
    assert!(unmet.stderr.contains("users"), "every reason is told: {unmet:?}");

    let stranger = Shell::at(&house.url, "dw_nobody-knows-this-key-0123456789-0123456789");
    let unknown = stranger.run(&["members", "list", "--organization", "acme"]);
    unknown.refused(1, &["does not accept the key from DOORWARD_API_KEY"]);
    assert!(unknown.stderr.contains("api-keys create"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_wrongly_or_out_of_reach_has_its_own_exit_code() {
    let (_house, shell) = alice().await;
    shell
        .run(&["security", "update"])
        .refused(2, &["say what to change: --require-mfa"]);
    shell
        .run(&["members", "show", "--user", ".."])
        .refused(2, &["--user can't be \"..\""]);
    shell
        .run(&["billing", "update", "--usage-alert", "devices"])
        .refused(2, &["--usage-alert", "devices=80"]);
    assert_eq!(shell.run(&["members", "show"]).code, Some(2));
    let nowhere = Shell::at("http://127.0.0.1:1", &shell.key);
    let gone = nowhere.run(&["members", "list"]);
    gone.refused(
        3,
        &["can't reach http://127.0.0.1:1 (so says DOORWARD_URL)", "refused"],
    );
    let impostor = Impostor::open().await;
    let shell = Shell::at(&impostor.url, "dw_x-x-x-x-x");
    for (status, body, code, words) in [
        (502, "<html>", 3, "can't reach Doorward"),
        (200, "<html>", 1, "does not answer as Doorward does"),
        (404, "Not Found", 1, "does not answer as Doorward does"),
    ] {
        for _ in 0..3 {
            impostor.answers_with(status, &[("retry-after", "0")], body);
        }
        shell
            .run(&["domains", "list", "--organization", "acme"])
            .refused(code, &[words]);
        while impostor.forgets() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_before_somebody_is_removed() {
    let (house, shell) = alice().await;
    house.employ("ana", BuiltInRole::Viewer).await;
    let line = "users remove --user ana@acme.example";
    let ana = "/v2/organizations/acme/members/ana@acme.example";
    for answer in ["n\n", "\n", ""] {
        let kept = shell.on_a_terminal(line, answer);
        assert_eq!(kept.code, Some(1), "{kept:?}");
        assert!(
            kept.stdout.contains("Remove ana@acme.example from acme"),
            "{kept:?}"
        );
        house.bearer(&shell.key).get(ana).await.found();
    }
    shell.on_a_terminal(line, "y\n").fine();
    assert_eq!(
        house.bearer(&shell.key).get(ana).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_undone_takes_its_name_or_a_yes() {
    let (house, shell) = alice().await;
    shell
        .run(&["organizations", "create", "--name", "Old Works"])
        .fine();
    let line = "organizations delete --organization old-works";
    let old = "/v2/organizations/old-works";
    let words: Vec<_> = line.split(' ').collect();
    shell.run(&words).refused(2, &["can't be undone", "--yes"]);
    let mistyped = shell.on_a_terminal(line, "old works\n");
    assert_eq!(mistyped.code, Some(1), "{mistyped:?}");
    assert_eq!(
        house.bearer(&shell.key).get(old).await.found()["display_name"],
        "Old Works"
    );
    shell.on_a_terminal(line, "old-works\n").fine();
    assert_eq!(
        house.bearer(&shell.key).get(old).await.status,
        StatusCode::NOT_FOUND
    );

    let ana = house.employ("ana", BuiltInRole::Viewer).await;
    shell
        .run(&["users", "delete", "--user", &ana.email])
        .refused(2, &["--yes"]);
    shell
        .run(&["users", "delete", "--user", &ana.email, "--yes"])
        .fine();
    assert_eq!(ana.api.get("/v2/users/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_tells_what_became_of_each_and_fails_if_one_did() {
    let (house, shell) = alice().await;
    let ana = house.employ("ana", BuiltInRole::Viewer).await;
    let file = shell.folder.path().join("batch.json");
    std::fs::write(
        &file,
        r#"[{"user":"ana@acme.example","role":"developer"},{"user":"nobody@acme.example","role":"viewer"}]"#,
    )
    .unwrap();
    let line = ["members", "update-many", "--file", file.to_str().unwrap()];
    let done = shell.run(&line);
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (Some(1), "1  done\n2  refused: there is no such thing\n"),
        "{done:?}"
    );
    assert!(done.stderr.contains("1 of 2 were refused"), "{done:?}");
    let changed = house
        .bearer(&shell.key)
        .get(&format!("/v2/organizations/acme/members/{}", ana.user))
        .await
        .found();
    assert_eq!(changed["role"], "developer");
    std::fs::write(&file, "{}").unwrap();
    shell.run(&line).refused(2, &["is to hold a JSON array"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizations_own_key_acts_where_it_belongs() {
    let house = House::open(Engine::Sqlite).await;
    let (_, own) = house.key(None, PermissionSet::ALL).await;
    let listed = house.shell(&own).run(&["members", "list"]);
    assert!(listed.fine().contains("alice@acme.example"), "{listed:?}");
}
