//! A bounded memory for what is read often: it forgets at the next change, and after a second in any case.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Mutex;
use std::time::Duration;

use super::changes::{Changes, Mark};
use crate::domain::time::Timestamp;

/// How long a value is believed without another look: other nodes' changes are not in this node's feed.
const BELIEVED: Duration = Duration::from_secs(1);

/// Locks; more callers than that at once wait for each other, for as long as one look takes.
const SHARDS: usize = 16;

/// A bounded memory. A value is given out only while its [`Mark`] is current and it is younger than a second.
pub struct Cache<K, V> {
    changes: Changes,
    hasher: RandomState,
    shards: [Mutex<HashMap<K, Entry<V>>>; SHARDS],
    most_in_a_shard: usize,
}

struct Entry<V> {
    value: V,
    mark: Mark,
    read_at: Timestamp,
}

impl<V> Entry<V> {
    fn is_good(&self, changes: &Changes, now: Timestamp) -> bool {
        // A clock that went backwards knows no ages.
        self.read_at <= now && now.since(self.read_at) < BELIEVED && self.mark.is_current(changes)
    }
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// An empty memory for `capacity` values or a few less, never more; it follows the feed of one database.
    pub fn new(changes: Changes, capacity: usize) -> Self {
        Self {
            changes,
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
            most_in_a_shard: (capacity / SHARDS).max(1),
        }
    }

    /// What was read of `key`, if that is still so.
    pub fn get<Q>(&self, key: &Q, now: Timestamp) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let shard = self.shard(key).lock().expect("nothing panics while it is held");
        let entry = shard.get(key)?;
        entry.is_good(&self.changes, now).then(|| entry.value.clone())
    }

    /// Keeps what was read of `key`. `mark` and `now` are of *before* the reading, and the reading was in a snapshot:
    /// what a write transaction sees may never have been.
    pub fn put(&self, key: K, value: V, mark: Mark, now: Timestamp) {
        let entry = Entry {
            value,
            mark,
            read_at: now,
        };
        if !entry.is_good(&self.changes, now) {
            return;
        }
        let mut shard = self.shard(&key).lock().expect("nothing panics while it is held");
        if shard.len() >= self.most_in_a_shard && !shard.contains_key(&key) {
            shard.retain(|_, entry| entry.is_good(&self.changes, now));
            // So that the next sweep is far away, whoever comes with ever new keys.
            if shard.len() > self.most_in_a_shard / 2 {
                shard.clear();
            }
        }
        shard.insert(key, entry);
    }

    /// How many values it holds, good or not.
    pub fn len(&self) -> usize {
        let len = |shard: &Mutex<HashMap<_, _>>| shard.lock().expect("nothing panics while it is held").len();
        self.shards.iter().map(len).sum()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> &Mutex<HashMap<K, Entry<V>>> {
        let hash = self.hasher.hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }
}
