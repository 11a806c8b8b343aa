//! How much API keys are used: counted in memory, written down by a job within a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::audit::Origin;
use crate::domain::id::KeyId;
use crate::domain::time::Timestamp;
use crate::storage::sessions::SessionOrigin;
use crate::storage::{Db, Lane, StorageError, api_keys};

/// How much keys are used, counted here and written down by a job: a request waits for no write of this.
#[derive(Clone, Default)]
pub struct KeyUses(Arc<Mutex<HashMap<KeyId, Use>>>);

/// What is known of a key's use.
#[derive(Clone)]
struct Use {
    times: i64,
    last: Timestamp,
    from: SessionOrigin,
}

impl Use {
    /// Together with what came before or after.
    fn and(self, other: Self) -> Self {
        let times = self.times + other.times;
        let newer = if other.last >= self.last { other } else { self };
        Self { times, ..newer }
    }
}

impl KeyUses {
    /// Counts one use of a key that was recognised.
    pub fn count(&self, key: KeyId, origin: &Origin, now: Timestamp) {
        self.add(
            key,
            Use {
                times: 1,
                last: now,
                from: SessionOrigin {
                    address: origin.address.to_string(),
                    user_agent: origin.user_agent.clone(),
                },
            },
        );
    }

    fn add(&self, key: KeyId, counted: Use) {
        let mut uses = self.0.lock().expect("no panic while the map is held");
        let before = uses.remove(&key);
        let all = match before {
            Some(before) => before.and(counted),
            None => counted,
        };
        uses.insert(key, all);
    }

    /// Writes down what was counted; on failure it is counted on.
    pub async fn write_down(&self, db: &Db) -> Result<(), StorageError> {
        let counted = std::mem::take(&mut *self.0.lock().expect("no panic while the map is held"));
        if counted.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = counted
            .iter()
            .map(|(key, counted)| (*key, counted.clone()))
            .collect();
        // In one order on every node: two that write at once wait for each other, and never both.
        rows.sort_unstable_by_key(|(key, ..)| key.to_string());
        let written = db.write(Lane::Free, move |tx| {
            let rows = rows.clone();
            Box::pin(async move {
                for (key, counted) in rows {
                    api_keys::used(tx, key, counted.times, counted.last, &counted.from).await?;
                }
                Ok(())
            })
        });
        let written: Result<(), StorageError> = written.await;
        if written.is_err() {
            for (key, counted) in counted {
                self.add(key, counted);
            }
        }
        written
    }
}
