//! Proving the log in a database: every seal against the events it lists, and every event against the seals.
//!
//! It reads in one view that does not move, in pages; what it keeps is a bit for each event, and a line for each chain.

use std::collections::{BTreeMap, HashMap};

use super::chain::{Chain, misplaced};
use super::positions::Positions;
use super::report::{Fault, Report, What};
use crate::audit::canonical::{State, examine};
use crate::audit::erasure::{covers, erasure_bytes};
use crate::audit::progress::Progress;
use crate::audit::seal::{self, Leaf};
use crate::keyring::AuditKeys;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::{self, Placed, StoredCut, StoredErasure};
use crate::storage::audit_seals::{self, StoredHead, StoredSeal, StoredSealing};
use crate::storage::{StorageError, Tx};

/// Seals in one page; each lists some thousand events at most.
const SEALS: i64 = 32;

/// Events in one page.
const EVENTS: usize = 500;

/// Rows of other tables in one page.
const PAGE: i64 = 1000;

/// Proves the log that `tx` sees, with the keys it was written with.
pub async fn verify(tx: &mut Tx<'_>, keys: &AuditKeys) -> Result<Report, StorageError> {
    let mut proof = Proof {
        keys,
        report: Report::default(),
        listed: Positions::default(),
        heads: heads(tx).await?,
        cuts: cuts(tx).await?,
        erasures: HashMap::new(),
        seals: 0,
        events: 0,
    };
    let sealing = audit_seals::sealing(tx).await?;
    proof.erasures_are_whole(tx).await?;
    proof.chains(tx).await?;
    proof.sealing(sealing.as_ref());
    let progress = sealing.and_then(|sealing| Progress::read(sealing.next, &sealing.skipped));
    proof
        .unlisted(tx, &progress.unwrap_or_else(Progress::beginning))
        .await?;
    Ok(proof.report)
}

