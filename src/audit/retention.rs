//! Retention: old events go, whole seals at a time from the beginning of a chain, and what is left can still be proved.
//!
//! Where a chain begins now is noted under a signature, so that nobody else can shorten it. What isn't sealed stays.

use std::time::Duration;

use super::seal::{self, bytes_of};
use super::{Actor, Event, canonical};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::audit_reading::{self, StoredCut};
use crate::storage::audit_seals::StoredSeal;
use crate::storage::{Db, Lane, StorageError, audit_cuts, audit_events};

/// Seals in one transaction.
const BATCH: i64 = 32;

/// Chains in one page.
const PAGE: i64 = 500;

/// A chain is not touched before so much of it is too old: each cut is an event itself.
const AT_LEAST: Duration = Duration::from_hours(24);

/// What a cut's signature covers.
pub(super) fn cut_bytes(cut: &StoredCut) -> Vec<u8> {
    bytes_of(
        b"doorward audit cut 1",
        &[
            &cut.sequence.to_be_bytes(),
            &cut.events.to_be_bytes(),
            &cut.keep_days.to_be_bytes(),
            &cut.at.to_be_bytes(),
        ],
        &[cut.chain.as_bytes(), &cut.digest],
    )
}

/// Removes from every chain what was sealed before so many days. Answers how many events that were.
pub async fn forget(db: &Db, keyring: &Keyring, keep_days: u32, now: Timestamp) -> Result<i64, StorageError> {
    let mut gone = forget_in(db, keyring, "", keep_days, now).await?;
    let mut after = String::new();
    loop {
        let page = audit_reading::heads_after(&mut db.glance().await?.tx(), &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(gone) };
        after.clone_from(&last.chain);
        for head in page {
            gone += forget_in(db, keyring, &head.chain, keep_days, now).await?;
        }
    }
}

async fn forget_in(
    db: &Db,
    keyring: &Keyring,
    chain: &str,
    keep_days: u32,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let horizon = now.minus(Duration::from_hours(24 * u64::from(keep_days)));
    let mut begun = false;
    let mut gone = 0;
    loop {
        let (cut, seals) = beginning(db, chain).await?;
        let Some(first) = seals.first() else {
            return Ok(gone);
        };
        if !begun && first.at >= horizon.minus(AT_LEAST).millis() {
            return Ok(gone);
        }
        let old: Vec<_> = seals
            .into_iter()
            .take_while(|seal| seal.at < horizon.millis())
            .collect();
        let event = (!begun).then(|| {
            let event = Event::of("audit.cut", Actor::Host)
                .with("keep_days", keep_days)
                .with("before", horizon.to_string());
            let event = chain.parse().map_or(event.clone(), |id| event.clone().within(id));
            canonical::stored(keyring, &event, now)
        });
        let Some(after) = after(keyring, cut.as_ref(), &old, keep_days, now) else {
            return Ok(gone);
        };
        let positions: Vec<i64> = old
            .iter()
            .flat_map(|seal| seal::leaves(&seal.leaves).unwrap_or_default())
            .map(|leaf| leaf.position)
            .collect();
        gone += i64::try_from(positions.len()).unwrap_or(0);
        let before = cut.map(|cut| cut.sequence);
        let work = db.write(Lane::Guarded, move |tx| {
            let (after, event, positions) = (after.clone(), event.clone(), positions.clone());
            Box::pin(async move {
                if !audit_cuts::advance(tx, before, &after).await? {
                    return Ok(false);
                }
                // Before anything goes: so the log never loses its last position, and gives none twice.
                if let Some(event) = &event {
                    audit_events::insert(tx, event).await?;
                }
                audit_cuts::remove_events(tx, &positions).await?;
                audit_cuts::remove_seals(tx, &after.chain, after.sequence).await?;
                Ok(true)
            })
        });
        let moved: Result<bool, StorageError> = work.await;
        if !moved? {
            return Ok(gone);
        }
        begun = true;
    }
}

/// Where a chain begins, and its oldest seals.
async fn beginning(db: &Db, chain: &str) -> Result<(Option<StoredCut>, Vec<StoredSeal>), StorageError> {
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let cut = audit_reading::cut_of(tx, chain).await?;
    let mut seals = audit_reading::seals_after(tx, chain, i64::MIN, BATCH).await?;
    seals.retain(|seal| seal.chain == chain);
    Ok((cut, seals))
}

/// Where it begins once these are gone; nothing if they don't follow what is gone already, or aren't ours: a log that
/// was tampered with stays for who verifies it.
fn after(
    keyring: &Keyring,
    before: Option<&StoredCut>,
    old: &[StoredSeal],
    keep_days: u32,
    now: Timestamp,
) -> Option<StoredCut> {
    let keys = keyring.audit();
    let key = keys.public();
    if before.is_some_and(|cut| !key.verifies(&cut_bytes(cut), &cut.signature)) {
        return None;
    }
    let begins = before.map(|cut| (cut.sequence, cut.digest.clone(), cut.events));
    let (mut sequence, mut digest, mut events) = begins.unwrap_or((0, seal::NOTHING.to_vec(), 0));
    for seal in old {
        let whole = key.verifies(&seal::header(seal), &seal.signature)
            && canonical::sha256(&seal.leaves) == seal.root
            && seal.sequence == sequence + 1
            && seal.previous == digest;
        if !whole {
            return None;
        }
        events += i64::try_from(seal::leaves(&seal.leaves)?.len()).ok()?;
        (sequence, digest) = (seal.sequence, seal::digest(seal));
    }
    let mut cut = StoredCut {
        chain: old.last()?.chain.clone(),
        sequence,
        events,
        digest,
        keep_days: i64::from(keep_days),
        at: now.millis(),
        signature: Vec::new(),
    };
    cut.signature = keys.sign(&cut_bytes(&cut));
    Some(cut)
}
