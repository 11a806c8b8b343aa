//! Letters on their way through a mail server that nobody here wrote.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use doorward::config::{Config, Relay};
use doorward::delivery::{post, samples};
use doorward::storage::{Lane, StorageError, outbox};
use serde_json::json;
use tokio::task::JoinSet;

use super::to_carol;
use crate::harness::sink::{Sink, SinkTls};
use crate::harness::{Answer, Engine, House, Raw, on_both};

const LOGIN: (&str, &str) = ("doorward", "sesame-sesame");

impl House {
    /// Posts so many letters to Carol.
    async fn posts(&self, count: usize) {
        let (keyring, now) = (self.instance.keyring.clone(), self.clock.now());
        let work = self.db().write(Lane::Free, move |tx| {
            let keyring = keyring.clone();
            Box::pin(async move {
                for _ in 0..count {
                    post(tx, &keyring, &to_carol(samples().remove(0).1), now).await?;
                }
                Ok(())
            })
        });
        let done: Result<(), StorageError> = work.await;
        done.unwrap();
    }

    /// One round of the post office; how many letters still wait.
    async fn round(&self) -> i64 {
        self.office.deliver(|| false).await.unwrap();
        outbox::count_waiting(&mut self.snapshot().await.tx())
            .await
            .unwrap()
    }
}

fn through(url: &str, authority: Option<PathBuf>) -> impl FnOnce(&mut Config) + use<> {
    let relay = Relay::parse(url).unwrap();
    move |config| {
        config.mail.relay = Some(relay);
        config.mail.relay_ca = authority;
    }
}

async fn last_errors(house: &House) -> Vec<String> {
    let mut raw = Raw::connect(house.storage()).await;
    raw.texts("SELECT last_error FROM outbox WHERE last_error IS NOT NULL")
        .await
}

