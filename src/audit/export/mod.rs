//! An export: one chain as JSON lines that can be proved with nothing but the file and the public key.
//!
//! First whose log it is; then, for each seal, its events and the seal; last a signature over every line before. An
//! erasure stands before the first event that it is the reason for. What isn't sealed is not exported.

mod line;

use std::collections::HashSet;

use aws_lc_rs::digest::{Context, SHA256};

use super::erasure::covers;
use super::seal::{self, NOTHING, bytes_of};
use crate::keyring::AuditKeys;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::{self, StoredErasure};
use crate::storage::audit_seals::StoredSeal;
use crate::storage::{StorageError, Tx};
pub(super) use line::{End, Header, Line};

/// The form of these lines.
pub(super) const FORM: u32 = 1;

/// Events that are read at once.
const EVENTS: usize = 500;

/// What the last line's signature covers.
pub(super) fn end_bytes(before: &[u8], sequence: i64, digest: &[u8]) -> Vec<u8> {
    bytes_of(
        b"doorward audit export 1",
        &[&sequence.to_be_bytes()],
        &[before, digest],
    )
}

/// An export on its way out.
pub struct Export {
    keys: AuditKeys,
    chain: String,
    /// Every line so far.
    lines: Context,
    at: Place,
    sequence: i64,
    digest: Vec<u8>,
    erasures: HashSet<String>,
}

enum Place {
    Header,
    Seals,
    Done,
}

impl Export {
    /// Of an organization's log by id, or with an empty name of the instance's own.
    pub fn of(keys: &AuditKeys, chain: &str) -> Self {
        Self {
            keys: keys.clone(),
            chain: chain.to_owned(),
            lines: Context::new(&SHA256),
            at: Place::Header,
            sequence: 0,
            digest: NOTHING.to_vec(),
            erasures: HashSet::new(),
        }
    }

    /// The next lines, some at a time; nothing once it is whole. `tx` is the same view each time.
    pub async fn next(&mut self, tx: &mut Tx<'_>) -> Result<Option<String>, StorageError> {
        let lines = match self.at {
            Place::Header => self.header(tx).await?,
            Place::Seals => match self.next_seal(tx).await? {
                Some(seal) => self.seal(tx, seal).await?,
                None => return Ok(Some(self.end())),
            },
            Place::Done => return Ok(None),
        };
        self.lines.update(lines.as_bytes());
        Ok(Some(lines))
    }

    async fn header(&mut self, tx: &mut Tx<'_>) -> Result<String, StorageError> {
        self.at = Place::Seals;
        let header = Line::Header(Header {
            form: FORM,
            public_key: self.keys.public().to_string(),
            chain: self.chain.clone(),
        });
        let mut lines = header.text();
        if let Some(cut) = audit_reading::cut_of(tx, &self.chain).await? {
            (self.sequence, self.digest) = (cut.sequence, cut.digest.clone());
            lines.push_str(&Line::Cut(cut).text());
        }
        Ok(lines)
    }

    async fn next_seal(&self, tx: &mut Tx<'_>) -> Result<Option<StoredSeal>, StorageError> {
        let next = audit_reading::seals_after(tx, &self.chain, self.sequence, 1).await?;
        Ok(next.into_iter().find(|seal| seal.chain == self.chain))
    }

    async fn seal(&mut self, tx: &mut Tx<'_>, seal: StoredSeal) -> Result<String, StorageError> {
        let leaves = seal::leaves(&seal.leaves).unwrap_or_default();
        let positions: Vec<i64> = leaves.iter().map(|leaf| leaf.position).collect();
        let mut lines = String::new();
        for some in positions.chunks(EVENTS) {
            let mut events = audit_reading::at_positions(tx, some).await?;
            events.sort_by_key(|placed| placed.position);
            for placed in events {
                if let Some(erasure) = self.reason(tx, &placed.event).await? {
                    lines.push_str(&Line::Erasure(erasure).text());
                }
                lines.push_str(&Line::Event(placed).text());
            }
        }
        (self.sequence, self.digest) = (seal.sequence, seal::digest(&seal));
        lines.push_str(&Line::Seal(seal).text());
        Ok(lines)
    }

    /// Why an event has nothing of a person any more, unless that was told already.
    async fn reason(
        &mut self,
        tx: &mut Tx<'_>,
        event: &StoredEvent,
    ) -> Result<Option<StoredErasure>, StorageError> {
        if event.binding.is_none() || event.personal.is_some() {
            return Ok(None);
        }
        let people = [
            event.on_behalf_of.as_ref(),
            Some(&event.actor),
            event.target.as_ref(),
        ];
        for person in people.into_iter().flatten() {
            if self.erasures.contains(person) {
                return Ok(None);
            }
            let found = audit_reading::erasure_of(tx, person).await?;
            if let Some(erasure) = found.filter(|erasure| covers(erasure, event.at)) {
                self.erasures.insert(person.clone());
                return Ok(Some(erasure));
            }
        }
        Ok(None)
    }

    fn end(&mut self) -> String {
        self.at = Place::Done;
        let before = self.lines.clone().finish();
        let bytes = end_bytes(before.as_ref(), self.sequence, &self.digest);
        let end = Line::End(End {
            sequence: self.sequence,
            digest: self.digest.clone(),
            signature: self.keys.sign(&bytes),
        });
        end.text()
    }
}
