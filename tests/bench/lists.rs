//! Lists of the API, with a thousand people and with a hundred thousand: what a page takes must hardly know how many
//! others there are.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::bench::{Bench, Held};
use crate::client::{Connection, get};
use crate::crowd::crowd;
use crate::machine;
use crate::process::Server;
use crate::seed::{Engine, Place};
use crate::table::millis;

/// Every list there is, and what it can be asked.
const LISTS: [&str; 19] = [
    "/v2/organizations?limit=10",
    "/v2/organizations?query=crowd-&limit=10",
    "/v2/users",
    "/v2/users?query=p7",
    "/v2/users?query=number7",
    "/v2/organizations/crowd-7/members",
    "/v2/organizations/crowd-7/members?query=pers",
    "/v2/organizations/crowd-7/members?query=number1",
    "/v2/organizations/crowd-7/members?status=inactive",
    "/v2/organizations/crowd-7/members?role=viewer",
    "/v2/organizations/crowd-7/roles",
    "/v2/organizations/crowd-7/groups",
    "/v2/organizations/crowd-7/grants",
    "/v2/organizations/crowd-7/products",
    "/v2/organizations/crowd-7/applications",
    "/v2/organizations/crowd-7/api-keys",
    "/v2/organizations/crowd-7/sessions",
    "/v2/organizations/crowd-7/invitations",
    "/v2/organizations/crowd-7/invitations?state=pending",
];

/// How often each is asked.
const TIMES: usize = 300;

/// People in each organization.
const IN_EACH: u32 = 100;

/// A server with so many people, and who may look at them all.
struct Filled {
    server: Server,
    connection: Connection,
    headers: String,
    _place: Place,
}

impl Filled {
    async fn with(engine: Engine, organizations: u32) -> Self {
        let place = Place::new(engine).await;
        let (_, key) = place.set_up();
        let bytes = if engine == Engine::Sqlite { "BLOB" } else { "BYTEA" };
        let statements = crowd(organizations, IN_EACH).replace("{bytes}", bytes);
        let statements = AssertSqlSafe(format!("{statements};\nANALYZE"));
        let config = place.config();
        if let Some(url) = &config.database_url {
            let mut raw = PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut raw).await.unwrap();
        } else {
            let file = format!("sqlite:{}", config.data_dir.join("doorward.db").display());
            let mut raw = SqliteConnection::connect(&file).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut raw).await.unwrap();
            raw.close().await.unwrap();
        }
        let server = Server::doorward(&place, machine::SERVING).await;
        Self {
            connection: Connection::open(server.address).await.unwrap(),
            server,
            headers: format!("Authorization: Bearer {key}\r\n"),
            _place: place,
        }
    }

    async fn ask(&mut self, path: &str) -> Duration {
        let request = get(path, &self.headers);
        let start = Instant::now();
        let answer = self.connection.exchange(&request).await.unwrap();
        let took = start.elapsed();
        assert_eq!(answer.status, 200, "{path}: {}", answer.told());
        took
    }
}

impl Bench {
    /// Each list on two servers, asked in turn, so that what else the machine does slows both.
    pub(crate) async fn lists(&mut self, engine: Engine) {
        if !self.wants("lists") {
            return;
        }
        let mut few = Filled::with(engine, 10).await;
        let mut many = Filled::with(engine, 1_000).await;
        // A silent connection is closed, and filling the other took its time.
        few.connection = Connection::open(few.server.address).await.unwrap();
        let mut worst = (0.0, String::new());
        for path in LISTS {
            let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
            for _ in 0..TIMES {
                of_few.push(few.ask(path).await);
                of_many.push(many.ask(path).await);
            }
            let (one, other) = (median(of_few), median(of_many));
            let ratio = other.as_secs_f64() / one.as_secs_f64();
            eprintln!("{path}, {}: {} and {}", engine.name(), millis(one), millis(other));
            if ratio > worst.0 {
                worst = (ratio, format!("{} and {}, {path}", millis(one), millis(other)));
            }
        }
        let held = Held {
            ratio: Some(worst.0),
            figure: "≤ 150% of 1,000 people".to_owned(),
            met: Some(worst.0 <= 1.5),
        };
        self.tell("lists, 100,000 people", engine.name(), worst.1, held);
        few.server.stop();
        many.server.stop();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
