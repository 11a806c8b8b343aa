//! A seal: the events that were new in a chain, in order, bound to the seal before and signed.

use type_safe_id::TypeSafeId;
use uuid::Uuid;

use super::canonical::sha256;
use crate::domain::id::{EventId, EventKind};
use crate::domain::time::Timestamp;
use crate::keyring::AuditKeys;
use crate::storage::audit_seals::{StoredHead, StoredSeal, StoredSealing, Unsealed};

/// What the first seal of a chain has before it.
pub(super) const NOTHING: [u8; 32] = [0; 32];

/// An event as a seal lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) position: i64,
    id: [u8; 16],
    digest: [u8; 32],
}

impl Leaf {
    /// Bytes of a leaf.
    const LENGTH: usize = 56;

    /// Of whatever is stored, even if it is no event of ours: that is for who verifies to say.
    pub(super) fn of(event: &Unsealed) -> Self {
        let id = event.id.parse::<EventId>().map(|id| id.uuid().into_bytes());
        Self {
            position: event.position,
            id: id.unwrap_or_else(|_| beginning(&sha256(event.id.as_bytes()))),
            digest: event
                .digest
                .as_slice()
                .try_into()
                .unwrap_or_else(|_| beginning(&sha256(&event.digest))),
        }
    }

    /// The event's id, as it was when it was sealed.
    pub(super) fn event_id(&self) -> String {
        TypeSafeId::<EventKind>::from_uuid(Uuid::from_bytes(self.id)).to_string()
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.position.to_be_bytes());
        bytes.extend(self.id);
        bytes.extend(self.digest);
    }
}

fn beginning<const N: usize>(hash: &[u8]) -> [u8; N] {
    hash[..N].try_into().expect("a hash is longer")
}

/// The leaves of a seal; nothing if they are no leaves.
pub(super) fn leaves(bytes: &[u8]) -> Option<Vec<Leaf>> {
    let (leaves, []) = bytes.as_chunks::<{ Leaf::LENGTH }>() else {
        return None;
    };
    let leaf = |bytes: &[u8; Leaf::LENGTH]| Leaf {
        position: i64::from_be_bytes(beginning(&bytes[..8])),
        id: beginning(&bytes[8..24]),
        digest: beginning(&bytes[24..]),
    };
    Some(leaves.iter().map(leaf).collect())
}

/// Seals events behind a chain's newest seal.
pub(super) fn seal(
    keys: &AuditKeys,
    chain: &str,
    before: Option<&StoredHead>,
    events: &[Leaf],
    now: Timestamp,
) -> (StoredSeal, StoredHead) {
    let mut leaves = Vec::with_capacity(events.len() * Leaf::LENGTH);
    for event in events {
        event.write(&mut leaves);
    }
    let mut seal = StoredSeal {
        chain: chain.to_owned(),
        sequence: before.map_or(1, |head| head.sequence + 1),
        at: now.millis(),
        root: sha256(&leaves),
        leaves,
        previous: before.map_or(NOTHING.to_vec(), |head| head.digest.clone()),
        signature: Vec::new(),
    };
    seal.signature = keys.sign(&header(&seal));
    let mut head = StoredHead {
        chain: seal.chain.clone(),
        sequence: seal.sequence,
        digest: digest(&seal),
        mac: Vec::new(),
    };
    head.mac = keys.mac(&head_bytes(&head));
    (seal, head)
}

/// The hash of a seal, which the next one holds.
pub(super) fn digest(seal: &StoredSeal) -> Vec<u8> {
    sha256(&header(seal))
}

/// What a seal's signature covers: everything but the leaves, and by their root these too.
pub(super) fn header(seal: &StoredSeal) -> Vec<u8> {
    bytes_of(
        b"doorward audit seal 1",
        &[&seal.sequence.to_be_bytes(), &seal.at.to_be_bytes()],
        &[
            seal.chain.as_bytes(),
            &(seal.leaves.len() as u64).to_be_bytes(),
            &seal.root,
            &seal.previous,
        ],
    )
}

/// What a head's MAC covers.
pub(super) fn head_bytes(head: &StoredHead) -> Vec<u8> {
    bytes_of(
        b"doorward audit head 1",
        &[&head.sequence.to_be_bytes()],
        &[head.chain.as_bytes(), &head.digest],
    )
}

/// What the MAC of how far sealing has come covers.
pub(super) fn sealing_bytes(sealing: &StoredSealing) -> Vec<u8> {
    bytes_of(
        b"doorward audit sealing 1",
        &[
            &sealing.next.to_be_bytes(),
            &sealing.seals.to_be_bytes(),
            &sealing.events.to_be_bytes(),
        ],
        &[&sealing.skipped],
    )
}

/// Numbers as they are, and each text with its length before it.
pub(super) fn bytes_of(form: &[u8], numbers: &[&[u8; 8]], texts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = form.to_vec();
    for number in numbers {
        bytes.extend(*number);
    }
    for text in texts {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(*text);
    }
    bytes
}
