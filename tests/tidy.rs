//! The invariants of the house (`src/lib.rs`), executed. Each rule is tried twice: on the tree, where it must find
//! nothing, and on a file that breaks it, where it must find that.

#![expect(clippy::unwrap_used, reason = "a test that can't go on stops")]

use std::fs;
use std::path::Path;

/// The rooms from top to bottom: imports only ever go down.
const ROOMS: [&str; 24] = [
    "main",
    "lib",
    "cli",
    "app",
    "demo",
    "http",
    "endpoints",
    "pages",
    "web",
    "jobs",
    "single_logout",
    "upstream",
    "downstream",
    "directory",
    "oidc",
    "sign_in",
    "webauthn",
    "saml",
    "delivery",
    "audit",
    "keyring",
    "storage",
    "config",
    "domain",
];

/// Beside `config` at the bottom: `clock`, `metrics`, `random` and `words` stand on `domain` alone.
const BESIDE_CONFIG: [&str; 8] = [
    "clock", "devices", "dns", "metrics", "outbound", "places", "random", "words",
];

/// A source file: its path below `src/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn of(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The top folder or file: `storage` for `storage/db.rs`, `audit` for `audit.rs`.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// What runs in the product: no comments, nothing behind `#[cfg(test)]`.
    fn code(&self) -> String {
        let product = self.text.split("#[cfg(test)]\nmod tests").next().unwrap();
        product
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn is_for_tests(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap();
        ["tests.rs", "cast.rs", "properties.rs", "strategies.rs"].contains(&name)
    }
}

type Rule = fn(&Source) -> Vec<String>;

/// Every rule, and a file that breaks it.
fn rules() -> Vec<(&'static str, Rule, Source)> {
    vec![
        (
            "imports go down",
            imports_go_down,
            Source::of("storage/x.rs", "use crate::oidc::Provider;"),
        ),
        (
            "domain stands alone",
            imports_go_down,
            Source::of("domain/x.rs", "use crate::random::id;"),
        ),
        (
            "SQL only in storage",
            sql_in_storage,
            Source::of("oidc/x.rs", "\"SELECT id FROM users\""),
        ),
        (
            "sqlx only in storage",
            sql_in_storage,
            Source::of("web/x.rs", "sqlx::Error::PoolTimedOut"),
        ),
        (
            "HTTP only at the edge",
            http_at_the_edge,
            Source::of("oidc/x.rs", "use axum::Json;"),
        ),
        (
            "JWS only in the keyring",
            jws_in_keyring,
            Source::of("oidc/x.rs", "jsonwebtoken::decode(token)"),
        ),
        (
            "permits come from one folder",
            one_mint,
            Source::of("directory/x.rs", "Ok(Permit { organization })"),
        ),
        (
            "destinations come from one file",
            one_mint,
            Source::of("oidc/x.rs", "Some(Destination { uri })"),
        ),
        (
            "secrets are not printed",
            silent_secrets,
            Source::of("domain/x.rs", "impl fmt::Display for Secret {"),
        ),
        (
            "no unwrap",
            no_shortcuts,
            Source::of("web/x.rs", "value.unwrap()"),
        ),
        (
            "nothing unfinished",
            no_shortcuts,
            Source::of("web/x.rs", "todo!()"),
        ),
        (
            "no allow",
            no_shortcuts,
            Source::of("web/x.rs", "#[allow(dead_code)]"),
        ),
        (
            "each file says what it owns",
            says_what_it_owns,
            Source::of("web/x.rs", "use std::fmt;"),
        ),
        (
            "small rooms",
            small_rooms,
            Source::of("web/x.rs", &"//! Long.\n".repeat(601)),
        ),
        (
            "no room for odds and ends",
            named_for_a_noun,
            Source::of("web/utils.rs", "//! Odds."),
        ),
        (
            "only domain is pure, and all of it",
            pure_domain,
            Source::of("domain/x.rs", "std::fs::read(path)"),
        ),
        (
            "what is read often tells of its changes",
            tells_of_changes,
            Source::of(
                "storage/x.rs",
                "pub async fn rename() {\n\"UPDATE users SET name = $1\"\n}\npub async fn end() {\ntx.changed(user)\n}",
            ),
        ),
    ]
}

