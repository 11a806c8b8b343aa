//! The only place that asks what time it is. Everything else is handed a [`Timestamp`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::time::Timestamp;

/// Tells the time: the machine's, or in tests one that moves only when told.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

/// Something that is being measured.
pub struct Stopwatch(Start);

enum Start {
    Machine(Instant),
    Standing(Clock, Timestamp),
}

impl Stopwatch {
    /// How long it took so far.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Start::Machine(start) => start.elapsed(),
            Start::Standing(clock, start) => clock.now().since(*start),
        }
    }
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still at `start` until [`Clock::advance`]; its copies stand with it.
    pub fn standing_at(start: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(start.millis()))))
    }

    /// The present.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(&self) -> Timestamp {
        if let Some(standing) = &self.0 {
            return Timestamp::from_millis(standing.load(Ordering::SeqCst));
        }
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Timestamp::from_millis(0).plus(since_epoch)
    }

    /// Starts measuring how long something takes, finer than timestamps can.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(match &self.0 {
            Some(_) => Start::Standing(self.clone(), self.now()),
            None => Start::Machine(Instant::now()),
        })
    }

    /// Moves a standing clock; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Some(standing) = &self.0 {
            let moved = self.now().plus(by);
            standing.store(moved.millis(), Ordering::SeqCst);
        }
    }
}
