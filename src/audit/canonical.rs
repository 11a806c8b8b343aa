//! The bytes that digest and MAC of a stored event cover, in both forms that there are.
//!
//! An event's digest covers every column but `personal` and `salt`; `binding`, which it covers, is the hash of these. So
//! what is of a person can be erased, and the rest still be proved. In the first form, of rows that are older than
//! digests, one MAC covered everything, and such a row can't be proved any more once it is erased: there are few, from
//! before the first release, and they are kept only so that no log has to be thrown away.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;

use super::Event;
use crate::domain::audit::Category;
use crate::domain::time::Timestamp;
use crate::keyring::{AuditKeys, Keyring};
use crate::random;
use crate::storage::audit_events::StoredEvent;

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// An event with an id, under its MAC.
pub(super) fn stored(keyring: &Keyring, event: &Event, now: Timestamp) -> StoredEvent {
    let personal = (!event.personal.is_empty()).then(|| json(&event.personal));
    let salt = personal.as_ref().map(|_| random::bytes::<16>().to_vec());
    let binding = personal.as_deref().zip(salt.as_deref());
    let mut stored = StoredEvent {
        id: random::id::<crate::domain::id::EventKind>(now).to_string(),
        organization_id: event.organization.map(|id| id.to_string()),
        action: event.action.to_owned(),
        category: Category::of(event.action).name().to_owned(),
        actor: event.actor.to_string(),
        on_behalf_of: event.on_behalf_of.map(|id| id.to_string()),
        target: event.target.clone(),
        result: if event.refused { "refused" } else { "success" }.to_owned(),
        detail: json(&event.detail),
        binding: binding.map(|(personal, salt)| bind(personal, salt)),
        personal,
        salt,
        at: now.millis(),
        digest: None,
        mac: Vec::new(),
    };
    let digest = sha256(&canonical(&stored));
    stored.mac = keyring.audit_mac(&maced(&digest));
    stored.digest = Some(digest);
    stored
}

/// Whether a stored event is as it was written, with all that is of a person.
pub fn is_intact(keyring: &Keyring, stored: &StoredEvent) -> bool {
    examine(stored, Some(keyring.audit())) == State::Whole
}

/// What a stored event is, compared with how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Whole,
    /// What was of a person is gone, and all of that; whether rightly so is another question.
    Erased,
    Changed,
}

/// Compares a stored event with what it says that it was. Without keys its MAC is not checked: then a seal has to say
/// that the digest is right, and of the first form nothing is known.
pub(super) fn examine(stored: &StoredEvent, keys: Option<&AuditKeys>) -> State {
    let Some(digest) = &stored.digest else {
        let bytes = canonical_first(stored);
        let whole = bytes.is_some_and(|bytes| keys.is_none_or(|keys| keys.has_made(&bytes, &stored.mac)));
        return if whole { State::Whole } else { State::Changed };
    };
    let maced = maced(digest);
    if sha256(&canonical(stored)) != *digest || keys.is_some_and(|keys| !keys.has_made(&maced, &stored.mac)) {
        return State::Changed;
    }
    match (&stored.binding, &stored.personal, &stored.salt) {
        (None, None, None) => State::Whole,
        (Some(_), None, None) => State::Erased,
        (Some(binding), Some(personal), Some(salt)) if bind(personal, salt) == *binding => State::Whole,
        _ => State::Changed,
    }
}

fn json(map: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(map).expect("a JSON object is JSON")
}

/// The salt keeps what was erased from being guessed.
fn bind(personal: &str, salt: &[u8]) -> Vec<u8> {
    let bytes = [
        b"doorward audit personal 2".as_slice(),
        &(salt.len() as u64).to_be_bytes(),
        salt,
        personal.as_bytes(),
    ];
    sha256(&bytes.concat())
}

fn maced(digest: &[u8]) -> Vec<u8> {
    [b"doorward audit event 2".as_slice(), digest].concat()
}

fn canonical(event: &StoredEvent) -> Vec<u8> {
    let at = event.at.to_string();
    columns(
        b"doorward audit event 2",
        &[
            Some(event.id.as_bytes()),
            event.organization_id.as_deref().map(str::as_bytes),
            Some(event.action.as_bytes()),
            Some(event.category.as_bytes()),
            Some(event.actor.as_bytes()),
            event.on_behalf_of.as_deref().map(str::as_bytes),
            event.target.as_deref().map(str::as_bytes),
            Some(event.result.as_bytes()),
            Some(event.detail.as_bytes()),
            event.binding.as_deref(),
            Some(at.as_bytes()),
        ],
    )
}

/// Where from, in rows of the first form.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstOrigin {
    ip: Option<String>,
    user_agent: Option<String>,
}

/// Nothing if a row says what none of the first form said.
fn canonical_first(event: &StoredEvent) -> Option<Vec<u8>> {
    let known = event.category == Category::Change.name();
    if !known || event.on_behalf_of.is_some() || event.salt.is_some() || event.binding.is_some() {
        return None;
    }
    let origin: FirstOrigin = match &event.personal {
        Some(personal) => serde_json::from_str(personal).ok()?,
        None => FirstOrigin::default(),
    };
    let at = event.at.to_string();
    Some(columns(
        b"doorward audit event 1",
        &[
            Some(event.id.as_bytes()),
            event.organization_id.as_deref().map(str::as_bytes),
            Some(event.action.as_bytes()),
            Some(event.actor.as_bytes()),
            event.target.as_deref().map(str::as_bytes),
            Some(event.result.as_bytes()),
            Some(event.detail.as_bytes()),
            origin.ip.as_deref().map(str::as_bytes),
            origin.user_agent.as_deref().map(str::as_bytes),
            Some(at.as_bytes()),
        ],
    ))
}

/// Each column with its length before it, so that no two events have the same bytes.
fn columns(form: &[u8], columns: &[Option<&[u8]>]) -> Vec<u8> {
    let mut bytes = form.to_vec();
    for column in columns {
        match column {
            Some(column) => {
                bytes.push(1);
                bytes.extend((column.len() as u64).to_be_bytes());
                bytes.extend(*column);
            }
            None => bytes.push(0),
        }
    }
    bytes
}
