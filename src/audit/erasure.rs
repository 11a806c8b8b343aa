//! Erasure: what is of a person goes from the log when the person does, and the log can still be proved.
//!
//! It begins in the transaction that deletes them, with a signed note of whose detail goes and until when; a job goes
//! through what more there is. Without such a note, or of events after it, what is missing was tampered with.

use std::time::Duration;

use super::seal::bytes_of;
use crate::domain::id::{EventKind, UserId, earliest};
use crate::domain::time::Timestamp;
use crate::keyring::{AuditKeys, Keyring};
use crate::storage::audit_erasures::{self, Told};
use crate::storage::audit_reading::StoredErasure;
use crate::storage::{Db, Lane, StorageError, Tx};

/// Events in one transaction, at most twice.
const BATCH: i64 = 500;

/// Erasures that are looked at in one go.
const AT_ONCE: i64 = 100;

/// An event can be written this long after it happened.
const LATE: Duration = Duration::from_mins(1);

/// What an erasure's signature covers.
pub(super) fn erasure_bytes(erasure: &StoredErasure) -> Vec<u8> {
    let finished = erasure
        .finished_at
        .map_or(Vec::new(), |at| at.to_be_bytes().to_vec());
    bytes_of(
        b"doorward audit erasure 1",
        &[&erasure.at.to_be_bytes(), &erasure.through.to_be_bytes()],
        &[erasure.user_id.as_bytes(), &finished],
    )
}

/// Whether an erasure is the reason that an event has nothing of a person any more.
pub(super) fn covers(erasure: &StoredErasure, at: i64) -> bool {
    at < erasure.at
}

/// Begins to erase what is of a person, of all events before now.
pub async fn erase(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    person: UserId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let erasure = StoredErasure {
        user_id: person.to_string(),
        at: now.millis(),
        through: 0,
        finished_at: None,
        signature: Vec::new(),
    };
    step(tx, keyring.audit(), erasure, now).await.map(drop)
}

/// Goes on with the erasures that are not finished.
pub async fn go_on(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), StorageError> {
    let unfinished = {
        let mut glance = db.glance().await?;
        audit_erasures::unfinished(&mut glance.tx(), AT_ONCE).await?
    };
    for mut erasure in unfinished {
        loop {
            let (keys, begun) = (keyring.audit().clone(), erasure.clone());
            let work = db.write(Lane::Guarded, move |tx| {
                let (keys, begun) = (keys.clone(), begun.clone());
                Box::pin(async move { step(tx, &keys, begun, now).await })
            });
            let done: Result<(StoredErasure, bool), StorageError> = work.await;
            let (after, more) = done?;
            if !more {
                break;
            }
            erasure = after;
        }
    }
    Ok(())
}

/// Erases some, and notes how far that has come. Answers that, and whether there is more now.
async fn step(
    tx: &mut Tx<'_>,
    keys: &AuditKeys,
    mut erasure: StoredErasure,
    now: Timestamp,
) -> Result<(StoredErasure, bool), StorageError> {
    let (user, from) = (erasure.user_id.clone(), erasure.through);
    let [first, before] =
        [from, erasure.at].map(|at| earliest::<EventKind>(Timestamp::from_millis(at)).to_string());
    let theirs = audit_erasures::of_person(tx, &user, &first, &before, BATCH).await?;
    let on_them = audit_erasures::on_person(tx, &user, &first, &before, BATCH).await?;
    let full = [&theirs, &on_them].map(|some| i64::try_from(some.len()).unwrap_or(BATCH) >= BATCH);
    let mut positions: Vec<i64> = theirs.iter().chain(&on_them).map(|told| told.position).collect();
    positions.sort_unstable();
    positions.dedup();
    audit_erasures::erase(tx, &positions).await?;
    let more = full.contains(&true);
    let begun = Timestamp::from_millis(erasure.at);
    if more {
        let last = |some: &[Told], full: bool| some.last().filter(|_| full).map(|told| told.at);
        let reached = [last(&theirs, full[0]), last(&on_them, full[1])];
        let reached = reached.into_iter().flatten().min().unwrap_or(from);
        erasure.through = reached.min(begun.minus(LATE).millis()).max(from);
    } else if now >= begun.plus(LATE) {
        erasure.finished_at = Some(now.millis());
    }
    erasure.signature = keys.sign(&erasure_bytes(&erasure));
    audit_erasures::put(tx, &erasure).await?;
    Ok((erasure, more))
}
