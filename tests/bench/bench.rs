//! A run: which rows are wanted, what everything is held against, and what was measured so far.

use std::rc::Rc;
use std::time::Duration;

use crate::client::get;
use crate::load::{self, Fixed, Measured, Script};
use crate::machine;
use crate::primitives::Primitives;
use crate::process::Server;
use crate::seed::Engine;
use crate::table::{self, Outcome, Row};

/// How many ask at once.
pub(crate) const CONNECTIONS: [usize; 2] = [16, 64];

/// A run.
pub(crate) struct Bench {
    wanted: Vec<String>,
    pub(crate) primitives: Primitives,
    /// Hello at each number of connections.
    hello: Vec<Measured>,
    rows: Vec<Row>,
}

/// What a row is held against.
pub(crate) struct Held {
    pub(crate) ratio: Option<f64>,
    pub(crate) figure: String,
    pub(crate) met: Option<bool>,
}

/// What each connection does, of so many.
pub(crate) type Scripts = Vec<Box<dyn Script>>;

impl Held {
    /// Against nothing.
    pub(crate) fn free() -> Self {
        Self {
            ratio: None,
            figure: String::new(),
            met: None,
        }
    }

    pub(crate) fn to(figure: &str, met: bool) -> Self {
        Self {
            ratio: None,
            figure: figure.to_owned(),
            met: Some(met),
        }
    }
}

impl Bench {
    /// Only the rows whose work has one of these words; all of them without any.
    pub(crate) fn new(wanted: Vec<String>) -> Self {
        Self {
            wanted,
            primitives: Primitives::measure(),
            hello: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn wants(&self, work: &str) -> bool {
        let work = work.to_lowercase();
        self.wanted.is_empty() || self.wanted.iter().any(|word| work.contains(&word.to_lowercase()))
    }

    /// Whether nothing else is wanted.
    pub(crate) fn wants_only(&self, work: &str) -> bool {
        !self.wanted.is_empty() && self.wanted.iter().all(|word| word == work)
    }

    pub(crate) async fn run(mut self) {
        let busy = machine::load_average();
        eprintln!("the machine's load before: {busy}");
        for (work, rate) in self.primitives.all() {
            self.tell(work, "–", format!("{rate:.0}/s"), Held::free());
        }
        self.measure_hello().await;
        for engine in Engine::ALL {
            self.measure(engine).await;
            self.lists(engine).await;
        }
        table::print(&self.rows);
        println!("\nThe machine's load over the minute before: {busy}.");
        if self.hello.iter().any(|hello| hello.cpu < 0.9) {
            println!(
                "It was busy with other things: hello had no whole core. Rates and times are worth nothing; ratios of \
                 CPU are too low by what caches lost."
            );
        }
    }

    async fn measure_hello(&mut self) {
        let server = Server::hello().await;
        for connections in CONNECTIONS {
            let measured = load::run(&server, same(&get("/", ""), connections)).await;
            self.hello.push(measured);
            self.row("hello", "–", connections, measured, Held::free());
        }
    }

    /// Measures work with as many connections as there are to be, each time held against something.
    pub(crate) async fn each(
        &mut self,
        server: &Server,
        work: &'static str,
        engine: &'static str,
        scripts: impl Fn(usize) -> Scripts,
        held: impl Fn(&Self, usize, &Measured) -> Held,
    ) {
        if !self.wants(work) {
            return;
        }
        for connections in CONNECTIONS {
            let measured = load::run(server, scripts(connections)).await;
            let held = held(self, connections, &measured);
            self.row(work, engine, connections, measured, held);
        }
    }

    /// Against a share of hello; what is not as fast by far is also to be answered in 5 ms.
    pub(crate) fn against_hello(&self, share: f64, connections: usize, measured: &Measured) -> Held {
        let ratio = measured.per_cpu() / self.hello_at(connections).per_cpu();
        let bounded = share < 0.9 && connections == 64;
        let in_time = !bounded || measured.p99 <= Duration::from_millis(5);
        let figure = format!(
            "≥ {:.0}% of hello{}",
            share * 100.0,
            if bounded { ", p99 ≤ 5 ms" } else { "" }
        );
        Held {
            ratio: Some(ratio),
            figure,
            met: Some(ratio >= share && in_time),
        }
    }

    /// Against half of the bound: a hello and a signature.
    pub(crate) fn against_signing(&self, connections: usize, measured: &Measured) -> Held {
        let hello = self.hello_at(connections).per_cpu();
        let bound = 1.0 / (1.0 / hello + 1.0 / self.primitives.es256_sign);
        let ratio = measured.per_cpu() / bound;
        Held {
            ratio: Some(ratio),
            figure: "≥ 50% of the bound".to_owned(),
            met: Some(ratio >= 0.5),
        }
    }

    fn hello_at(&self, connections: usize) -> &Measured {
        let place = CONNECTIONS.iter().position(|known| *known == connections);
        &self.hello[place.unwrap()]
    }

    pub(crate) fn row(
        &mut self,
        work: &'static str,
        engine: &'static str,
        connections: usize,
        measured: Measured,
        held: Held,
    ) {
        eprintln!("{work}, {engine}, {connections}: {:.0}/s", measured.rate);
        self.rows.push(Row {
            work,
            engine,
            connections,
            outcome: Outcome::Load(measured),
            held,
        });
    }

    pub(crate) fn tell(&mut self, work: &'static str, engine: &'static str, value: String, held: Held) {
        eprintln!("{work}, {engine}: {value}");
        self.rows.push(Row {
            work,
            engine,
            connections: 0,
            outcome: Outcome::Value(value),
            held,
        });
    }
}

/// The same request on every connection.
pub(crate) fn same(request: &[u8], connections: usize) -> Scripts {
    let request: Rc<[u8]> = request.into();
    (0..connections).map(|_| fixed(&request, "")).collect()
}

/// One request again and again, answered with 200 and with these words.
pub(crate) fn fixed(request: &Rc<[u8]>, holds: &'static str) -> Box<dyn Script> {
    let request = Rc::clone(request);
    Box::new(Fixed { request, holds })
}
