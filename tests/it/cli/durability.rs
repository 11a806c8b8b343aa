//! F1: nothing acknowledged is lost by `kill -9`: not a session, not a code, not that a code or a refresh token is spent,
//! not a revocation; and the next server is ready within a second.
//!
//! `make test` kills twenty servers on each database, `make kills` a hundred.

use std::sync::Arc;
use std::time::Duration;

use doorward::app::Instance;
use doorward::clock::Clock;
use doorward::domain::oauth::GrantType;
use doorward::domain::time::Timestamp;
use doorward::storage::{Lane, StorageError, applications};
use reqwest::StatusCode;
use tokio::sync::Mutex;

use super::load::{Applications, Chain, Load, Pair, Told};
use super::{Home, Program};
use crate::harness::{Person, Visitor, cast, client_of, on_both};

/// How many servers are killed, unless `KILLS` says otherwise.
const KILLS: usize = 20;

/// Well within the ten seconds for which a client may ask again.
const IN_TIME: Duration = Duration::from_secs(7);

/// Surely after them.
const LATE: Duration = Duration::from_secs(11);

impl Home {
    /// The cast in a database that no server has yet.
    pub(super) async fn with_the_cast(&self) -> Applications {
        let instance = Instance::open(&self.config, Clock::system()).await.unwrap();
        let acme = cast::seed(&instance).await;
        let mut robot = client_of(acme.id, "Acme Robot", &instance);
        robot.grant_types = vec![GrantType::ClientCredentials];
        let (id, now) = (robot.id.to_string(), instance.clock.now());
        let work = instance.db.write(Lane::Instance, move |tx| {
            let robot = robot.clone();
            Box::pin(async move { applications::insert(tx, &robot, now).await })
        });
        let done: Result<(), StorageError> = work.await;
        done.unwrap();
        instance.db.close().await;
        Applications {
            desk: acme.desk.to_string(),
            robot: id,
        }
    }

    /// A server on whichever port, and how long it took to be ready; its name stays the same, so its tokens do.
    async fn start(&self) -> (Program, Duration) {
        let started = Clock::system().now();
        let server = Program::serve(self.serve().args(["--public-url", "https://id.acme.example"]));
        let ready = Visitor::new(&server.internal_url()).get("/health/ready").await;
        assert_eq!(ready.status, StatusCode::OK, "{ready:?}");
        (server, since(started))
    }
}

/// Everything that was acknowledged is so, in the words of one server, in those of the next.
async fn is_kept(load: &Load, told: &Told, url: &str) {
    for (arrived, is_in) in [(&told.arrived, true), (&told.left, false)] {
        for browser in arrived {
            let home = browser.at(url).get("/").await;
            assert_eq!(home.status == StatusCode::OK, is_in, "a session: {home:?}");
        }
    }
    for code in &told.given {
        load.redeem(code).await.unwrap();
    }
    for (code, pair) in &told.redeemed {
        assert!(load.opens(&pair.access).await, "a token is lost");
        let again = load.asks_to_redeem(code).await.unwrap();
        assert_eq!(
            again.error(),
            "invalid_grant",
            "a spent code was taken again: {again:?}"
        );
        assert!(!load.opens(&pair.access).await, "R7");
    }
    are_revoked(load, told).await;
    for token in &told.own {
        assert!(load.is_active(token).await, "an application's own token is lost");
    }
}

async fn are_revoked(load: &Load, told: &Told) {
    for pair in &told.revoked {
        assert!(!load.opens(&pair.access).await, "a revoked family lives");
        let again = load.refresh(&pair.refresh).await.unwrap();
        assert_eq!(
            again.error(),
            "invalid_grant",
            "a revoked token was taken: {again:?}"
        );
    }
    for pair in &told.lessened {
        assert!(!load.opens(&pair.access).await, "a revoked access token lives");
        Pair::of(&load.refresh(&pair.refresh).await.unwrap());
    }
}

/// The last link works, whether or not it was on its way when the server was killed; the ones before stay spent.
async fn goes_on(load: &Load, chain: &mut Chain) {
    if let Some((token, at)) = chain.spent.iter().rev().nth(1)
        && since(*at) < IN_TIME
    {
        let answer = load.refresh(token).await.unwrap();
        assert_eq!(
            answer.error(),
            "invalid_grant",
            "the successor was in use: {answer:?}"
        );
    }
    if let Some((token, at)) = chain.spent.last()
        && since(*at) < IN_TIME
    {
        let again = load.refresh(token).await.unwrap();
        if again.status == StatusCode::OK {
            assert_eq!(Pair::of(&again).refresh, chain.last.refresh, "TK10: a fork");
        } else {
            // The one after it was spent, and only the answer is lost.
            assert_eq!(again.error(), "invalid_grant", "{again:?}");
        }
    }
    chain.goes_on(&load.refresh(&chain.last.refresh).await.unwrap());
    assert!(load.opens(&chain.last.access).await);
}

