//! What stops a start: one sentence on standard error that says what to do, and an exit code that scripts can tell
//! apart.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::{Home, Program};
use crate::harness::{Engine, on_both};

impl Home {
    /// A database with its key, in order, with nobody at work on it.
    fn in_order(&self) {
        Program::run(&mut self.setup("Acme")).fine();
    }

    /// Every command that opens the database is refused alike.
    #[track_caller]
    fn refuses_all(&self, code: i32, words: &[&str]) {
        Program::run(&mut self.serve()).refused(code, words);
        Program::run(&mut self.setup("Umbrella")).refused(code, words);
        Program::run(&mut self.command(&["keys", "list"])).refused(code, words);
    }
}

on_both! {
    async fn a_newer_schema(home: Home) {
        home.in_order();
        home.raw().await.run(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        home.refuses_all(
            1,
            &["the database was written by a newer Doorward (migration 9999); start that version instead"],
        );
    }

    async fn a_database_without_its_master_key(home: Home) {
        home.in_order();
        fs::remove_file(home.master_key()).unwrap();
        home.refuses_all(1, &["belongs to master key", "the keys folder holds none", "restore the file master.key"]);
        assert!(!home.master_key().exists(), "no new key is ever made for an old database");
    }

    async fn a_database_with_anothers_master_key(home: Home) {
        home.in_order();
        let other = Home::open(Engine::Sqlite).await;
        other.in_order();
        fs::copy(other.master_key(), home.master_key()).unwrap();
        home.refuses_all(1, &["belongs to master key", "but the keys folder holds", "point --keys-dir to the right one"]);
    }

    async fn a_master_key_that_others_can_read(home: Home) {
        home.in_order();
        fs::set_permissions(home.master_key(), fs::Permissions::from_mode(0o644)).unwrap();
        home.refuses_all(1, &["can be read by others (mode 644); run: chmod 600", "master.key"]);
    }

    async fn a_damaged_master_key(home: Home) {
        home.in_order();
        for damage in ["", "short", &"A".repeat(42), &"!".repeat(43)] {
            fs::write(home.master_key(), damage).unwrap();
            home.refuses_all(1, &["is not a master key", "43 base64url characters", "restore it from your backup"]);
        }
    }

    async fn signing_keys_that_do_not_open(home: Home) {
        home.in_order();
        home.raw().await.run("UPDATE signing_keys SET id = 'another' WHERE state = 'next' AND algorithm = 'ES256'").await;
        home.refuses_all(1, &["signing key another can't be unsealed", "restore a backup"]);
    }

    async fn a_folder_for_keys_that_is_a_file(home: Home) {
        let file = home.write("a-file", "");
        let ended = Program::run(home.serve().arg("--keys-dir").arg(&file));
        ended.refused(1, &["can't use the master key", "a-file/master.key", "Not a directory"]);
    }

    async fn a_port_that_is_in_use(home: Home) {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let ended = Program::run(&mut home.command(&["serve", "--listen", &address]));
        let sentence = format!("can't listen on {address}: Address already in use");
        ended.refused(1, &[&sentence, "stop what does, or choose another address with --listen"]);
        let ended = Program::run(home.command(&["serve", "--listen", "127.0.0.1:0"]).args(["--internal-listen", &address]));
        ended.refused(1, &[&sentence, "stop what does, or choose another address with --internal-listen"]);
        assert!(!home.config.data_dir.exists(), "nothing is made for a server that can't be");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_another_server_has() {
    let home = Home::open(Engine::Sqlite).await;
    let server = Program::serve(&mut home.serve());
    home.refuses_all(
        1,
        &[
            "another Doorward uses the data folder",
            "stop it first, or choose another with --data-dir",
        ],
    );
    server.kill();
    Program::serve(&mut home.serve()).stop().fine();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_that_is_a_file() {
    let home = Home::open(Engine::Sqlite).await;
    fs::write(&home.config.data_dir, "").unwrap();
    let ended = Program::run(&mut home.serve());
    ended.refused(1, &["can't use the data folder", "File exists"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_that_is_none() {
    let home = Home::open(Engine::Sqlite).await;
    home.in_order();
    fs::write(
        home.config.data_dir.join("doorward.db"),
        "a letter, not a database ".repeat(200),
    )
    .unwrap();
    let ended = Program::run(&mut home.serve());
    ended.refused(1, &["can't use the data folder", "file is not a database"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_not_there_or_not_ours() {
    let home = Home::open(Engine::Sqlite).await;
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for url in [
        format!("postgres://doorward:hunter2secret@127.0.0.1:{nobody}/doorward"),
        "postgres://doorward:hunter2secret@[::1/doorward".to_owned(),
        "mysql://doorward:hunter2secret@127.0.0.1/doorward".to_owned(),
    ] {
        let ended = Program::run(home.serve().env("DOORWARD_STORAGE__DATABASE_URL", &url));
        ended.refused(
            3,
            &[
                "can't open the database",
                "check --database-url and that PostgreSQL is running",
            ],
        );
        assert!(!ended.stderr.contains("hunter2secret"), "{ended:?}");
    }
    let there = Home::open(Engine::Postgres).await;
    let url = there
        .config
        .database_url
        .as_deref()
        .unwrap()
        .replace("/test_", "/nothing_");
    let ended = Program::run(home.serve().env("DOORWARD_STORAGE__DATABASE_URL", url));
    ended.refused(3, &["can't open the database", "does not exist"]);
}
