//! How busy a database is kept, in numbers for who watches over it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What one node does with its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Writes in line: on SQLite for the writer, on PostgreSQL for their lane and a connection.
    pub waiting: usize,
    /// Writes that were committed since the start.
    pub writes: u64,
    /// Commits since the start; on SQLite one commit can hold many writes.
    pub commits: u64,
    /// Open connections.
    pub connections: u32,
    /// Those of them that do nothing.
    pub idle_connections: u32,
}

/// What is counted as it happens.
#[derive(Default)]
pub(super) struct Tally {
    writes: AtomicU64,
    commits: AtomicU64,
    waiting: AtomicUsize,
}

/// One that waits, until it is dropped.
pub(super) struct InLine<'a>(&'a Tally);

impl Tally {
    pub(super) fn committed(&self, writes: usize) {
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn wait(&self) -> InLine<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        InLine(self)
    }

    /// The numbers, with the connections of these pools: how many, and how many of them idle.
    pub(super) fn stats(&self, pools: &[(u32, usize)]) -> Stats {
        Stats {
            waiting: self.waiting.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            connections: pools.iter().map(|(size, _)| size).sum(),
            idle_connections: pools
                .iter()
                .map(|(_, idle)| u32::try_from(*idle).unwrap_or(u32::MAX))
                .sum(),
        }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
