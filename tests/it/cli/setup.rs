//! `doorward setup`: the first owner without a browser.

use std::io::Write;
use std::process::Stdio;

use aws_lc_rs::digest;
use doorward::domain::secret::Purpose;
use reqwest::StatusCode;
use serde_json::Value;

use super::home::{EMAIL, PASSWORD, alice_signs_in};
use super::{Home, Program};
use crate::harness::{Engine, Visitor, on_both};

on_both! {
    async fn set_up_by_a_script_the_owner_has_a_key_and_signs_in(home: Home) {
        let done = Program::run(home.setup("Acme GmbH & Co").args(["--output", "json"]));
        let told: Value = serde_json::from_str(done.fine()).unwrap();
        let id = |kind: &str, at: &str| {
            let id = told[kind][at].as_str().unwrap();
            assert_eq!(id.split_once('_').unwrap().1.len(), 26, "{id}");
            id.to_owned()
        };
        let (organization, user) = (id("organization", "id"), id("user", "id"));
        assert!(organization.starts_with("org_") && user.starts_with("usr_"));
        let key = told["api_key"].as_str().unwrap();
        assert!(key.starts_with("dw_") && key.len() == 46, "{key}");
        let expected = serde_json::json!({
            "organization": { "id": organization, "name": "acme-gmbh-co" },
            "user": { "id": user, "email": EMAIL },
            "api_key": key,
        });
        assert_eq!(told, expected);
        assert!(!done.stdout.contains(PASSWORD) && !done.stderr.contains(PASSWORD));

        let mut raw = home.raw().await;
        let stored = "SELECT user_id || ' ' || organization_id || ' ' || (expires_at - created_at) FROM api_keys";
        assert_eq!(raw.texts(stored).await, [format!("{user} {organization} 7776000000")]);
        let hash = doorward::domain::secret::Secret::received(key).hash(Purpose::ApiKey);
        let hash = hash.as_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"));
        let hex = if home.engine == Engine::Sqlite { "hex(secret_hash)" } else { "upper(encode(secret_hash, 'hex'))" };
        assert_eq!(raw.texts(&format!("SELECT {hex} FROM api_keys")).await, [hash]);

        let server = Program::serve(&mut home.serve());
        assert!(!home.claim_file().exists(), "it has its owner");
        assert!(alice_signs_in(&server).await);
    }

    async fn a_second_set_up_is_refused_and_changes_nothing(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        let second = Program::run(&mut home.setup("Umbrella"));
        second.refused(1, &["this Doorward has its first owner already; sign in instead"]);
        let mut raw = home.raw().await;
        assert_eq!((raw.count("users").await, raw.count("organizations").await, raw.count("api_keys").await), (1, 1, 1));
    }

    async fn setting_up_puts_an_end_to_the_claim_link(home: Home) {
        Program::serve(&mut home.serve()).stop().fine();
        let link = home.claim();
        Program::run(&mut home.setup("Acme")).fine();
        assert!(!home.claim_file().exists());
        let server = Program::serve(&mut home.serve());
        assert_eq!(Visitor::new(&server.url()).get(&link).await.status, StatusCode::GONE);
    }

    async fn for_people_it_answers_in_a_few_lines(home: Home) {
        let done = Program::run(&mut home.setup("Acme"));
        let said = done.fine();
        for words in ["acme  org_", "alice@acme.example  usr_", "api key       dw_", "good for 90 days", "doorward serve"] {
            assert!(said.contains(words), "no {words:?} in {said}");
        }
        assert!(!said.contains(PASSWORD));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_can_come_by_standard_input() {
    let home = Home::open(Engine::Sqlite).await;
    let mut command = home.command(&[
        "setup",
        "--email",
        EMAIL,
        "--organization",
        "Acme",
        "--password-file",
        "-",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{PASSWORD}\r\n").as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(alice_signs_in(&Program::serve(&mut home.serve())).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_before_anything_is_made() {
    let home = Home::open(Engine::Sqlite).await;
    let good = home.write("good", PASSWORD);
    let short = home.write("short", "too short");
    let (good, short) = (good.to_str().unwrap(), short.to_str().unwrap());
    let cases = [
        (["alice", "Acme", good], "email address"),
        ([EMAIL, "!", good], "organization name"),
        ([EMAIL, "", good], "name can't be empty"),
        ([EMAIL, "Acme", short], "password"),
        (
            [EMAIL, "Acme", "/nowhere"],
            "can't read the password from /nowhere",
        ),
    ];
    for ([email, organization, file], words) in cases {
        let arguments = [
            "setup",
            "--email",
            email,
            "--organization",
            organization,
            "--password-file",
            file,
            "--output",
            "json",
        ];
        let ended = Program::run(&mut home.command(&arguments));
        ended.refused(2, &[words]);
        assert!(
            !ended.stderr.contains("too short\n"),
            "the password is told to nobody: {ended:?}"
        );
        assert!(!home.config.data_dir.exists(), "{words}");
    }
    for arguments in [
        vec!["setup"],
        vec!["setup", "--frobnicate"],
        vec!["frobnicate"],
        vec![],
    ] {
        let ended = Program::run(&mut home.bare(&arguments));
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {ended:?}"
        );
    }
    let public_url = Program::run(home.setup("Acme").args(["--public-url", "http://id.example.com"]));
    public_url.refused(2, &["server.public_url", "https, or http on localhost"]);
    assert!(!home.config.data_dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_at_work_has_its_folder_to_itself() {
    let home = Home::open(Engine::Sqlite).await;
    let _server = Program::serve(&mut home.serve());
    Program::run(&mut home.setup("Acme"))
        .refused(1, &["another Doorward uses the data folder", "stop it first"]);
}

/// A list as such lists can be had, with these passwords on it.
fn stolen(passwords: &[&str]) -> String {
    let sha1 = |password: &&str| {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        hash.as_ref()
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"))
    };
    let mut lines: Vec<String> = passwords.iter().map(sha1).collect();
    lines.sort_unstable();
    lines.join(":7\r\n") + ":7\r\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_password_is_refused_and_a_list_that_is_none_stops_the_start() {
    const LIST: &str = "DOORWARD_PASSWORDS__BREACHED_LIST";
    let home = Home::open(Engine::Sqlite).await;
    let list = home.write("stolen", &stolen(&["another one", PASSWORD]));
    let refused = Program::run(home.setup("Acme").env(LIST, &list));
    refused.refused(2, &["on a list of stolen ones"]);
    let nonsense = home.write("nonsense", "password\n");
    for file in [nonsense, "nowhere".into()] {
        let refused = Program::run(home.setup("Acme").env(LIST, &file));
        refused.refused(
            2,
            &["can't use the passwords.breached_list", file.to_str().unwrap()],
        );
    }
    let other = home.write("stolen", &stolen(&["another one"]));
    Program::run(home.setup("Acme").env(LIST, &other)).fine();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_easy_to_guess_is_refused_in_words() {
    let home = Home::open(Engine::Sqlite).await;
    let mut setup = home.setup("Acme");
    home.write("password", "passwordpassword\n");
    Program::run(&mut setup).refused(2, &["easy to guess", "a few unrelated words"]);
}
