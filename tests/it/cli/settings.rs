//! Settings: file, then environment, then flags; and what is in none of them is named with its nearest neighbour.

use super::{Home, Program};
use crate::harness::{Engine, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_in_the_file_stops_the_start() {
    let home = Home::open(Engine::Sqlite).await;
    let file = home.write(
        "doorward.toml",
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_uri = \"https://x.example\"\n",
    );
    let ended = Program::run(home.serve().arg("--config").arg(&file));
    let sentence = format!(
        "{} sets server.public_uri, which Doorward doesn't know; did you mean server.public_url?",
        file.display()
    );
    ended.refused(2, &[&sentence]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_variable_stops_the_start_of_every_command() {
    let home = Home::open(Engine::Sqlite).await;
    for mut command in [home.serve(), home.setup("Acme"), home.command(&["keys", "list"])] {
        let ended = Program::run(command.env("DOORWARD_SERVER__LISTN", "127.0.0.1:0"));
        ended.refused(
            2,
            &[
                "sets DOORWARD_SERVER__LISTN",
                "did you mean DOORWARD_SERVER__LISTEN?",
            ],
        );
    }
    assert!(!home.config.data_dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_toml_or_not_there_stops_the_start() {
    let home = Home::open(Engine::Sqlite).await;
    let file = home.write("doorward.toml", "server = [");
    let ended = Program::run(home.serve().arg("--config").arg(&file));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("is not valid TOML"), "{ended:?}");
    let ended = Program::run(home.serve().args(["--config", "/nowhere.toml"]));
    ended.refused(2, &["can't read the configuration file /nowhere.toml"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_makes_no_sense_is_told_with_what_would() {
    let home = Home::open(Engine::Sqlite).await;
    let cases = [
        (
            "DOORWARD_SERVER__PUBLIC_URL",
            "http://id.example.com",
            "https, or http on localhost",
        ),
        (
            "DOORWARD_SERVER__PUBLIC_URL",
            "https://id.example.com/sso",
            "an origin without a path",
        ),
        (
            "DOORWARD_SERVER__TRUSTED_PROXIES",
            "10.0.0.0/8, everybody",
            "addresses or networks such as 10.0.0.0/8",
        ),
        ("DOORWARD_ORGANIZATIONS__SELF_SERVICE", "perhaps", "true or false"),
    ];
    for (name, value, expected) in cases {
        Program::run(home.serve().env(name, value)).refused(2, &[" is \"", expected]);
    }
    let ended = Program::run(&mut home.command(&["serve", "--listen", "8080"]));
    ended.refused(
        2,
        &["server.listen is \"8080\", but must be an address and port such as 127.0.0.1:8080"],
    );
    let internal = ("DOORWARD_SERVER__INTERNAL_LISTEN", "localhost");
    Program::run(home.command(&["serve"]).env(internal.0, internal.1)).refused(
        2,
        &["server.internal_listen is \"localhost\", but must be an address and port such as 127.0.0.1:9180"],
    );
    assert!(!home.config.data_dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_win_over_the_environment_and_that_over_the_file() {
    let home = Home::open(Engine::Sqlite).await;
    let file = home.write(
        "doorward.toml",
        "[server]\npublic_url = \"https://file.example\"\n[storage]\nkeys_dir = \"keys-of-the-file\"\n",
    );
    let issuer = async |server: Program| {
        let configuration = Visitor::new(&server.url())
            .get("/.well-known/openid-configuration")
            .await;
        configuration.json()["issuer"].as_str().unwrap().to_owned()
    };
    let serve = || {
        let mut command = home.serve();
        command.arg("--config").arg(&file);
        command
    };
    assert_eq!(issuer(Program::serve(&mut serve())).await, "https://file.example");
    assert!(home.folder.path().join("keys-of-the-file/master.key").exists());
    let environment = ("DOORWARD_SERVER__PUBLIC_URL", "https://environment.example");
    let server = Program::serve(serve().env(environment.0, environment.1));
    assert_eq!(issuer(server).await, "https://environment.example");
    let server = Program::serve(
        serve()
            .env(environment.0, environment.1)
            .args(["--public-url", "https://flag.example"]),
    );
    assert_eq!(issuer(server).await, "https://flag.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_internal_port_is_where_the_settings_say_and_the_log_tells() {
    let home = Home::open(Engine::Sqlite).await;
    let file = home.write("doorward.toml", "[server]\ninternal_listen = \"nowhere\"\n");
    let mut serve = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::serve(
        serve
            .arg("--config")
            .arg(file)
            .env("DOORWARD_SERVER__INTERNAL_LISTEN", "127.0.0.1:0"),
    );
    let watcher = Visitor::new(&server.internal_url());
    assert_eq!(watcher.get("/health/ready").await.json()["status"], "ready");
    server.stop().fine();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_of_a_database_can_come_from_a_file_of_its_own() {
    let home = Home::open(Engine::Postgres).await;
    let secret = home.write(
        "url",
        &format!("{}\n", home.config.database_url.as_deref().unwrap()),
    );
    let mut setup = home.setup("Acme");
    setup
        .env_remove("DOORWARD_STORAGE__DATABASE_URL")
        .env("DOORWARD_STORAGE__DATABASE_URL_FILE", secret);
    Program::run(&mut setup).fine();
    assert_eq!(home.raw().await.count("users").await, 1);
    assert!(!home.config.data_dir.join("doorward.db").exists());
}
