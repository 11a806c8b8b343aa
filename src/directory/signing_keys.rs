//! Signing keys: whose turn it is to sign.

use std::time::Duration;

use crate::audit::{self, Actor, Event};
use crate::domain::signing_key::SigningKeyState;
use crate::domain::time::Timestamp;
use crate::keyring::{Keyring, KeyringError};
use crate::storage::signing_keys::StoredSigningKey;
use crate::storage::{Db, Lane, StorageError, signing_keys};

/// A key signs this long before the next one takes its turn by itself.
pub const TURN: Duration = Duration::from_hours(30 * 24);

/// A key waits, published, at least this long: twice the time that clients keep the key set, so that everybody knows
/// it before its first signature.
pub const WAIT: Duration = Duration::from_mins(10);

/// When keys take their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Now, though there may be clients that don't know the next key yet: the one that signs must go.
    AtOnce,
    /// Now, unless the next key is too new.
    Known,
    /// If the one that signs has done so for a month.
    Due,
}

/// For every algorithm the key that waited begins to sign, the one that signed retires, and a new one waits. Answers
/// `false` if it is not time for that.
pub async fn rotate(
    db: &Db,
    keyring: &Keyring,
    when: When,
    actor: Actor,
    now: Timestamp,
) -> Result<bool, KeyringError> {
    if !is_time(when, &read(db).await?, now) {
        return Ok(false);
    }
    let fresh = keyring.fresh_signing_keys(now);
    let recording = keyring.clone();
    let work = db.write(Lane::Instance, move |tx| {
        let (fresh, keyring) = (fresh.clone(), recording.clone());
        Box::pin(async move {
            // Another node may have been faster.
            if !is_time(when, &signing_keys::all(tx).await?, now) {
                return Ok(false);
            }
            for key in &fresh {
                signing_keys::promote(tx, key.algorithm, now).await?;
                signing_keys::insert(tx, key).await?;
            }
            audit::record(tx, &keyring, &Event::of("signing_keys.rotated", actor), now).await?;
            Ok(true)
        })
    });
    let rotated: Result<bool, StorageError> = work.await;
    let rotated = rotated?;
    keyring.reload(db).await?;
    Ok(rotated)
}

async fn read(db: &Db) -> Result<Vec<StoredSigningKey>, StorageError> {
    let mut snapshot = db.snapshot().await?;
    signing_keys::all(&mut snapshot.tx()).await
}

fn is_time(when: When, keys: &[StoredSigningKey], now: Timestamp) -> bool {
    let known = keys
        .iter()
        .filter(|key| key.state == SigningKeyState::Next)
        .all(|key| now.since(key.created_at) >= WAIT);
    let due = keys
        .iter()
        .filter(|key| key.state == SigningKeyState::Signing)
        .any(|key| key.signing_from.is_none_or(|from| now.since(from) >= TURN));
    match when {
        When::AtOnce => true,
        When::Known => known,
        When::Due => known && due,
    }
}
