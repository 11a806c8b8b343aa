//! Asking, on many connections at once, and measuring how long it takes.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};

use crate::client::{Answer, Connection};
use crate::machine;
use crate::process::Server;

/// What is not measured, before what is.
const WARM_UP: Duration = Duration::from_secs(1);
/// What is measured.
const MEASURED: Duration = Duration::from_secs(3);

/// What one connection does again and again.
pub(crate) trait Script {
    /// The next request.
    fn next(&mut self) -> Vec<u8>;

    /// Takes its answer: whether a unit of work is done, or what is wrong with it.
    fn take(&mut self, answer: &Answer<'_>) -> Result<bool, String>;
}

/// How a piece of work went.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Units of work a second.
    pub(crate) rate: f64,
    /// How much of one core the server used.
    pub(crate) cpu: f64,
    /// How long one unit takes, half of them at most.
    pub(crate) p50: Duration,
    /// The same for 99 of 100.
    pub(crate) p99: Duration,
}

impl Measured {
    /// Units of work in a second of the server's CPU.
    pub(crate) fn per_cpu(&self) -> f64 {
        self.rate / self.cpu
    }
}

#[derive(Clone, Copy)]
struct Window {
    opens: Instant,
    closes: Instant,
}

/// Lets each script ask a server on a connection of its own.
///
/// # Panics
///
/// When an answer is not what its script expects.
pub(crate) async fn run(server: &Server, scripts: Vec<Box<dyn Script>>) -> Measured {
    let opens = Instant::now() + WARM_UP;
    let window = Window {
        opens,
        closes: opens + MEASURED,
    };
    let local = LocalSet::new();
    let mut asking = JoinSet::new();
    for script in scripts {
        asking.spawn_local_on(ask(server.address, script, window), &local);
    }
    let pid = server.pid();
    let cpu = local
        .run_until(async move {
            tokio::time::sleep_until(window.opens.into()).await;
            let before = machine::cpu_time(pid);
            tokio::time::sleep_until(window.closes.into()).await;
            machine::cpu_time(pid).saturating_sub(before)
        })
        .await;
    let all = local.run_until(asking.join_all()).await;
    let mut took: Vec<Duration> = all.into_iter().flatten().collect();
    took.sort_unstable();
    assert!(took.len() > 1, "nothing was done in the time measured");
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    Measured {
        rate: count(took.len()) / MEASURED.as_secs_f64(),
        cpu: cpu.as_secs_f64() / MEASURED.as_secs_f64(),
        p50: at(50),
        p99: at(99),
    }
}

/// Works until the window closes; answers how long each unit in it took.
async fn ask(address: SocketAddr, mut script: Box<dyn Script>, window: Window) -> Vec<Duration> {
    let mut connection = Connection::open(address).await.unwrap();
    let mut took = Vec::with_capacity(64 * 1024);
    let mut begun = Instant::now();
    while begun < window.closes {
        let request = script.next();
        let answer = connection.exchange(&request).await.unwrap();
        let done = script
            .take(&answer)
            .unwrap_or_else(|wrong| panic!("{wrong}: {}", answer.told()));
        if done {
            let now = Instant::now();
            if (window.opens..window.closes).contains(&now) {
                took.push(now - begun);
            }
            begun = now;
        }
    }
    took
}

/// The same request again and again, answered with 200 and with these words in it.
pub(crate) struct Fixed {
    pub(crate) request: Rc<[u8]>,
    pub(crate) holds: &'static str,
}

impl Script for Fixed {
    fn next(&mut self) -> Vec<u8> {
        self.request.to_vec()
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        let holds = self.holds.as_bytes();
        let is_right = answer.status == 200
            && (holds.is_empty() || answer.body.windows(holds.len()).any(|words| words == holds));
        if is_right {
            Ok(true)
        } else {
            Err(format!("not 200 with {:?}", self.holds))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn count(units: usize) -> f64 {
    units as f64
}
