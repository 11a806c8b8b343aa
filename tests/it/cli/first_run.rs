//! `doorward serve` in an empty folder: one claim link, for one first owner, once.

use reqwest::StatusCode;
use tokio::task::JoinSet;

use super::home::{EMAIL, PASSWORD, alice_signs_in, mode};
use super::{Home, Program};
use crate::harness::{Answer, Engine, Visitor, on_both};

/// Fills in the claim form as Alice.
async fn claim(visitor: &Visitor, link: &str, organization: &str) -> Answer {
    let form = visitor.get(link).await;
    assert_eq!(form.status, StatusCode::OK, "{form:?}");
    let fields = [
        ("name", "Alice Archer"),
        ("email", EMAIL),
        ("organization", organization),
        ("password", PASSWORD),
    ];
    visitor.submit(&form, &fields).await
}

on_both! {
    async fn an_empty_folder_becomes_a_house_that_is_claimed_once(home: Home) {
        let server = Program::serve(&mut home.serve());
        assert_eq!((mode(&home.claim_file()), mode(&home.master_key())), (0o600, 0o600));
        assert_eq!((mode(&home.config.data_dir), mode(&home.config.keys_dir)), (0o700, 0o700));
        let whole = std::fs::read_to_string(home.claim_file()).unwrap();
        let port = server.url().rsplit_once(':').unwrap().1.to_owned();
        assert!(whole.starts_with(&format!("http://localhost:{port}/claim/")), "{whole}");
        let link = home.claim();

        let alice = Visitor::new(&server.url());
        let claimed = claim(&alice, &link, "Acme GmbH & Co").await;
        assert_eq!((claimed.status, claimed.location().as_str()), (StatusCode::SEE_OTHER, "/"), "{claimed:?}");
        assert_eq!(alice.get("/").await.status, StatusCode::OK, "she is signed in");
        assert!(!home.claim_file().exists());
        assert_eq!(Visitor::new(&server.url()).get(&link).await.status, StatusCode::GONE);
        assert!(alice_signs_in(&server).await);
        let told = home.raw().await.texts("SELECT name || ', ' || display_name FROM organizations").await;
        assert_eq!(told, ["acme-gmbh-co, Acme GmbH & Co"]);

        let ended = server.stop();
        ended.fine();
        assert!(ended.stderr.contains("Doorward is closed"), "{ended:?}");
        let secret = link.rsplit_once('/').unwrap().1;
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "the link is in no log");

        let again = Program::serve(&mut home.serve());
        assert!(!home.claim_file().exists(), "it has its owner");
        assert_eq!(Visitor::new(&again.url()).get(&link).await.status, StatusCode::GONE);
        assert!(!again.stop().stderr.contains("nobody's yet"));
    }

    async fn every_mistake_is_named_at_once_and_spends_nothing(home: Home) {
        let server = Program::serve(&mut home.serve());
        let (alice, link) = (Visitor::new(&server.url()), home.claim());
        let form = alice.get(&link).await;
        let fields = [("name", " "), ("email", "alice"), ("organization", "!"), ("password", "short")];
        let answer = alice.submit(&form, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for mistake in ["Enter your name", "Enter an email address", "Enter a name for your organization", "Choose a longer password"] {
            assert!(answer.body.contains(mistake), "{mistake}: {answer:?}");
        }
        assert!(answer.body.contains("value=\"alice\"") && !answer.body.contains("value=\"short\""));
        assert!(home.claim_file().exists());
        let claimed = claim(&alice, &link, "Acme").await;
        assert_eq!(claimed.status, StatusCode::SEE_OTHER, "{claimed:?}");
    }

    async fn a_link_dies_when_the_server_starts_again(home: Home) {
        Program::serve(&mut home.serve()).stop().fine();
        let old = home.claim();
        let server = Program::serve(&mut home.serve());
        assert_ne!(home.claim(), old);
        let alice = Visitor::new(&server.url());
        assert_eq!(alice.get(&old).await.status, StatusCode::GONE);
        assert_eq!(alice.get("/claim/guess").await.status, StatusCode::GONE);
        assert_eq!(claim(&alice, &home.claim(), "Acme").await.status, StatusCode::SEE_OTHER);
    }

    async fn of_twenty_who_claim_at_once_one_is_the_owner(home: Home) {
        let server = Program::serve(&mut home.serve());
        let (url, link) = (server.url(), home.claim());
        let mut claims = JoinSet::new();
        for number in 0..20 {
            let (url, link) = (url.clone(), link.clone());
            claims.spawn(async move {
                let visitor = Visitor::new(&url);
                let form = visitor.get(&link).await;
                if form.status == StatusCode::GONE {
                    return form.status;
                }
                let email = format!("owner{number}@acme.example");
                let organization = format!("Acme {number}");
                let fields =
                    [("name", "Owner"), ("email", &email), ("organization", &organization), ("password", PASSWORD)];
                visitor.submit(&form, &fields).await.status
            });
        }
        let answers = claims.join_all().await;
        let count = |status| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((count(StatusCode::SEE_OTHER), count(StatusCode::GONE)), (1, 19), "{answers:?}");
        let mut raw = home.raw().await;
        assert_eq!((raw.count("users").await, raw.count("organizations").await), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_the_link_is_shown_and_written_nowhere() {
    let home = Home::open(Engine::Sqlite).await;
    let terminal = home.on_a_terminal("");
    let said = terminal.says("Doorward is open");
    assert!(said.contains("/claim/"), "{said}");
    assert!(!home.claim_file().exists());
}
