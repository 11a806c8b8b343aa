//! Nothing acknowledged is lost by `kill -9`: not a session, not a code, not that a code is spent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use doorward::app::Instance;
use doorward::clock::Clock;
use reqwest::StatusCode;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{Home, Program};
use crate::harness::cast::{self, CALLBACK, SECRET};
use crate::harness::visitor::{VERIFIER, authorize};
use crate::harness::{Person, Visitor, on_both};

const ROUNDS: usize = 10;

/// What the world was told by a server before it was killed.
#[derive(Default)]
struct Told {
    /// Codes that were given out and not redeemed.
    given: Vec<String>,
    /// Codes that were redeemed, and the access tokens they were redeemed for.
    spent: Vec<(String, String)>,
}

/// Counts what was acknowledged, and wakes whoever waits for enough of it.
#[derive(Default)]
struct Acknowledged(AtomicUsize, Notify);

impl Acknowledged {
    fn one_more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        self.1.notify_one();
    }

    async fn reach(&self, enough: usize) {
        while self.0.load(Ordering::SeqCst) < enough {
            self.1.notified().await;
        }
    }
}

impl Home {
    /// The cast in a database that no server has yet.
    async fn with_the_cast(&self) -> cast::Acme {
        let instance = Instance::open(&self.config, Clock::system()).await.unwrap();
        let acme = cast::seed(&instance).await;
        instance.db.close().await;
        acme
    }

    /// A server on whichever port; its name stays the same, so its tokens do.
    fn start(&self) -> Program {
        Program::serve(self.serve().args(["--public-url", "https://id.acme.example"]))
    }
}

/// Gets codes and spends every other one, until the server is gone.
async fn hammer(visitor: Visitor, client: String, told: Arc<Mutex<Told>>, acknowledged: Arc<Acknowledged>) {
    for number in 0.. {
        let Some(code) = ask_for_a_code(&visitor, &client).await else {
            return;
        };
        if number % 2 == 0 {
            told.lock().unwrap().given.push(code);
            acknowledged.one_more();
            continue;
        }
        acknowledged.one_more();
        // From here on nobody knows whether it is spent, until the answer is here.
        let Some(token) = redeem(&visitor, &client, &code).await else {
            return;
        };
        told.lock().unwrap().spent.push((code, token));
        acknowledged.one_more();
    }
}

/// A code, unless the server is killed before it is here.
async fn ask_for_a_code(visitor: &Visitor, client: &str) -> Option<String> {
    let answer = visitor
        .request("GET", &authorize(client, &[]))
        .send()
        .await
        .ok()?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let location = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let (_, code) = location
        .query_pairs()
        .find(|(name, _)| name == "code")
        .expect("no consent is asked");
    Some(code.into_owned())
}

/// An access token, unless the server is killed before it is here.
async fn redeem(visitor: &Visitor, client: &str, code: &str) -> Option<String> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let request = visitor
        .request("POST", "/oauth2/token")
        .basic_auth(client, Some(SECRET))
        .form(&fields);
    let answer = request.send().await.ok()?;
    assert_eq!(answer.status(), StatusCode::OK);
    let body: serde_json::Value = serde_json::from_str(&answer.text().await.ok()?).unwrap();
    Some(body["access_token"].as_str().unwrap().to_owned())
}

async fn opens(visitor: &Visitor, token: &str) -> StatusCode {
    visitor
        .request("GET", "/oauth2/userinfo")
        .bearer_auth(token)
        .send()
        .await
        .unwrap()
        .status()
}

on_both! {
    async fn what_was_acknowledged_before_a_kill_is_so_after_it(home: Home) {
        let client = home.with_the_cast().await.desk.to_string();
        let mut server = home.start();
        for round in 0..ROUNDS {
            let (told, acknowledged) = (Arc::<Mutex<Told>>::default(), Arc::<Acknowledged>::default());
            let (mut visitors, mut hammers) = (Vec::new(), JoinSet::new());
            for person in [Person::Alice, Person::Bob, Person::Bob] {
                let visitor = Visitor::new(&server.url());
                assert_eq!(visitor.sign_in(person).await.location(), "/");
                let (told, acknowledged) = (Arc::clone(&told), Arc::clone(&acknowledged));
                hammers.spawn(hammer(visitor.at(&server.url()), client.clone(), told, acknowledged));
                visitors.push(visitor);
            }
            // The third of one hammer's is the first code that is spent.
            acknowledged.reach(7 + 5 * round).await;
            server.kill();
            hammers.join_all().await;

            server = home.start();
            for visitor in &mut visitors {
                *visitor = visitor.at(&server.url());
                assert_eq!(visitor.get("/").await.status, StatusCode::OK, "a session is lost");
            }
            let told = Arc::into_inner(told).unwrap().into_inner().unwrap();
            assert!(!told.spent.is_empty() && !told.given.is_empty());
            for code in &told.given {
                let answer = visitors[0].redeem(&client, code).await;
                assert_eq!(answer.status, StatusCode::OK, "a code is lost: {answer:?}");
            }
            for (code, token) in &told.spent {
                assert_eq!(opens(&visitors[0], token).await, StatusCode::OK, "a token is lost");
                let again = visitors[0].redeem(&client, code).await;
                assert_eq!(again.error(), "invalid_grant", "a spent code was taken again: {again:?}");
                assert_eq!(opens(&visitors[0], token).await, StatusCode::UNAUTHORIZED);
            }
        }
        server.stop().fine();
        let mut raw = home.raw().await;
        let halves = "SELECT COUNT(*) FROM authorization_codes WHERE consumed_at IS NOT NULL \
                      AND family_id NOT IN (SELECT id FROM families)";
        assert_eq!(raw.number(halves).await, 0, "a code was spent for nothing");
        for (table, action) in [("families", "token.issued"), ("authorization_codes", "application.authorized")] {
            let events = format!("SELECT COUNT(*) FROM audit_events WHERE action = '{action}'");
            assert_eq!(raw.count(table).await, raw.number(&events).await, "{table} and their events");
        }
    }
}