async fn heads(tx: &mut Tx<'_>) -> Result<BTreeMap<String, StoredHead>, StorageError> {
    let mut all = BTreeMap::new();
    // The instance's own chain has the empty name, which comes after nothing.
    all.extend(audit_seals::head(tx, "").await?.map(|head| (String::new(), head)));
    let mut after = String::new();
    loop {
        let page = audit_reading::heads_after(tx, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after.clone_from(&last.chain);
        all.extend(page.into_iter().map(|head| (head.chain.clone(), head)));
    }
}

async fn cuts(tx: &mut Tx<'_>) -> Result<BTreeMap<String, StoredCut>, StorageError> {
    let mut all = BTreeMap::new();
    all.extend(
        audit_reading::cut_of(tx, "")
            .await?
            .map(|cut| (String::new(), cut)),
    );
    let mut after = String::new();
    loop {
        let page = audit_reading::cuts_after(tx, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after.clone_from(&last.chain);
        all.extend(page.into_iter().map(|cut| (cut.chain.clone(), cut)));
    }
}

struct Proof<'a> {
    keys: &'a AuditKeys,
    report: Report,
    listed: Positions,
    /// Those of chains that no seal was met of yet.
    heads: BTreeMap<String, StoredHead>,
    cuts: BTreeMap<String, StoredCut>,
    /// Some that were asked for.
    erasures: HashMap<String, Option<StoredErasure>>,
    seals: i64,
    events: i64,
}

impl Proof<'_> {
    /// Every chain that there is a seal, a head or a cut of.
    async fn chains(&mut self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        let mut chain: Option<Chain> = None;
        let mut after = (String::new(), i64::MIN);
        loop {
            let page = audit_reading::seals_after(tx, &after.0, after.1, SEALS).await?;
            let Some(last) = page.last() else { break };
            after = (last.chain.clone(), last.sequence);
            let mut listed = Vec::new();
            for seal in &page {
                if chain.as_ref().is_none_or(|chain| chain.name != seal.chain) {
                    self.end(chain.take());
                    chain = Some(self.begin(&seal.chain));
                }
                let Some(chain) = &mut chain else { continue };
                let (faults, leaves) = chain.follow(seal, &self.keys.public());
                self.report.seals += 1;
                for fault in faults {
                    self.report.fault(fault);
                }
                listed.extend(leaves.into_iter().map(|leaf| (seal, leaf)));
            }
            for some in listed.chunks(EVENTS) {
                self.events_of(tx, some).await?;
            }
        }
        self.end(chain);
        // What has a head or a cut and no seal.
        let left: Vec<String> = self.heads.keys().chain(self.cuts.keys()).cloned().collect();
        for name in left {
            if self.heads.contains_key(&name) || self.cuts.contains_key(&name) {
                let chain = self.begin(&name);
                self.end(Some(chain));
            }
        }
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Chain {
        let (chain, fault) = Chain::begin(name, self.cuts.remove(name), &self.keys.public());
        if let Some(fault) = fault {
            self.report.fault(fault);
        }
        chain
    }

    fn end(&mut self, chain: Option<Chain>) {
        let Some(chain) = chain else { return };
        let head = self.heads.remove(&chain.name);
        let head = head.filter(|head| self.keys.has_made(&seal::head_bytes(head), &head.mac));
        let noted = head.as_ref().map(|head| (head.sequence, head.digest.as_slice()));
        if let Some(fault) = chain.end(noted) {
            self.report.fault(fault);
        }
        self.seals = self.seals.saturating_add(chain.sequence());
        self.events = self.events.saturating_add(chain.events);
        self.report.heads.push(chain.head());
        self.report.cuts.extend(chain.told_cut());
    }

    /// Some events that seals list, against the rows.
    async fn events_of(&mut self, tx: &mut Tx<'_>, some: &[(&StoredSeal, Leaf)]) -> Result<(), StorageError> {
        let positions: Vec<i64> = some.iter().map(|(_, leaf)| leaf.position).collect();
        let rows = audit_reading::at_positions(tx, &positions).await?;
        let mut rows: HashMap<i64, Placed> = rows.into_iter().map(|row| (row.position, row)).collect();
        for (seal, leaf) in some {
            self.report.sealed += 1;
            self.listed.insert(leaf.position);
            let fault = |what| {
                Fault::in_seal(what, &seal.chain, seal.sequence)
                    .on(leaf.event_id())
                    .at(leaf.position)
            };
            let Some(Placed { event, .. }) = rows.remove(&leaf.position) else {
                self.report.fault(fault(What::EventRemoved));
                continue;
            };
            if let Some(what) = misplaced(&seal.chain, leaf, &event) {
                self.report.fault(fault(what));
            } else if let Some(what) = self.fault_of(tx, &event).await? {
                self.report.fault(fault(what));
            }
        }
        Ok(())
    }

    /// What is wrong with an event, whether it is sealed or not.
    async fn fault_of(&mut self, tx: &mut Tx<'_>, event: &StoredEvent) -> Result<Option<What>, StorageError> {
        match examine(event, Some(self.keys)) {
            State::Whole => Ok(None),
            State::Changed => Ok(Some(What::EventChanged)),
            State::Erased if self.is_erased(tx, event).await? => {
                self.report.erased(&event.id);
                Ok(None)
            }
            State::Erased => Ok(Some(What::PersonalRemoved)),
        }
    }

    /// Whether an erasure says that what is of a person is gone from an event.
    async fn is_erased(&mut self, tx: &mut Tx<'_>, event: &StoredEvent) -> Result<bool, StorageError> {
        let people = [
            event.on_behalf_of.as_ref(),
            Some(&event.actor),
            event.target.as_ref(),
        ];
        for person in people.into_iter().flatten() {
            if !self.erasures.contains_key(person) {
                if self.erasures.len() > EVENTS {
                    self.erasures.clear();
                }
                let found = audit_reading::erasure_of(tx, person).await?;
                let found = found.filter(|erasure| self.is_signed(erasure));
                self.erasures.insert(person.clone(), found);
            }
            let erasure = self.erasures.get(person).and_then(Option::as_ref);
            if erasure.is_some_and(|erasure| covers(erasure, event.at)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_signed(&self, erasure: &StoredErasure) -> bool {
        let key = self.keys.public();
        key.verifies(&erasure_bytes(erasure), &erasure.signature)
    }

    async fn erasures_are_whole(&mut self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        let mut after = String::new();
        loop {
            let page = audit_reading::erasures_after(tx, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.user_id);
            for erasure in page {
                if !self.is_signed(&erasure) {
                    self.report
                        .fault(Fault::of(What::ErasureChanged).on(erasure.user_id));
                }
            }
        }
    }

    /// How far sealing says that it has come, against what there is.
    fn sealing(&mut self, sealing: Option<&StoredSealing>) {
        let Some(sealing) = sealing else {
            if self.seals > 0 {
                self.report.fault(Fault::of(What::SealingChanged));
            }
            return;
        };
        let whole = self.keys.has_made(&seal::sealing_bytes(sealing), &sealing.mac);
        if !whole || Progress::read(sealing.next, &sealing.skipped).is_none() {
            self.report.fault(Fault::of(What::SealingChanged));
        } else if (sealing.seals, sealing.events) != (self.seals, self.events) {
            // Each chain by itself may look whole.
            self.report.fault(Fault::of(What::ChainRemoved));
        }
    }

    /// The events that no seal lists.
    async fn unlisted(&mut self, tx: &mut Tx<'_>, progress: &Progress) -> Result<(), StorageError> {
        let mut after = i64::MIN;
        loop {
            let page = audit_reading::positions_after(tx, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            let unlisted = page
                .iter()
                .copied()
                .filter(|position| !self.listed.contains(*position));
            let unlisted: Vec<i64> = unlisted.collect();
            for some in unlisted.chunks(EVENTS) {
                let mut rows = audit_reading::at_positions(tx, some).await?;
                rows.sort_by_key(|row| row.position);
                for Placed { position, event } in rows {
                    let fault = match self.fault_of(tx, &event).await? {
                        None if progress.awaits(position) => None,
                        None => Some(What::EventUnlisted),
                        Some(What::EventChanged) => Some(What::EventAdded),
                        Some(other) => Some(other),
                    };
                    match fault {
                        None => self.report.unsealed += 1,
                        Some(what) => self.report.fault(Fault {
                            chain: Some(event.organization_id.unwrap_or_default()),
                            ..Fault::of(what).on(event.id).at(position)
                        }),
                    }
                }
            }
        }
    }
}
