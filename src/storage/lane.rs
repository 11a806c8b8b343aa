//! Lanes: writes that would contend wait in line before their transaction begins (DESIGN §6).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::OwnedMutexGuard;

use crate::domain::id::{OrganizationId, UserId};
use crate::domain::network::Network;

/// Whom a write may contend with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Hardly anybody: guarded single-row changes, such as tokens.
    Free,
    /// Hardly anybody, and every decision in it is one guarded statement (`UPDATE … WHERE spent_at IS NULL`), which needs no
    /// view of its own. On PostgreSQL it is `READ COMMITTED`: serializable transactions that touch random pages of one
    /// index can lose against each other though their rows have nothing in common.
    Guarded,
    /// Other writes on one organization: limits, last owner, roles.
    Organization(OrganizationId),
    /// Other writes on one user.
    User(UserId),
    /// Other anonymous writes from one network: unfinished sign-ins and requests, and the count of them.
    Network(Network),
    /// Other writes on the instance itself: first owner, signing keys.
    Instance,
}

impl Lane {
    /// The key of the lane's advisory lock; a free lane has none.
    pub(super) fn lock_key(self) -> Option<i64> {
        let (kind, id) = match self {
            Self::Free | Self::Guarded => return None,
            Self::Organization(id) => (1, id.uuid().as_u128()),
            Self::User(id) => (2, id.uuid().as_u128()),
            Self::Network(network) => (3, network.number()),
            Self::Instance => (4, 0),
        };
        // Two lanes that share a key would only wait for each other.
        let [high, low] =
            [id >> 64, id & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or_default());
        Some((high ^ low).rotate_left(8).cast_signed() ^ kind)
    }
}

/// The queues of one process.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<Lane, Weak<tokio::sync::Mutex<()>>>>);

impl Lanes {
    /// Waits for a lane; it is free again when the guard goes.
    pub(super) async fn enter(&self, lane: Lane) -> Option<OwnedMutexGuard<()>> {
        if matches!(lane, Lane::Free | Lane::Guarded) {
            return None;
        }
        let queue = {
            let mut lanes = self.0.lock().expect("no panic while the map is held");
            if lanes.len() > 1024 {
                lanes.retain(|_, queue| queue.strong_count() > 0);
            }
            let queue = lanes.get(&lane).and_then(Weak::upgrade).unwrap_or_default();
            lanes.insert(lane, Arc::downgrade(&queue));
            queue
        };
        Some(queue.lock_owned().await)
    }
}
