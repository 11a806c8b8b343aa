//! Observations: what happened and changed nothing, such as a token that was issued or a refusal. They wait a moment in
//! memory, are written in batches, and are never dropped: when there is no room, whoever brings one waits. So a log
//! that can't be written stops what must be logged.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, Semaphore};

use super::Event;
use super::canonical::stored;
use super::refusals::{Refusals, Sum, Sums};
use crate::domain::id::OrganizationId;
use crate::domain::network::Network;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::audit_events::{self, StoredEvent};
use crate::storage::{Db, Lane, StorageError};

/// The way into the log. Cheap to copy.
#[derive(Clone)]
pub struct Observations(Arc<Shared>);

/// Events in one transaction; others' writes wait for it.
const BATCH: usize = 1024;

struct Shared {
    db: Db,
    keyring: Keyring,
    waiting: Mutex<Waiting>,
    /// A permit for each event or sum that still finds room; it comes back when that is written.
    room: Semaphore,
    arrived: Notify,
    crowded: Notify,
    /// The batch being written, kept until it is: who was interrupted or failed goes on with the same.
    writing: tokio::sync::Mutex<Arc<[StoredEvent]>>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<StoredEvent>,
    sums: Sums,
    closed: bool,
}

impl Waiting {
    fn len(&self) -> usize {
        self.events.len() + self.sums.len()
    }
}

impl Observations {
    /// Events and sums that wait at most, written or under way.
    pub const ROOM: usize = 8 * BATCH;

    /// An empty queue to this database's log.
    pub fn of(db: Db, keyring: Keyring) -> Self {
        Self(Arc::new(Shared {
            db,
            keyring,
            waiting: Mutex::default(),
            room: Semaphore::new(Self::ROOM),
            arrived: Notify::new(),
            crowded: Notify::new(),
            writing: tokio::sync::Mutex::default(),
        }))
    }

    /// Takes an event for the log. To be awaited before the answer goes out.
    pub async fn observe(&self, event: &Event, now: Timestamp) {
        let stored = stored(&self.0.keyring, event, now);
        self.place().await;
        let taken = {
            let mut waiting = self.waiting();
            let open = !waiting.closed;
            if open {
                waiting.events.push_back(stored);
            }
            open
        };
        self.taken(taken).await;
    }

    /// Counts a refusal of a kind (`noun.verb`, as events are called), by network and minute; without an organization
    /// it belongs to the instance's own log. To be awaited before the answer goes out.
    pub async fn refused(
        &self,
        kind: &'static str,
        network: Network,
        organization: Option<OrganizationId>,
        now: Timestamp,
    ) {
        let refusals = Refusals {
            kind,
            network,
            organization,
            minute: Refusals::minute(now),
        };
        if let Some(sum) = self.waiting().sums.get_mut(&refusals) {
            return sum.one_more(now);
        }
        self.place().await;
        let taken = {
            let mut waiting = self.waiting();
            let open = !waiting.closed;
            match waiting.sums.entry(refusals) {
                Entry::Occupied(mut begun) => {
                    begun.get_mut().one_more(now);
                    self.0.room.add_permits(1);
                }
                Entry::Vacant(place) if open => drop(place.insert(Sum::begin(now))),
                Entry::Vacant(_) => {}
            }
            open
        };
        self.taken(taken).await;
    }

    /// Writes the events that wait, and the refusals of minutes that are over. When it is crowded, all of them.
    pub async fn write(&self, now: Timestamp) -> Result<(), StorageError> {
        self.write_before(Some(Refusals::minute(now))).await
    }

    /// Writes everything that waits.
    pub async fn flush(&self) -> Result<(), StorageError> {
        self.write_before(None).await
    }

    /// Takes nothing more, and writes everything that waits. Whoever still brings something is not answered any more.
    pub async fn close(&self) -> Result<(), StorageError> {
        self.waiting().closed = true;
        self.flush().await
    }

    /// How many events and sums wait.
    pub fn waiting_count(&self) -> usize {
        Self::ROOM - self.0.room.available_permits()
    }

    /// Resolves once something waits.
    pub async fn arrival(&self) {
        while self.waiting().len() == 0 {
            self.0.arrived.notified().await;
        }
    }

    /// Resolves once so much waits that it should be written now.
    pub async fn crowd(&self) {
        self.0.crowded.notified().await;
    }

    /// A place in the queue, which comes free once what takes it is written.
    async fn place(&self) {
        let place = self.0.room.acquire().await;
        place.expect("this semaphore is never closed").forget();
        if self.waiting_count() >= BATCH {
            self.0.crowded.notify_one();
        }
    }

    async fn taken(&self, taken: bool) {
        if taken {
            self.0.arrived.notify_one();
        } else {
            // The server is closing: what can't be logged any more is not done.
            std::future::pending::<()>().await;
        }
    }

    async fn write_before(&self, minute: Option<i64>) -> Result<(), StorageError> {
        let mut batch = self.0.writing.lock().await;
        loop {
            if batch.is_empty() {
                *batch = self.next_batch(minute).into();
            }
            if batch.is_empty() {
                return Ok(());
            }
            self.store(Arc::clone(&batch)).await?;
            self.0.room.add_permits(batch.len());
            *batch = Arc::default();
        }
    }

    async fn store(&self, events: Arc<[StoredEvent]>) -> Result<(), StorageError> {
        let work = self.0.db.write(Lane::Guarded, move |tx| {
            let events = Arc::clone(&events);
            Box::pin(async move { audit_events::insert_all(tx, &events).await })
        });
        work.await
    }

    fn next_batch(&self, minute: Option<i64>) -> Vec<StoredEvent> {
        let (mut batch, sums) = {
            let mut waiting = self.waiting();
            let minute = minute.filter(|_| waiting.len() < Self::ROOM / 2);
            let few = waiting.events.len().min(BATCH);
            let events: Vec<_> = waiting.events.drain(..few).collect();
            let over =
                |refusals: &Refusals, _: &mut Sum| minute.is_none_or(|minute| refusals.minute < minute);
            let sums: Vec<_> = waiting.sums.extract_if(over).take(BATCH - few).collect();
            (events, sums)
        };
        batch.extend(sums.into_iter().map(|(refusals, sum)| {
            let (event, at) = refusals.event(&sum);
            stored(&self.0.keyring, &event, at)
        }));
        batch
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().expect("nothing panics while it is held")
    }
}
