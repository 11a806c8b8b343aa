//! Proving an export: with the file, and better with the public key that whoever reads it knows from elsewhere.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use aws_lc_rs::digest::{Context, SHA256};

use super::chain::{Chain, misplaced};
use super::report::{Fault, Report, What};
use crate::audit::canonical::{State, examine};
use crate::audit::erasure::{covers, erasure_bytes};
use crate::audit::export::{FORM, Line, end_bytes};
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
    let Ok(Line::Header {
        form: FORM,
        public_key,
        chain,
    }) = serde_json::from_str(&first)
    else {
        return Err(ExportError::NoExport);
    };
    let own: AuditPublicKey = public_key.parse().map_err(|_| ExportError::NoExport)?;
    let key = expected.unwrap_or(own);
    let mut proof = Proof::begin(key, &chain);
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
    /// None until the first line after the header says whether there is a cut.
    chain: Chain,
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
        let name = self.chain.name.clone();
        match line {
            Line::Header { .. } => self.fault(Fault::of(What::LineChanged).at(number)),
            Line::Cut {
                sequence,
                events,
                digest,
                keep_days,
                at,
                signature,
            } => {
                if self.begun {
                    self.fault(Fault::of(What::LineChanged).at(number));
                }
                let cut = StoredCut {
                    chain: name.clone(),
                    sequence,
                    events,
                    digest: digest.0,
                    keep_days,
                    at,
                    signature: signature.0,
                };
                let (chain, fault) = Chain::begin(&name, Some(cut), &self.key);
                self.chain = chain;
                fault.into_iter().for_each(|fault| self.fault(fault));
            }
            Line::Erasure {
                user_id,
                at,
                through,
                finished_at,
                signature,
            } => self.erasure(StoredErasure {
                user_id,
                at,
                through,
                finished_at,
                signature: signature.0,
            }),
            Line::Event {
                position,
                id,
                organization_id,
                action,
                category,
                actor,
                on_behalf_of,
                target,
                result,
                detail,
                personal,
                salt,
                binding,
                at,
                digest,
                mac,
            } => self.event(Placed {
                position,
                event: StoredEvent {
                    id,
                    organization_id,
                    action,
                    category,
                    actor,
                    on_behalf_of,
                    target,
                    result,
                    detail,
                    personal,
                    salt: salt.map(|bytes| bytes.0),
                    binding: binding.map(|bytes| bytes.0),
                    at,
                    digest: digest.map(|bytes| bytes.0),
                    mac: mac.0,
                },
            }),
            Line::Seal {
                sequence,
                at,
                leaves,
                root,
                previous,
                signature,
            } => self.seal(&StoredSeal {
                chain: name,
                sequence,
                at,
                leaves: leaves.0,
                root: root.0,
                previous: previous.0,
                signature: signature.0,
            }),
            Line::End {
                sequence,
                digest,
                signature,
            } => return self.end(number, sequence, &digest.0, &signature.0),
        }
        self.begun = true;
        self.lines.update(text.as_bytes());
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
        faults.into_iter().for_each(|fault| self.fault(fault));
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

    fn end(&mut self, number: i64, sequence: i64, digest: &[u8], signature: &[u8]) {
        self.ended = true;
        self.none_listed();
        let before = self.lines.clone().finish();
        let signed = self
            .key
            .verifies(&end_bytes(before.as_ref(), sequence, digest), signature);
        if let Some(fault) = self.chain.end(Some((sequence, digest))) {
            self.fault(fault);
        } else if !signed {
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
