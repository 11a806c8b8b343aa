//! An export: one chain as JSON lines that can be proved with nothing but the file and the public key.
//!
//! First whose log it is; then, for each seal, its events and the seal; last a signature over every line before. An
//! erasure stands before the first event that it is the reason for. What isn't sealed is not exported.

use std::collections::HashSet;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::erasure::covers;
use super::seal::{self, NOTHING, bytes_of};
use crate::keyring::AuditKeys;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::{self, Placed, StoredCut, StoredErasure};
use crate::storage::audit_seals::StoredSeal;
use crate::storage::{StorageError, Tx};

/// The form of these lines.
pub(super) const FORM: u32 = 1;

/// Events that are read at once.
const EVENTS: usize = 500;

/// A line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Header {
        form: u32,
        public_key: String,
        chain: String,
    },
    Cut {
        sequence: i64,
        events: i64,
        digest: Bytes,
        keep_days: i64,
        at: i64,
        signature: Bytes,
    },
    Erasure {
        user_id: String,
        at: i64,
        through: i64,
        finished_at: Option<i64>,
        signature: Bytes,
    },
    Event {
        position: i64,
        id: String,
        organization_id: Option<String>,
        action: String,
        category: String,
        actor: String,
        on_behalf_of: Option<String>,
        target: Option<String>,
        result: String,
        detail: String,
        personal: Option<String>,
        salt: Option<Bytes>,
        binding: Option<Bytes>,
        at: i64,
        digest: Option<Bytes>,
        mac: Bytes,
    },
    Seal {
        sequence: i64,
        at: i64,
        leaves: Bytes,
        root: Bytes,
        previous: Bytes,
        signature: Bytes,
    },
    End {
        sequence: i64,
        digest: Bytes,
        signature: Bytes,
    },
}

/// Bytes, in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl Line {
    /// The line with its end.
    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("a line is JSON");
        text.push('\n');
        text
    }

    fn cut(cut: StoredCut) -> Self {
        Self::Cut {
            sequence: cut.sequence,
            events: cut.events,
            digest: Bytes(cut.digest),
            keep_days: cut.keep_days,
            at: cut.at,
            signature: Bytes(cut.signature),
        }
    }

    fn erasure(erasure: StoredErasure) -> Self {
        Self::Erasure {
            user_id: erasure.user_id,
            at: erasure.at,
            through: erasure.through,
            finished_at: erasure.finished_at,
            signature: Bytes(erasure.signature),
        }
    }

    fn event(Placed { position, event }: Placed) -> Self {
        Self::Event {
            position,
            id: event.id,
            organization_id: event.organization_id,
            action: event.action,
            category: event.category,
            actor: event.actor,
            on_behalf_of: event.on_behalf_of,
            target: event.target,
            result: event.result,
            detail: event.detail,
            personal: event.personal,
            salt: event.salt.map(Bytes),
            binding: event.binding.map(Bytes),
            at: event.at,
            digest: event.digest.map(Bytes),
            mac: Bytes(event.mac),
        }
    }

    fn seal(seal: StoredSeal) -> Self {
        Self::Seal {
            sequence: seal.sequence,
            at: seal.at,
            leaves: Bytes(seal.leaves),
            root: Bytes(seal.root),
            previous: Bytes(seal.previous),
            signature: Bytes(seal.signature),
        }
    }
}

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
        let header = Line::Header {
            form: FORM,
            public_key: self.keys.public().to_string(),
            chain: self.chain.clone(),
        };
        let mut lines = header.text();
        if let Some(cut) = audit_reading::cut_of(tx, &self.chain).await? {
            (self.sequence, self.digest) = (cut.sequence, cut.digest.clone());
            lines.push_str(&Line::cut(cut).text());
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
                    lines.push_str(&Line::erasure(erasure).text());
                }
                lines.push_str(&Line::event(placed).text());
            }
        }
        (self.sequence, self.digest) = (seal.sequence, seal::digest(&seal));
        lines.push_str(&Line::seal(seal).text());
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
        let end = Line::End {
            sequence: self.sequence,
            digest: Bytes(self.digest.clone()),
            signature: Bytes(self.keys.sign(&bytes)),
        };
        end.text()
    }
}
