//! All commands there are: each tells how it is used, and together they reach the whole API.

use std::collections::BTreeSet;

use clap::Command;
use doorward::cli;
use doorward::endpoints::api::openapi;
use serde_json::Value;

use super::{Home, Program};
use crate::harness::Engine;

/// Operations without a command, and why.
const WITHOUT: &[(&str, &str, &str)] = &[
    (
        "post",
        "/v2/users/me/email",
        "only somebody in a browser who has just signed in asks for another address",
    ),
    (
        "delete",
        "/v2/users/me/totp",
        "only somebody in a browser who has just proved themselves with it",
    ),
    (
        "delete",
        "/v2/users/me/recovery-codes",
        "only somebody in a browser who has just proved themselves",
    ),
    (
        "delete",
        "/v2/users/me/phone",
        "only somebody in a browser who has just proved themselves with it",
    ),
    (
        "put",
        "/v2/users/me/password",
        "only somebody in a browser who has just signed in changes their password",
    ),
    (
        "post",
        "/v2/password-resets",
        "whoever lost their password is on the sign-in page",
    ),
    (
        "put",
        "/v2/users/me/managed-by/{org}",
        "only somebody in a browser who has just signed in agrees to it",
    ),
    (
        "delete",
        "/v2/users/me/passkeys/{passkey}",
        "only somebody in a browser who has just signed in removes what they sign in with",
    ),
    (
        "delete",
        "/v2/users/me/identities/{identity}",
        "only somebody in a browser who has just signed in unlinks what brings them in",
    ),
    (
        "post",
        "/v2/users/me/api-keys",
        "only somebody in a browser; with a key it is `api-keys create`",
    ),
    (
        "post",
        "/v2/users/me/api-keys/{key}/rotate",
        "only somebody in a browser; with a key it is `api-keys rotate`",
    ),
];

/// Every command without commands below it, by its whole name.
fn leaves(command: &Command, name: &str, found: &mut Vec<(String, Command)>) {
    if !command.has_subcommands() {
        found.push((name.to_owned(), command.clone()));
    }
    for below in command.get_subcommands() {
        leaves(below, &format!("{name} {}", below.get_name()), found);
    }
}

fn all_leaves() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    leaves(&cli::commands(), "doorward", &mut found);
    assert!(found.len() > 90, "the walk went astray");
    found
}

/// A command line's words, as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" > ").next().unwrap();
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_shows_an_example_of_itself_that_it_understands() {
    for (name, command) in all_leaves() {
        if name.starts_with("doorward audit ") {
            continue;
        }
        let help = command.clone().render_long_help().to_string();
        let example = help
            .split_once("Example:\n  ")
            .unwrap_or_else(|| panic!("{name} has no example:\n{help}"))
            .1;
        let example = example.trim_end();
        assert!(
            example.starts_with(&format!("{name} ")) || example == name,
            "{name} shows {example}"
        );
        let read = cli::commands().try_get_matches_from(words(example));
        assert!(
            read.is_ok(),
            "{name} does not understand {example}: {}",
            read.unwrap_err()
        );
        assert!(
            !command.get_about().unwrap().to_string().is_empty(),
            "{name} says nothing of itself"
        );
    }
}

#[test]
fn whatever_administers_answers_in_three_forms_and_lists_can_be_cut_short() {
    let lists: BTreeSet<_> = cli::routes().iter().map(|route| route.path).collect();
    assert!(lists.len() > 50);
    for (name, command) in all_leaves() {
        let noun = name.split(' ').nth(1).unwrap();
        let has = |flag: &str| {
            command
                .get_arguments()
                .any(|argument| argument.get_long() == Some(flag))
        };
        let answers_in_its_own_form =
            ["serve", "completions", "man", "audit"].contains(&noun) || name.contains(" export");
        if answers_in_its_own_form || noun == "profile" && !name.ends_with(" list") {
            continue;
        }
        assert!(has("output"), "{name} has no --output");
        if name.ends_with(" list") && !["profile", "keys"].contains(&noun) {
            assert!(has("limit"), "{name} has no --limit");
        }
    }
}

/// The names that an operation takes in its query and its body.
fn known(operation: &Value) -> BTreeSet<String> {
    let document = openapi::document();
    let mut names = BTreeSet::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        names.insert(parameter["name"].as_str().unwrap().to_owned());
    }
    for content in operation["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let mut schemas = vec![&content.1["schema"]];
        while let Some(schema) = schemas.pop() {
            if let Some(reference) = schema["$ref"].as_str() {
                schemas.push(document.pointer(&reference[1..]).unwrap());
            }
            schemas.extend(schema["allOf"].as_array().into_iter().flatten());
            names.extend(
                schema["properties"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone()),
            );
        }
    }
    names
}

#[test]
fn commands_reach_every_operation_of_the_api_and_no_other() {
    let mut reached = BTreeSet::new();
    for route in cli::routes() {
        let operation = &openapi::document()["paths"][route.path][route.method];
        assert!(
            operation.is_object(),
            "there is no {} {}",
            route.method,
            route.path
        );
        let known = known(operation);
        for field in &route.fields {
            assert!(
                known.contains(field),
                "{} {} takes no {field}, only {known:?}",
                route.method,
                route.path
            );
        }
        assert!(
            !route.rehearses || known.contains("dry_run"),
            "{} {} can't be rehearsed",
            route.method,
            route.path
        );
        reached.insert((route.method, route.path));
    }
    for (method, path, _) in WITHOUT {
        assert!(
            !reached.contains(&(*method, *path)),
            "{method} {path} has a command"
        );
    }
    let paths = openapi::document()["paths"].as_object().unwrap();
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/v2")) {
        for method in methods.as_object().unwrap().keys() {
            let excused = WITHOUT.iter().any(|(m, p, _)| m == method && p == path);
            assert!(
                excused || reached.contains(&(method.as_str(), path.as_str())),
                "nothing leads to {method} {path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_lists_all_commands_within_eighty_columns() {
    let home = Home::open(Engine::Sqlite).await;
    let help = Program::run(&mut home.bare(&["--help"]));
    let help = help.fine();
    for command in cli::commands().get_subcommands() {
        let line = help
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{} ", command.get_name())));
        assert!(line.is_some(), "{} is not in {help}", command.get_name());
    }
    for heading in [
        "On the server's machine:",
        "Administration, over HTTP:",
        "This program:",
        "Exit codes:",
    ] {
        assert!(help.contains(heading), "{help}");
    }
    let long: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shells_complete_and_the_manual_has_a_page_for_each_command() {
    let home = Home::open(Engine::Sqlite).await;
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef doorward"),
        ("fish", "complete -c doorward"),
    ] {
        let script = Program::run(&mut home.bare(&["completions", shell]));
        assert!(
            script.fine().contains(sign) && script.stdout.contains("transfer-ownership"),
            "{shell}"
        );
    }
    let page = Program::run(&mut home.bare(&["man"]));
    assert!(page.fine().contains(".TH doorward 1"), "{page:?}");
    let folder = home.folder.path().join("man1");
    Program::run(home.bare(&["man", "--folder"]).arg(&folder)).fine();
    let page = std::fs::read_to_string(folder.join("doorward-users-invite.1")).unwrap();
    assert!(page.contains("doorward users invite"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_of_the_keyboard_is_understood() {
    let home = Home::open(Engine::Sqlite).await;
    for (line, words) in [
        (["members", "lits"], "'list'"),
        (["organisations", "list"], "'organizations'"),
        (["members", "list --rol"], "'list'"),
    ] {
        let ended = Program::run(&mut home.bare(&line));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
}
