//! What the internal port is handed: the running instance, once there is one, and whether it is about to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::audit::Observations;
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use crate::storage::Db;

/// What the internal port is handed, from before the start to after the end. Cheap to copy.
#[derive(Clone)]
pub struct Internal(Arc<Inner>);

struct Inner {
    clock: Clock,
    started_at: Timestamp,
    running: OnceLock<Running>,
    stopping: AtomicBool,
}

/// What can be watched of an instance that runs.
pub struct Running {
    /// Where everything is.
    pub db: Db,
    /// What signs.
    pub keyring: Keyring,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// What waits for the audit log.
    pub observations: Observations,
}

impl Internal {
    /// For a process that starts now.
    pub fn starting(clock: Clock) -> Self {
        Self(Arc::new(Inner {
            started_at: clock.now(),
            clock,
            running: OnceLock::new(),
            stopping: AtomicBool::new(false),
        }))
    }

    /// The instance runs, from now on.
    pub fn is_running(&self, running: Running) {
        // It starts once; a second instance in this process would not be the one that is watched.
        let _first = self.0.running.set(running);
    }

    /// No new work should come here.
    pub fn is_stopping(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// The instance, once it runs.
    pub fn running(&self) -> Option<&Running> {
        self.0.running.get()
    }

    /// Whether it was told to stop.
    pub fn stops(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    /// When the process started.
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
