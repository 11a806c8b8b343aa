//! What is counted while the server runs, for Prometheus to read. Every label is a word of ours or a route's pattern:
//! nothing that a caller sends, no id and no address.
//!
//! Counting takes atomic additions and no lock. What is true at the moment of reading (connections, queues, keys) is
//! not kept here: the endpoint asks whoever knows it.

mod counters;
mod exposition;
mod histogram;
mod requests;

pub use counters::{Counters, Label};
pub use exposition::{Exposition, Kind};
pub use requests::Requests;

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::oauth::GrantType;

/// Everything that is counted.
#[derive(Default)]
pub struct Metrics {
    /// HTTP requests answered on the public port.
    pub requests: Requests,
    /// Passwords that somebody tried.
    pub sign_ins: Counters<SignInOutcome>,
    /// Token requests that were granted.
    pub tokens: Counters<GrantType>,
    /// Letters that somebody tried to deliver.
    pub letters: Counters<LetterOutcome>,
    /// Letters on their way when the post office last looked. They are in the database, which may be what is slow.
    letters_waiting: AtomicI64,
}

/// How somebody's try to sign in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// In.
    SignedIn,
    /// Not with this, or no such account.
    Wrong,
    /// After too many tries.
    TooSoon,
    /// The sign-in was over, or another browser's.
    Over,
    /// The server had too many passwords to check.
    Busy,
}

/// How a try to deliver a letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterOutcome {
    /// It was taken.
    Delivered,
    /// It is to be tried again.
    Postponed,
    /// It never will be.
    GivenUp,
}

impl Label for LetterOutcome {
    const ALL: &'static [Self] = &[Self::Delivered, Self::Postponed, Self::GivenUp];

    fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Postponed => "postponed",
            Self::GivenUp => "given_up",
        }
    }
}

impl Label for SignInOutcome {
    const ALL: &'static [Self] = &[Self::SignedIn, Self::Wrong, Self::TooSoon, Self::Over, Self::Busy];

    fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Wrong => "wrong",
            Self::TooSoon => "too_soon",
            Self::Over => "over",
            Self::Busy => "busy",
        }
    }
}

impl Label for GrantType {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Metrics {
    /// So many letters are on their way.
    pub fn letters_wait(&self, count: i64) {
        self.letters_waiting.store(count, Ordering::Relaxed);
    }

    /// Writes all of it.
    pub fn write(&self, page: &mut Exposition) {
        self.requests.write(page);
        page.family(
            "doorward_sign_ins_total",
            Kind::Counter,
            "Passwords that somebody tried, by how it ended.",
        );
        self.sign_ins.write(page, "doorward_sign_ins_total", "outcome");
        page.family(
            "doorward_tokens_issued_total",
            Kind::Counter,
            "Token requests that were granted.",
        );
        self.tokens
            .write(page, "doorward_tokens_issued_total", "grant_type");
        let name = "doorward_letters_total";
        page.family(name, Kind::Counter, "Tries to deliver a letter, by how it ended.");
        self.letters.write(page, name, "outcome");
        let name = "doorward_letters_waiting";
        page.family(
            name,
            Kind::Gauge,
            "Letters on their way when the post office last looked.",
        );
        page.sample(name, &[], self.letters_waiting.load(Ordering::Relaxed));
    }
}