on_both! {
    async fn letters_land_in_a_folder_where_there_is_no_relay(house) {
        house.posts(3).await;
        let letters = house.letters().await;
        assert_eq!(letters.len(), 3);
        assert_eq!(letters[0].header("Subject"), "Alice Archer invites you to Acme");
        assert_eq!(house.round().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_out_in_plain() {
    let sink = Sink::start(SinkTls::Plain, None);
    let house = House::open_with(Engine::Sqlite, sink.relay()).await;
    house.posts(1).await;
    assert_eq!(house.round().await, 0);
    let taken = sink.taken();
    let [(letter, envelope)] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert_eq!(letter.header("To"), "carol@cook.example");
    assert_eq!(
        (&envelope["from"], &envelope["to"]),
        (&json!("doorward@id.example.com"), &json!(["carol@cook.example"]))
    );
    assert_eq!(
        (&envelope["tls"], &envelope["greeted_as"]),
        (&json!(false), &json!("[127.0.0.1]"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_out_by_tls_with_a_password() {
    for (kind, scheme, query) in [
        (SinkTls::Starttls, "smtp", "?tls=required"),
        (SinkTls::Implicit, "smtps", ""),
    ] {
        let sink = Sink::start(kind, Some(LOGIN));
        let url = sink.url(scheme, "doorward:sesame-sesame@", query);
        let house = House::open_with(Engine::Sqlite, through(&url, Some(sink.authority()))).await;
        house.posts(1).await;
        assert_eq!(
            house.round().await,
            0,
            "{kind:?}: {:?}",
            last_errors(&house).await
        );
        let (_, envelope) = sink.taken().remove(0);
        assert_eq!(
            (&envelope["tls"], &envelope["authenticated"]),
            (&json!(true), &json!(true)),
            "{kind:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_where_tls_is_required_and_is_not_there_or_not_trusted() {
    let [plain, starttls, implicit] =
        [SinkTls::Plain, SinkTls::Starttls, SinkTls::Implicit].map(|tls| Sink::start(tls, None));
    for (name, sink, scheme, query, authority) in [
        ("no STARTTLS", &plain, "smtp", "?tls=required", None),
        ("no TLS", &plain, "smtps", "", None),
        ("an unknown authority", &starttls, "smtp", "?tls=required", None),
        (
            "another authority",
            &starttls,
            "smtp",
            "?tls=required",
            Some(implicit.authority()),
        ),
        ("an unknown authority", &implicit, "smtps", "", None),
    ] {
        let house = House::open_with(Engine::Sqlite, through(&sink.url(scheme, "", query), authority)).await;
        house.posts(1).await;
        assert_eq!(house.round().await, 1, "{name}");
        assert!(sink.taken().is_empty(), "{name}");
        assert_eq!(last_errors(&house).await.len(), 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lo2_a_wrong_password_is_told_without_it() {
    let sink = Sink::start(SinkTls::Starttls, Some(LOGIN));
    let url = sink.url("smtp", "doorward:not-the-password@", "?tls=required");
    let house = House::open_with(Engine::Sqlite, through(&url, Some(sink.authority()))).await;
    house.posts(1).await;
    assert_eq!(house.round().await, 1);
    let told = last_errors(&house).await.remove(0);
    assert!(
        told.contains("535") && !told.contains("not-the-password"),
        "{told}"
    );
}

on_both! {
    async fn a_letter_waits_for_its_relay(house: Late) {
        let Late { house, port } = house;
        house.posts(2).await;
        assert_eq!(house.round().await, 2, "nobody is there");
        let sink = Sink::start_at(port, SinkTls::Plain, None);
        assert_eq!(house.round().await, 2, "it is not tried again at once");
        assert!(sink.taken().is_empty());
        house.wait(Duration::from_secs(29));
        house.round().await;
        assert!(sink.taken().is_empty());
        house.wait(Duration::from_secs(1));
        assert_eq!(house.round().await, 0);
        assert_eq!(sink.taken().len(), 2);
    }
}

/// A house whose relay is not there yet.
struct Late {
    house: House,
    port: u16,
}

impl Late {
    async fn open(engine: Engine) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let house = House::open_with(engine, through(&format!("smtp://127.0.0.1:{port}"), None)).await;
        Self { house, port }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_refused_is_tried_for_three_days() {
    let sink = Sink::start(SinkTls::Plain, None);
    let house = House::open_with(Engine::Sqlite, sink.relay()).await;
    house.posts(1).await;
    for (answer, pause) in [
        ("451 4.7.1 greylisted", 30),
        ("550 5.1.1 no such mailbox", 60),
        ("421 4.3.2 closing", 120),
        ("554 5.7.1 no", 240),
    ] {
        sink.answer(answer);
        assert_eq!(house.round().await, 1, "{answer}");
        let told = last_errors(&house).await.remove(0);
        assert!(told.contains(&answer[..3]), "{told}");
        house.wait(Duration::from_millis(pause * 1000 - 1));
        sink.answer("452 never asked");
        house.round().await;
        assert_eq!(last_errors(&house).await, [told], "not before its time");
        house.wait(Duration::from_millis(1));
    }
    house.wait(Duration::from_hours(72));
    assert_eq!(house.round().await, 0, "given up");
    sink.take();
    house.wait(Duration::from_hours(72));
    house.round().await;
    assert!(sink.taken().is_empty());
    assert_eq!(last_errors(&house).await.len(), 1, "kept for whoever looks why");
}

on_both! {
    async fn many_nodes_deliver_each_letter_once(house) {
        house.posts(40).await;
        let mut rounds = JoinSet::new();
        for _ in 0..8 {
            let office = house.office.clone();
            rounds.spawn(async move { office.deliver(|| false).await.unwrap() });
        }
        rounds.join_all().await;
        assert_eq!(house.letters().await.len(), 40);
        let counted = Answer::of(house.visitor().request("GET", &format!("{}/metrics", house.internal_url))).await;
        assert!(counted.body.contains("doorward_letters_total{outcome=\"delivered\"} 40\n"), "{}", counted.body);
        assert!(counted.body.contains("doorward_letters_waiting 0\n"));
    }

    async fn a_node_that_dies_with_letters_leaves_them_to_others(house) {
        house.posts(1).await;
        let (now, lease) = (house.clock.now(), house.clock.now().plus(Duration::from_mins(5)));
        let taken = house.db().write(Lane::Guarded, move |tx| Box::pin(async move {
            outbox::take_due(tx, 8, lease, now).await
        }));
        let taken: Result<_, StorageError> = taken.await;
        assert_eq!(taken.unwrap().len(), 1);
        assert_eq!(house.letters().await.len(), 0, "it is another's");
        house.wait(Duration::from_mins(5));
        assert_eq!(house.letters().await.len(), 1);
    }

    async fn a_letter_that_cannot_be_opened_is_given_up(house) {
        house.posts(1).await;
        Raw::connect(house.storage()).await.run("UPDATE outbox SET id = 'let_01kaxw3vd0f1wvj1d2sahtfxyz'").await;
        assert_eq!(house.round().await, 0);
        assert_eq!(last_errors(&house).await, ["the letter can't be unsealed"]);
    }

    async fn whoever_delivers_is_woken_by_a_letter(house) {
        let office = house.office.clone();
        let woken = tokio::spawn(async move { office.posted().await });
        house.posts(1).await;
        woken.await.unwrap();
    }
}
