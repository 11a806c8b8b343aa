//! One chain, followed from its beginning to its head.

use super::report::{Cut, Fault, Head, What};
use crate::audit::canonical::sha256;
use crate::audit::retention::cut_bytes;
use crate::audit::seal::{self, Leaf, NOTHING};
use crate::keyring::AuditPublicKey;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::StoredCut;
use crate::storage::audit_seals::{StoredSeal, Unsealed};

/// A chain, as far as it was followed.
pub(super) struct Chain {
    pub(super) name: String,
    /// The newest seal so far.
    sequence: i64,
    digest: Vec<u8>,
    /// Events of seals that are gone.
    pub(super) cut: Option<StoredCut>,
    pub(super) events: i64,
}

impl Chain {
    /// The beginning of a chain, where it was cut or at its first seal. Answers what is wrong with the cut.
    pub(super) fn begin(name: &str, cut: Option<StoredCut>, key: &AuditPublicKey) -> (Self, Option<Fault>) {
        let whole = |cut: &StoredCut| cut.chain == name && key.verifies(&cut_bytes(cut), &cut.signature);
        let fault = cut.as_ref().filter(|cut| !whole(cut)).map(|_| Fault {
            chain: Some(name.to_owned()),
            ..Fault::of(What::CutChanged)
        });
        let begins = cut
            .as_ref()
            .map(|cut| (cut.sequence, cut.digest.clone(), cut.events));
        let (sequence, digest, events) = begins.unwrap_or((0, NOTHING.to_vec(), 0));
        let chain = Self {
            name: name.to_owned(),
            sequence,
            digest,
            cut,
            events,
        };
        (chain, fault)
    }

    /// Follows the chain to its next seal. Answers what is wrong with it, and what it lists.
    pub(super) fn follow(&mut self, seal: &StoredSeal, key: &AuditPublicKey) -> (Vec<Fault>, Vec<Leaf>) {
        let fault = |what, sequence| Fault::in_seal(what, &self.name, sequence);
        let mut faults = Vec::new();
        let leaves = seal::leaves(&seal.leaves);
        let signed = key.verifies(&seal::header(seal), &seal.signature);
        let follows = seal.chain == self.name && seal.previous == self.digest;
        if !signed || leaves.is_none() || sha256(&seal.leaves) != seal.root {
            faults.push(fault(What::SealChanged, seal.sequence));
        } else if seal.sequence != self.sequence + 1 {
            faults.push(fault(What::SealRemoved, self.sequence + 1));
        } else if !follows {
            faults.push(fault(What::SealReplaced, seal.sequence));
        }
        self.sequence = seal.sequence;
        self.digest = seal::digest(seal);
        let leaves = leaves.unwrap_or_default();
        self.events += i64::try_from(leaves.len()).unwrap_or(i64::MAX);
        (faults, leaves)
    }

    /// The end of it, held against what was noted as its newest seal.
    pub(super) fn end(&self, noted: Option<(i64, &[u8])>) -> Option<Fault> {
        let what = match noted {
            Some((sequence, digest)) if sequence == self.sequence && digest == self.digest => return None,
            Some((sequence, _)) if sequence > self.sequence => What::HeadCutOff,
            Some(_) | None => What::HeadChanged,
        };
        Some(Fault::in_seal(what, &self.name, self.sequence))
    }

    pub(super) fn sequence(&self) -> i64 {
        self.sequence
    }

    pub(super) fn head(&self) -> Head {
        Head {
            chain: self.name.clone(),
            sequence: self.sequence,
            digest: self.digest.clone(),
        }
    }

    pub(super) fn told_cut(&self) -> Option<Cut> {
        self.cut.as_ref().map(|cut| Cut {
            chain: cut.chain.clone(),
            sequence: cut.sequence,
            at: cut.at,
            keep_days: cut.keep_days,
        })
    }
}

/// What is wrong with where an event is, if it is not the one that a leaf of this chain lists.
pub(super) fn misplaced(chain: &str, leaf: &Leaf, event: &StoredEvent) -> Option<What> {
    let own_chain = event.organization_id.as_deref().unwrap_or_default() == chain;
    let listed = Leaf::of(&Unsealed {
        position: leaf.position,
        id: event.id.clone(),
        organization_id: event.organization_id.clone(),
        digest: event.digest.clone().unwrap_or_else(|| event.mac.clone()),
    });
    if event.id != leaf.event_id() {
        return Some(What::EventReplaced);
    }
    (!own_chain || listed != *leaf).then_some(What::EventChanged)
}
