//! API keys: for programs, acting in one organization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::access::PermissionSet;
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::{Db, Lane, StorageError, api_keys};

/// A person's key, drawn before the transaction: every permission by name, 90 days.
#[derive(Clone)]
pub struct NewPersonalKey {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// Where it acts.
    pub organization: OrganizationId,
    /// The most it can do; never more than its owner at that moment.
    pub permissions: PermissionSet,
    /// What is stored of the secret.
    pub hash: SecretHash,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

impl NewPersonalKey {
    /// 90 days.
    const LIFETIME: Duration = Duration::from_hours(90 * 24);

    /// Draws a key; its secret, `dw_…`, is shown once.
    pub fn draw(name: &str, user: UserId, organization: OrganizationId, now: Timestamp) -> (Self, Secret) {
        let secret = Secret::received(format!("dw_{}", random::secret().expose()));
        let key = Self {
            id: random::id(now),
            name: name.to_owned(),
            user,
            organization,
            permissions: PermissionSet::ALL,
            hash: secret.hash(Purpose::ApiKey),
            expires_at: now.plus(Self::LIFETIME),
        };
        (key, secret)
    }
}

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
