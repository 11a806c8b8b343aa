//! The change feed: what a node's own writes have changed, so that nothing read before is believed after.
//!
//! It holds numbers, never facts. A collision of two topics only costs somebody a reload.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::domain::id::{ActivationId, ApplicationId, FamilyId, KeyId, OrganizationId, SessionId, UserId};

/// What a fact that is read often can depend on. Whoever keeps one names every topic that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// An application's own row.
    Application(ApplicationId),
    /// A person's own row, and which organizations they belong to.
    User(UserId),
    /// An organization's own row, and everything that access in it is decided by: memberships, roles, groups, grants,
    /// products. Coarse on purpose.
    Organization(OrganizationId),
    /// A session, its proofs, and whether it has an activation for an organization. When a session is forgotten, its
    /// activations go without a word of their own: what depends on one depends on its session too.
    Session(SessionId),
    /// An activation.
    Activation(ActivationId),
    /// A family.
    Family(FamilyId),
    /// An API key's own row.
    Key(KeyId),
    /// The outbox got a letter. Nothing is kept of it: it wakes whoever delivers.
    Outbox,
}

/// One slot for each number that fits.
const SLOTS: usize = 1 << 16;

/// The place of a topic in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(u16);

impl Slot {
    const OUTBOX: Self = Self(0);
}

impl From<Topic> for Slot {
    /// Ids are random in their last bits (RFC 9562 §5.7), and nobody chooses them.
    fn from(topic: Topic) -> Self {
        let (kind, uuid) = match topic {
            Topic::Application(id) => (1, id.uuid()),
            Topic::User(id) => (2, id.uuid()),
            Topic::Organization(id) => (3, id.uuid()),
            Topic::Session(id) => (4, id.uuid()),
            Topic::Activation(id) => (5, id.uuid()),
            Topic::Family(id) => (6, id.uuid()),
            Topic::Key(id) => (7, id.uuid()),
            Topic::Outbox => return Self::OUTBOX,
        };
        let bytes = uuid.as_bytes();
        Self(u16::from_be_bytes([bytes[14], bytes[15]]).rotate_left(kind))
    }
}

/// When, counted in changes, each topic changed last. Cheap to copy; lock-free; never grows.
#[derive(Clone)]
pub struct Changes(Arc<Feed>);

struct Feed {
    /// How many times anything has changed.
    count: AtomicU64,
    /// That count at each slot's last change.
    slots: Box<[AtomicU64]>,
    /// Told when the outbox may have got a letter.
    posted: Notify,
}

impl Default for Changes {
    fn default() -> Self {
        Self(Arc::new(Feed {
            count: AtomicU64::new(0),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            posted: Notify::new(),
        }))
    }
}

impl Changes {
    /// This moment. Take it *before* reading: a change while one reads is then found to be later.
    pub fn moment(&self) -> Moment {
        Moment(self.0.count.load(Ordering::SeqCst))
    }

    /// What is about to be read depends on these topics. To be taken *before* reading; who learns the topics only by
    /// reading takes the [`Changes::moment`] before and makes the mark of it after.
    pub fn mark(&self, topics: &[Topic]) -> Mark {
        self.moment().mark(topics)
    }

    /// Resolves once this node has put a letter into the outbox since it last did: for the one who delivers.
    pub async fn posted(&self) {
        self.0.posted.notified().await;
    }

    /// Tells that these have changed.
    pub(super) fn moved(&self, slots: &[Slot]) {
        if slots.is_empty() {
            return;
        }
        let count = self.0.count.fetch_add(1, Ordering::SeqCst) + 1;
        for Slot(slot) in slots {
            self.0.slots[usize::from(*slot)].fetch_max(count, Ordering::SeqCst);
        }
        if slots.contains(&Slot::OUTBOX) {
            self.0.posted.notify_one();
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

/// A point between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// What was read after this moment depends on these topics.
    pub fn mark(self, topics: &[Topic]) -> Mark {
        Mark {
            read_after: self,
            slots: topics.iter().map(|topic| Slot::from(*topic)).collect(),
        }
    }
}

/// What something that was read depends on, and since when: it holds until one of that changes.
#[derive(Debug, Clone)]
pub struct Mark {
    read_after: Moment,
    slots: Box<[Slot]>,
}

impl Mark {
    /// Whether nothing of it has changed since.
    pub fn is_current(&self, changes: &Changes) -> bool {
        let changed_at = |Slot(slot): &Slot| changes.0.slots[usize::from(*slot)].load(Ordering::SeqCst);
        self.slots
            .iter()
            .all(|slot| changed_at(slot) <= self.read_after.0)
    }
}