#[test]
fn every_rule_holds_in_the_house() {
    let sources = sources();
    assert!(sources.len() > 60, "the walk over src/ went astray");
    let mut broken = Vec::new();
    for (name, rule, _) in rules() {
        for source in sources.iter().filter(|source| !source.is_for_tests()) {
            broken.extend(
                rule(source)
                    .into_iter()
                    .map(|what| format!("{name}: src/{}: {what}", source.path)),
            );
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_rule_finds_what_breaks_it() {
    for (name, rule, breaking) in rules() {
        assert!(!rule(&breaking).is_empty(), "{name} is blind");
        let innocent = Source::of(
            &breaking.path.replace("utils", "x"),
            "//! Owns nothing, breaks nothing.\n",
        );
        assert!(rule(&innocent).is_empty(), "{name} sees ghosts");
    }
}

#[test]
fn the_median_file_is_short() {
    let mut lengths: Vec<usize> = sources()
        .iter()
        .map(|source| source.text.lines().count())
        .collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < 150, "the median file has {median} lines");
}

#[test]
fn every_room_is_on_the_map() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for source in sources() {
        let room = source.room();
        assert!(
            ROOMS.contains(&room) || BESIDE_CONFIG.contains(&room),
            "src/{room} is in no place of the order"
        );
        let on_map = ["main", "lib"].contains(&room) || map.contains(&format!("[`{room}`]"));
        assert!(on_map, "src/{room} is not on the map in src/lib.rs");
    }
}

#[test]
fn every_migration_comes_for_both_databases() {
    let names = |engine: &str| {
        let folder = root().join("migrations").join(engine);
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[test]
fn the_lints_ban_ambient_time_and_entropy() {
    let lints = fs::read_to_string(root().join(".clippy.toml")).unwrap();
    for banned in [
        "std::time::SystemTime::now",
        "std::time::Instant::now",
        "aws_lc_rs::rand::fill",
        "jiff::Timestamp::now",
    ] {
        assert!(
            lints.contains(&format!("path = \"{banned}\"")),
            "{banned} is not banned"
        );
    }
    let excused = |source: &Source| source.text.contains("clippy::disallowed_methods");
    let mut excused: Vec<String> = sources()
        .into_iter()
        .filter(excused)
        .map(|source| source.path)
        .collect();
    excused.sort();
    assert_eq!(
        excused,
        [
            "cli/client.rs",
            "clock.rs",
            "http/pulse.rs",
            "http/server.rs",
            "jobs.rs",
            "keyring/foreign.rs",
            "keyring/signing_keys.rs",
            "random.rs",
            "saml/own_key.rs",
            "storage/postgres.rs"
        ]
    );
}

fn imports_go_down(source: &Source) -> Vec<String> {
    let rank = |room: &str| {
        let room = if BESIDE_CONFIG.contains(&room) {
            "config"
        } else {
            room
        };
        ROOMS.iter().position(|known| *known == room)
    };
    let own = rank(source.room());
    let code = source.code();
    code.match_indices("crate::")
        .map(|(at, _)| {
            code[at + 7..]
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap()
        })
        .filter(|target| *target != source.room() && rank(target).is_none_or(|target| Some(target) < own))
        .map(|target| format!("imports {target}"))
        .collect()
}

fn sql_in_storage(source: &Source) -> Vec<String> {
    if source.room() == "storage" {
        return Vec::new();
    }
    found(
        &source.code(),
        &["sqlx::", "\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE "],
    )
}

fn http_at_the_edge(source: &Source) -> Vec<String> {
    if ["http", "endpoints", "pages", "web", "demo"].contains(&source.room()) {
        return Vec::new();
    }
    found(&source.code(), &["axum::", "hyper::", "tower_http::"])
}

fn jws_in_keyring(source: &Source) -> Vec<String> {
    if ["keyring", "demo"].contains(&source.room()) {
        return Vec::new();
    }
    found(&source.code(), &["jsonwebtoken::"])
}

fn one_mint(source: &Source) -> Vec<String> {
    let mints = [
        (
            "directory/permit/",
            ["(Permit {", "(InstancePermit {", "(FounderPermit {"].as_slice(),
        ),
        (
            "oidc/authorize/destination.rs",
            &["(Destination {", "RedirectTo("],
        ),
    ];
    let others = mints.iter().filter(|(mint, _)| !source.path.starts_with(mint));
    others.flat_map(|(_, made)| found(&source.code(), made)).collect()
}

fn silent_secrets(source: &Source) -> Vec<String> {
    found(
        &source.code(),
        &[
            "Display for Secret ",
            "Display for SecretHash",
            "Display for MasterKey",
            "Debug for MasterKey",
        ],
    )
}

fn no_shortcuts(source: &Source) -> Vec<String> {
    found(
        &source.code(),
        &[
            ".unwrap()",
            "todo!(",
            "unimplemented!(",
            "#[allow(",
            "#![allow(",
            "dbg!(",
        ],
    )
}

fn says_what_it_owns(source: &Source) -> Vec<String> {
    if source.text.starts_with("//! ") {
        Vec::new()
    } else {
        vec!["doesn't begin with //!".into()]
    }
}

fn small_rooms(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines > 600 {
        vec![format!("has {lines} lines")]
    } else {
        Vec::new()
    }
}

fn named_for_a_noun(source: &Source) -> Vec<String> {
    let odd = ["utils", "util", "helpers", "helper", "common", "misc", "shared"];
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    parts
        .filter(|part| odd.contains(part))
        .map(|part| format!("is called {part}"))
        .collect()
}

fn pure_domain(source: &Source) -> Vec<String> {
    if source.room() != "domain" {
        return Vec::new();
    }
    found(
        &source.code(),
        &[
            "std::fs",
            "std::env",
            "std::process",
            "tokio::",
            "async fn",
            "std::net::Tcp",
            "tracing::",
        ],
    )
}

/// What hot reads depend on: `storage::Topic` names each.
const READ_OFTEN: [&str; 14] = [
    "applications",
    "users",
    "organizations",
    "memberships",
    "roles",
    "groups",
    "group_members",
    "grants",
    "products",
    "sessions",
    "session_proofs",
    "activations",
    "families",
    "api_keys",
];

fn tells_of_changes(source: &Source) -> Vec<String> {
    if source.room() != "storage" {
        return Vec::new();
    }
    let code = source.code();
    let starts = code.match_indices('\n').map(|(at, _)| at + 1);
    let functions = std::iter::once(0).chain(starts).filter(|start| {
        let line = code[*start..].lines().next().unwrap_or_default();
        !line.starts_with(' ') && line.split('(').next().unwrap().contains("fn ")
    });
    let starts: Vec<usize> = functions.collect();
    let ends = starts.iter().skip(1).copied().chain([code.len()]);
    let bodies = starts.iter().zip(ends).map(|(start, end)| &code[*start..end]);
    bodies
        .filter(|body| changes_what_is_read_often(body) && !body.contains(".changed("))
        // Made at set-up, before anybody reads them, and never changed.
        .filter(|body| !body.contains("fn insert_built_in("))
        .map(|body| format!("does not tell of a change: {}", body.lines().next().unwrap()))
        .collect()
}

fn changes_what_is_read_often(body: &str) -> bool {
    let statements = ["INSERT INTO", "UPDATE", "DELETE FROM"];
    statements
        .iter()
        .flat_map(|statement| READ_OFTEN.map(|table| format!("{statement} {table} ")))
        .any(|change| body.contains(&change))
}

fn found(code: &str, patterns: &[&str]) -> Vec<String> {
    patterns
        .iter()
        .filter(|pattern| code.contains(**pattern))
        .map(|pattern| format!("has {pattern}"))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path
                .strip_prefix(root().join("src"))
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            found.push(Source {
                text: fs::read_to_string(&path).unwrap(),
                path: name,
            });
        }
    }
}
