//! `doorward serve --demo`: a house to try, on this machine only.

use std::collections::BTreeSet;
use std::process::Command;

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::Value;

use super::home::mode;
use super::{Home, Program};
use crate::harness::{Engine, Visitor, on_both};

impl Home {
    /// `doorward serve --demo` with the sample at an address.
    pub(super) fn demo(&self, sample: &str) -> Command {
        let mut command = self.serve();
        command.args(["--demo", "--demo-listen", sample]);
        command
    }

    /// What `demo.json` says.
    pub(super) fn told(&self) -> Value {
        let file = self.config.data_dir.join("demo.json");
        assert_eq!(mode(&file), 0o600);
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

on_both! {
    async fn it_has_one_user_for_each_role_and_says_who(home: Home) {
        let server = Program::serve(&mut home.demo("127.0.0.1:0"));
        let told = home.told();
        let users = told["users"].as_array().unwrap();
        let roles: BTreeSet<_> = users.iter().map(|user| text(user, "role")).collect();
        assert_eq!(roles, BuiltInRole::ALL.iter().map(|role| role.name()).collect());
        assert_eq!(users.len(), 6);
        for user in users {
            let names: Vec<_> = user.as_object().unwrap().keys().collect();
            assert_eq!(names, ["email", "password", "role"]);
            let visitor = Visitor::new(&server.url());
            let page = visitor.get("/sign-in").await;
            let answer = visitor.sign_in_on(&page, text(user, "email"), text(user, "password")).await;
            assert_eq!((answer.status, answer.location().as_str()), (StatusCode::SEE_OTHER, "/"), "{user}");
        }
        assert_eq!(text(&told, "doorward"), server.url().replace("127.0.0.1", "localhost"));
        let sample = Visitor::new(text(&told, "sample")).get("/").await;
        assert!(sample.status == StatusCode::OK && sample.body.contains("Sign in"), "{sample:?}");
        assert!(!home.claim_file().exists(), "it is somebody's");

        let ended = server.stop();
        assert_eq!(ended.fine(), "", "there is no terminal to show it on");
        assert!(ended.stderr.contains("demo.json"), "{ended:?}");
    }

    async fn a_second_start_has_the_same_people_and_says_where_it_is_now(home: Home) {
        Program::serve(&mut home.demo("127.0.0.1:0")).stop().fine();
        let before = home.told();
        let address = text(&before, "sample").strip_prefix("http://").unwrap().to_owned();
        let server = Program::serve(&mut home.demo(&address));
        let after = home.told();
        assert_eq!(after["users"], before["users"]);
        assert_eq!(after["sample"], before["sample"]);
        assert_eq!(text(&after, "doorward"), server.url().replace("127.0.0.1", "localhost"));
        assert_eq!(home.raw().await.count("users").await, 6);
    }

    async fn its_sample_stays_where_it_is_registered(home: Home) {
        Program::serve(&mut home.demo("127.0.0.1:0")).stop().fine();
        let ended = Program::run(&mut home.demo("127.0.0.1:0"));
        ended.refused(2, &["is registered at http://127.0.0.1:", "give that address to --demo-listen"]);
    }

    async fn it_is_for_this_machine_only(home: Home) {
        let to_the_world = home.command(&["serve", "--listen", "0.0.0.0:0", "--demo", "--demo-listen", "127.0.0.1:0"]);
        for mut command in [to_the_world, home.demo("0.0.0.0:0")] {
            Program::run(&mut command).refused(2, &["--demo is for this machine only: listen on 127.0.0.1"]);
            assert!(!home.config.data_dir.join("demo.json").exists());
        }
    }

    async fn a_house_that_is_somebodys_is_no_demo(home: Home) {
        Program::run(&mut home.setup("Acme")).fine();
        let ended = Program::run(&mut home.demo("127.0.0.1:0"));
        ended.refused(1, &["demo.json", "start --demo with an empty --data-dir"]);
        assert_eq!(home.raw().await.count("users").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_demo_there_is_no_sample_to_move() {
    let home = Home::open(Engine::Sqlite).await;
    let ended = Program::run(home.serve().args(["--demo-listen", "127.0.0.1:0"]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_its_people_are_shown() {
    let home = Home::open(Engine::Sqlite).await;
    let terminal = home.on_a_terminal("--demo --demo-listen 127.0.0.1:0");
    let said = terminal.says("public_url");
    for user in home.told()["users"].as_array().unwrap() {
        assert!(
            said.contains(text(user, "email")) && said.contains(text(user, "password")),
            "{said}"
        );
    }
    assert!(said.contains(text(&home.told(), "sample")) && said.contains(text(&home.told(), "doorward")));
}
