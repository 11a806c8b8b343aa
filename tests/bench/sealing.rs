//! What sealing the audit log costs the work that writes most into it: refresh, with sealing and without, in turns.
//!
//! Without is a server that finds its note of how far sealing has come changed: it seals nothing then. Once the note is as
//! it was, the sealer takes up what it left, and the next turn begins when it has.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::bench::{Bench, Held, Scripts};
use crate::load::{self, Measured, Script};
use crate::machine;
use crate::process::Server;
use crate::scripts::{Refresh, arrive};
use crate::seed::{Engine, PEOPLE, Place};

/// Turns of each.
const TURNS: usize = 7;

/// How long the sealer waits after it failed, and some more.
const NOTICED: Duration = Duration::from_secs(7);

/// A connection beside the server's own.
enum Beside {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Beside {
    async fn of(place: &Place) -> Self {
        let config = place.config();
        if let Some(url) = config.database_url {
            return Self::Postgres(PgConnection::connect(&url).await.unwrap());
        }
        let file = format!("sqlite://{}", config.data_dir.join("doorward.db").display());
        Self::Sqlite(SqliteConnection::connect(&file).await.unwrap())
    }

    async fn run(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        }
        .unwrap();
    }

    /// How many events are not sealed.
    async fn unsealed(&mut self) -> i64 {
        let sql = "SELECT COUNT(*) FROM audit_events WHERE position >= (SELECT next FROM audit_sealing)";
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
        }
        .unwrap()
    }
}

impl Bench {
    /// Refresh with sealing, held against refresh without.
    pub(crate) async fn sealing(&mut self, engine: Engine, place: &Place, client: &str) {
        if !self.wants("sealing") {
            return;
        }
        let server = Server::doorward(place, machine::BOTH).await;
        let mut beside = Beside::of(place).await;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            with.push(refreshes(&server, client).await);
            beside.run("UPDATE audit_sealing SET seals = -seals").await;
            tokio::time::sleep(NOTICED).await;
            without.push(refreshes(&server, client).await);
            beside.run("UPDATE audit_sealing SET seals = -seals").await;
            while beside.unsealed().await > 0 {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        server.stop();
        let (with, without) = (median(with), median(without));
        let ratio = with.rate / without.rate;
        let held = Held {
            ratio: Some(ratio),
            figure: "≥ 95% of without sealing".to_owned(),
            met: Some(ratio >= 0.95),
        };
        self.row(
            "refresh without sealing",
            engine.name(),
            PEOPLE,
            without,
            Held::free(),
        );
        self.row("refresh with sealing", engine.name(), PEOPLE, with, held);
    }
}

/// One turn, of people who just came.
async fn refreshes(server: &Server, client: &str) -> Measured {
    let mut scripts: Scripts = Vec::new();
    for number in 0..PEOPLE {
        let person = arrive(server.address, number, client).await;
        scripts.push(Box::new(Refresh::of(&person)) as Box<dyn Script>);
    }
    load::run(server, scripts).await
}

fn median(mut turns: Vec<Measured>) -> Measured {
    turns.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    turns[turns.len() / 2]
}
