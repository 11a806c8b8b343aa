//! `doorward keys list|rotate`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Home, Program};
use crate::harness::{Engine, Visitor, on_both};

impl Home {
    /// A database with keys.
    fn with_keys(&self) {
        Program::run(&mut self.setup("Acme")).fine();
    }

    fn keys(&self, verb: &str) -> Vec<Value> {
        let told = Program::run(self.command(&["keys", verb]).args(["--output", "json"]));
        serde_json::from_str(told.fine()).unwrap()
    }
}

/// `ES256 next` → its `kid`.
fn by_state(keys: &[Value]) -> BTreeMap<String, String> {
    let word = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    keys.iter()
        .map(|key| {
            (
                format!("{} {}", word(key, "algorithm"), word(key, "state")),
                word(key, "id"),
            )
        })
        .collect()
}

/// The `kid`s of a server's JWKS, by algorithm and in its order.
async fn published(server: &Program) -> Vec<(String, String)> {
    let jwks = Visitor::new(&server.url()).get("/oauth2/jwks").await.json();
    let word = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| (word(key, "alg"), word(key, "kid")))
        .collect()
}

on_both! {
    async fn every_algorithm_has_a_key_that_signs_and_one_that_waits(home: Home) {
        home.with_keys();
        let keys = home.keys("list");
        let states: Vec<_> = by_state(&keys).into_keys().collect();
        let expected =
            ["ES256 next", "ES256 signing", "EdDSA next", "EdDSA signing", "RS256 next", "RS256 signing"];
        assert_eq!(states, expected);
        for key in &keys {
            let mut names: Vec<_> = key.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, ["algorithm", "created_at", "id", "state"]);
            assert!(key["created_at"].as_str().unwrap().ends_with('Z'));
        }
        let table = Program::run(&mut home.command(&["keys", "list"]));
        let lines: Vec<_> = table.fine().lines().collect();
        assert!(lines[0].starts_with("ALGORITHM  STATE"), "{lines:?}");
        assert_eq!(lines.len(), 7);
        for key in &keys {
            assert!(lines.iter().any(|line| line.ends_with(key["id"].as_str().unwrap())));
        }
        assert_eq!(home.keys("list"), keys, "looking changes nothing");
    }

    async fn a_rotation_moves_every_key_one_step_and_publishes_the_old_ones(home: Home) {
        home.with_keys();
        let before = by_state(&home.keys("list"));
        Program::run(&mut home.command(&["keys", "rotate"])).refused(1, &["less than ten minutes old", "--now"]);
        assert_eq!(by_state(&home.keys("list")), before, "clients may not know the waiting keys yet");
        let rotated = Program::run(&mut home.command(&["keys", "rotate", "--now", "--output", "json"]));
        let after: Vec<Value> = serde_json::from_str(rotated.fine()).unwrap();
        let after = by_state(&after);
        assert_eq!(after.len(), 9);
        for algorithm in ["ES256", "RS256", "EdDSA"] {
            let (before, after) =
                (|state| &before[&format!("{algorithm} {state}")], |state| &after[&format!("{algorithm} {state}")]);
            assert_eq!(after("signing"), before("next"));
            assert_eq!(after("retired"), before("signing"));
            assert!(after("next") != before("next") && after("next") != before("signing"));
        }
        let server = Program::serve(&mut home.serve());
        let published = published(&server).await;
        assert_eq!(published.len(), 9, "next, signing and retired of each");
        for (algorithm, kid) in published {
            assert!(after.iter().any(|(state, id)| state.starts_with(&algorithm) && *id == kid));
        }
        let told = "SELECT action || ' ' || actor FROM audit_events WHERE action LIKE 'signing_keys%'";
        assert_eq!(home.raw().await.texts(told).await, ["signing_keys.rotated host"]);
    }

    async fn beside_a_server_a_rotation_is_refused_on_sqlite_and_done_on_postgres(home: Home) {
        home.with_keys();
        let before = home.keys("list");
        let server = Program::serve(&mut home.serve());
        let rotated = Program::run(&mut home.command(&["keys", "rotate", "--now"]));
        if home.engine == Engine::Postgres {
            rotated.fine();
            return;
        }
        rotated.refused(1, &["another Doorward uses the data folder", "stop it first, or choose another with --data-dir"]);
        server.stop().fine();
        assert_eq!(home.keys("list"), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_there_are_no_keys_and_none_are_made() {
    let home = Home::open(Engine::Sqlite).await;
    for verb in ["list", "rotate"] {
        let ended = Program::run(&mut home.command(&["keys", verb]));
        ended.refused(
            1,
            &[
                "there is no database in",
                "start `doorward serve` once, or point --data-dir to it",
            ],
        );
        assert!(!home.config.data_dir.exists());
    }
}
