//! What a request costs: `make bench`, or `make bench ROWS=refresh` for the rows whose work is so called.
//!
//! Everything runs on two cores of this machine, and on loopback. The server, and the "hello" it is held against, have
//! the first core; this program, which asks, has the second, with PostgreSQL beside it. So whatever the server can do
//! is what one core can do, and asking costs it nothing. Rows that say *two cores* let the server use the second core
//! too: there little is asked, and much is waited for.
//!
//! - The server is the release build of `doorward serve`, as anybody runs it: its own process, its log in a file, its
//!   database durable (SQLite with `synchronous=FULL`, PostgreSQL with `fsync=on`).
//! - *Hello* is axum's own server with one route that answers 1 KB of JSON from memory, in a process of its own.
//! - Each connection is kept alive and asks again as soon as it has its answer. A rate is the units of work done in the
//!   time measured, after a warm-up; p50 and p99 are of one unit. A unit is one request, but for a sign-in, which is
//!   the whole walk.
//! - *CPU* is how much of one core the server used. Where a ratio is one of CPU, what is compared is the work done in a
//!   second of the server's CPU, which stays true where the asking is what limits the rate.
//! - *Bound* is 1 / (time of a hello + time of the signature), both of CPU.
//! - Any answer that is not what the work expects ends the run with exit code 1. Times never do.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement is against the machine's own clock"
)]
#![expect(clippy::unwrap_used, reason = "a measurement that can't go on stops")]
#![expect(clippy::print_stdout, reason = "the table is what is asked for")]
#![expect(clippy::print_stderr, reason = "and this is how it goes on")]

mod bench;
mod client;
#[path = "../it/harness/crowd.rs"]
mod crowd;
mod hello;
#[path = "../it/harness/lifeline.rs"]
mod lifeline;
mod lists;
mod load;
mod machine;
#[path = "../it/harness/postgres.rs"]
mod postgres;
mod primitives;
mod process;
mod rows;
mod scripts;
mod sealing;
mod seed;
mod table;

use bench::Bench;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    if words.first().is_some_and(|word| word == hello::COMMAND) {
        return hello::serve();
    }
    machine::stay_on(machine::ASKING);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(Bench::new(words).run());
}
