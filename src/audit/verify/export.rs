//! Proving an export: with the file, and better with the public key that whoever reads it knows from elsewhere.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use aws_lc_rs::digest::{Context, SHA256};

use super::chain::{Chain, misplaced};
use super::report::{Fault, Report, What};
use crate::audit::canonical::{State, examine};
use crate::audit::erasure::{covers, erasure_bytes};
use crate::audit::export::{End, FORM, Header, Line, end_bytes};
use crate::audit::seal::Leaf;
use crate::keyring::AuditPublicKey;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::{Placed, StoredCut, StoredErasure};
use crate::storage::audit_seals::StoredSeal;

/// The longest line: a seal of some thousand events is a third of a megabyte.
const LONGEST: u64 = 8 << 20;

/// More events than a seal lists.
const MOST: usize = 10_000;

/// Why an export can't be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file.
    #[error("can't read the export: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It begins otherwise.
    #[error("this is no export of an audit log that this Doorward knows")]
    NoExport,
}

/// Proves an export. Without a key the one in the file is believed, which proves only that one key signed it all.
pub fn verify_export(
    mut file: impl BufRead,
    expected: Option<AuditPublicKey>,
) -> Result<(Report, AuditPublicKey), ExportError> {
    let first = next_line(&mut file)?.ok_or(ExportError::NoExport)?;
    let Ok(Line::Header(header @ Header { form: FORM, .. })) = serde_json::from_str(&first) else {
        return Err(ExportError::NoExport);
    };
    let own: AuditPublicKey = header.public_key.parse().map_err(|_| ExportError::NoExport)?;
    let key = expected.unwrap_or(own);
    let mut proof = Proof::begin(key, &header.chain);
    if key != own {
        proof.report.fault(Fault::of(What::KeyChanged));
    }
    proof.lines.update(first.as_bytes());
    let mut number = 1;
    while let Some(line) = next_line(&mut file)? {
        number += 1;
        proof.line(number, &line);
    }
    Ok((proof.finish(), key))
}

/// A line with its end; what is too long is cut, and so no line of ours.
fn next_line(file: &mut impl BufRead) -> Result<Option<String>, std::io::Error> {
    let mut bytes = Vec::new();
    file.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

struct Proof {
    key: AuditPublicKey,
    report: Report,
    lines: Context,
    chain: Chain,
    /// Whether anything came after the header: then it is too late for a cut.
    begun: bool,
    waiting: Vec<Placed>,
    erasures: HashMap<String, StoredErasure>,
    ended: bool,
}

impl Proof {
    fn begin(key: AuditPublicKey, chain: &str) -> Self {
        Self {
            key,
            report: Report::default(),
            lines: Context::new(&SHA256),
            chain: Chain::begin(chain, None, &key).0,
            begun: false,
            waiting: Vec::new(),
            erasures: HashMap::new(),
            ended: false,
        }
    }

    fn line(&mut self, number: i64, text: &str) {
        let line = serde_json::from_str::<Line>(text).ok();
        let line = line.filter(|line| line.text() == text && !self.ended);
        let Some(line) = line else {
            return self.fault(Fault::of(What::LineChanged).at(number));
        };
        match line {
            Line::Header(_) => self.fault(Fault::of(What::LineChanged).at(number)),
            Line::Cut(_) if self.begun => self.fault(Fault::of(What::LineChanged).at(number)),
            Line::Cut(cut) => self.cut(cut),
            Line::Erasure(erasure) => self.erasure(erasure),
            Line::Event(placed) => self.event(placed),
            Line::Seal(seal) => self.seal(&seal),
            Line::End(end) => return self.end(number, &end),
        }
        self.begun = true;
        self.lines.update(text.as_bytes());
    }

    fn cut(&mut self, cut: StoredCut) {
        let name = self.chain.name.clone();
        let (chain, fault) = Chain::begin(&name, Some(cut), &self.key);
        self.chain = chain;
        if let Some(fault) = fault {
            self.fault(fault);
        }
    }

    fn erasure(&mut self, erasure: StoredErasure) {
        if self.key.verifies(&erasure_bytes(&erasure), &erasure.signature) {
            self.erasures.insert(erasure.user_id.clone(), erasure);
        } else {
            self.fault(Fault::of(What::ErasureChanged).on(erasure.user_id));
        }
    }

    fn event(&mut self, placed: Placed) {
        if self.waiting.len() > MOST {
            self.none_listed();
        }
        self.waiting.push(placed);
    }

    /// Events that no seal follows.
    fn none_listed(&mut self) {
        for Placed { position, event } in std::mem::take(&mut self.waiting) {
            self.fault(Fault {
                chain: Some(self.chain.name.clone()),
                ..Fault::of(What::EventAdded).on(event.id).at(position)
            });
        }
    }

    fn seal(&mut self, seal: &StoredSeal) {
        let (faults, leaves) = self.chain.follow(seal, &self.key);
        self.report.seals += 1;
        for fault in faults {
            self.fault(fault);
        }
        let mut waiting = std::mem::take(&mut self.waiting).into_iter().peekable();
        for leaf in leaves {
            self.report.sealed += 1;
            let here = waiting.next_if(|placed| placed.position == leaf.position);
            let what = match here {
                None => Some(What::EventRemoved),
                Some(placed) => self.fault_of(&leaf, &placed.event),
            };
            if let Some(what) = what {
                let fault = Fault::in_seal(what, &seal.chain, seal.sequence);
                self.fault(fault.on(leaf.event_id()).at(leaf.position));
            }
        }
        self.waiting = waiting.collect();
        self.none_listed();
    }

    fn fault_of(&mut self, leaf: &Leaf, event: &StoredEvent) -> Option<What> {
        if let Some(what) = misplaced(&self.chain.name, leaf, event) {
            return Some(what);
        }
        match examine(event, None) {
            State::Whole => None,
            State::Changed => Some(What::EventChanged),
            State::Erased => {
                let people = [
                    event.on_behalf_of.as_ref(),
                    Some(&event.actor),
                    event.target.as_ref(),
                ];
                let mut people = people.into_iter().flatten();
                let reason = |person: &String| self.erasures.get(person);
                if people.any(|person| reason(person).is_some_and(|erasure| covers(erasure, event.at))) {
                    self.report.erased(&event.id);
                    None
                } else {
                    Some(What::PersonalRemoved)
                }
            }
        }
    }

    fn end(&mut self, number: i64, end: &End) {
        self.ended = true;
        self.none_listed();
        let before = self.lines.clone().finish();
        let bytes = end_bytes(before.as_ref(), end.sequence, &end.digest);
        if let Some(fault) = self.chain.end(Some((end.sequence, &end.digest))) {
            self.fault(fault);
        } else if !self.key.verifies(&bytes, &end.signature) {
            self.fault(Fault::of(What::LineChanged).at(number));
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.report.fault(fault);
    }

    fn finish(mut self) -> Report {
        if !self.ended {
            self.fault(Fault::of(What::ExportCutOff));
        }
        self.report.heads.push(self.chain.head());
        self.report.cuts.extend(self.chain.told_cut());
        self.report
    }
}