fn since(moment: Timestamp) -> Duration {
    Clock::system().now().since(moment)
}

/// What came of many starts: the usual, and the worst.
fn figures(mut starts: Vec<Duration>) -> (Duration, Duration) {
    starts.sort_unstable();
    (starts[starts.len() / 2], starts[starts.len() - 1])
}

on_both! {
    async fn f1_what_was_acknowledged_before_a_kill_is_so_after_it(home: Home) {
        let kills = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
        let applications = home.with_the_cast().await;
        let (mut server, first) = home.start().await;
        let mut starts = vec![first];
        let (mut people, mut chains) = (Vec::new(), Vec::new());
        for person in [Person::Alice, Person::Bob, Person::Bob] {
            let visitor = Visitor::new(&server.url());
            assert_eq!(visitor.sign_in(person).await.location(), "/");
            let last = Load::on(&server.url(), &applications).redeem(&visitor.code(&applications.desk).await).await.unwrap();
            chains.push(Arc::new(Mutex::new(Chain { last, spent: Vec::new() })));
            people.push(visitor);
        }
        let mut acknowledged = 0;
        let mut revoked = Vec::new();
        for round in 0..kills {
            let load = Load::on(&server.url(), &applications);
            let parts = load.start(&people, &chains);
            // Somewhere else each time, in the middle of everything.
            let enough = 40 + 37 * round % 101;
            load.reach(enough).await;
            server.kill();
            parts.join_all().await;
            acknowledged += enough;

            let (next, took) = home.start().await;
            (server, starts) = (next, [starts, vec![took]].concat());
            let again = Load::on(&server.url(), &applications);
            for person in &mut people {
                *person = person.at(&server.url());
                assert_eq!(person.get("/").await.status, StatusCode::OK, "a session is lost");
            }
            for chain in &chains {
                goes_on(&again, &mut *chain.lock().await).await;
            }
            let told = load.told();
            is_kept(&again, &told, &server.url()).await;
            revoked.push(told.revoked);
        }

        // Whoever comes late with a spent token ends its family, and that too outlives a kill.
        let load = Load::on(&server.url(), &applications);
        let mut ended = Vec::new();
        for chain in &chains {
            let chain = chain.lock().await;
            let late = chain.spent.iter().find(|(_, at)| since(*at) > LATE);
            if let Some((token, _)) = late {
                assert_eq!(load.refresh(token).await.unwrap().error(), "invalid_grant");
                ended.push(chain.last.clone());
            }
        }
        server.kill();
        let (server, took) = home.start().await;
        starts.push(took);
        let load = Load::on(&server.url(), &applications);
        let told = Told { revoked: [revoked.concat(), ended].concat(), ..Told::default() };
        are_revoked(&load, &told).await;
        server.stop().fine();

        let (usual, worst) = figures(starts);
        eprintln!("{:?}: {kills} kills, {acknowledged} acknowledged; ready after {usual:?}, at worst {worst:?}", home.engine);
        assert!(usual <= Duration::from_secs(1), "F1: ready after {usual:?}");
        nothing_is_half_done(&home).await;
    }
}

/// What is written in one transaction is there or not, together.
async fn nothing_is_half_done(home: &Home) {
    let mut raw = home.raw().await;
    for (what, where_) in [
        (
            "a code was spent for nothing",
            "authorization_codes WHERE consumed_at IS NOT NULL AND family_id NOT IN (SELECT id FROM families)",
        ),
        (
            "a refresh token was spent for nothing",
            "refresh_tokens WHERE spent_at IS NOT NULL \
             AND successor_hash NOT IN (SELECT token_hash FROM refresh_tokens)",
        ),
        (
            "a family ended and nobody knows why",
            "families WHERE revoked_at IS NOT NULL AND id NOT IN (SELECT target FROM audit_events \
             WHERE action IN ('token.revoked', 'authorization_code.reused', 'refresh_token.reused'))",
        ),
    ] {
        assert_eq!(
            raw.number(&format!("SELECT COUNT(*) FROM {where_}")).await,
            0,
            "{what}"
        );
    }
    let families = raw.count("families").await;
    for (rows, action) in [
        (families, "token.issued' AND detail LIKE '%authorization_code%"),
        (raw.count("authorization_codes").await, "application.authorized"),
        (raw.count("refresh_tokens").await - families, "token.refreshed"),
    ] {
        let events = format!("SELECT COUNT(*) FROM audit_events WHERE action = '{action}'");
        assert_eq!(rows, raw.number(&events).await, "rows and their events: {action}");
    }
}
