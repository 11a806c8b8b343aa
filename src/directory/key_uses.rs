//! How much API keys are used: counted in memory, written down by a job within a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::domain::id::KeyId;
use crate::domain::time::Timestamp;
use crate::storage::{Db, Lane, StorageError, api_keys};

/// How much keys are used, counted here and written down by a job: a request waits for no write of this.
#[derive(Clone, Default)]
pub struct KeyUses(Arc<Mutex<HashMap<KeyId, (i64, Timestamp)>>>);

impl KeyUses {
    /// Counts one use of a key that was recognised.
    pub fn count(&self, key: KeyId, now: Timestamp) {
        let mut uses = self.0.lock().expect("no panic while the map is held");
        let (times, last) = uses.entry(key).or_insert((0, now));
        *times += 1;
        *last = now.max(*last);
    }

    /// Writes down what was counted; on failure it is counted on.
    pub async fn write_down(&self, db: &Db) -> Result<(), StorageError> {
        let counted = std::mem::take(&mut *self.0.lock().expect("no panic while the map is held"));
        if counted.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<_> = counted
            .iter()
            .map(|(key, (times, last))| (*key, *times, *last))
            .collect();
        // In one order on every node: two that write at once wait for each other, and never both.
        rows.sort_unstable_by_key(|(key, ..)| key.to_string());
        let written = db.write(Lane::Free, move |tx| {
            let rows = rows.clone();
            Box::pin(async move {
                for (key, times, last) in rows {
                    api_keys::used(tx, key, times, last).await?;
                }
                Ok(())
            })
        });
        let written: Result<(), StorageError> = written.await;
        if written.is_err() {
            let mut uses = self.0.lock().expect("no panic while the map is held");
            for (key, (times, last)) in counted {
                let (total, newest) = uses.entry(key).or_insert((0, last));
                *total += times;
                *newest = last.max(*newest);
            }
        }
        written
    }
}
