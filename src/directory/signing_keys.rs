//! Signing keys: whose turn it is to sign.

use crate::audit::{self, Actor, Event};
use crate::domain::time::Timestamp;
use crate::keyring::{Keyring, KeyringError};
use crate::storage::{Db, Lane, StorageError, signing_keys};

/// For every algorithm the key that waited begins to sign, the one that signed retires, and a new one waits. Everybody
/// has known the key that now signs since it began to wait.
pub async fn rotate(db: &Db, keyring: &Keyring, actor: Actor, now: Timestamp) -> Result<(), KeyringError> {
    let fresh = keyring.fresh_signing_keys(now);
    let recording = keyring.clone();
    let work = db.write(Lane::Instance, move |tx| {
        let (fresh, keyring) = (fresh.clone(), recording.clone());
        Box::pin(async move {
            for key in &fresh {
                signing_keys::promote(tx, key.algorithm, now).await?;
                signing_keys::insert(tx, key).await?;
            }
            audit::record(tx, &keyring, &Event::of("signing_keys.rotated", actor), now).await
        })
    });
    let rotated: Result<(), StorageError> = work.await;
    rotated?;
    keyring.reload(db).await
}
