//! Retention: old events go, whole seals at a time from the beginning of a chain, and what is left can still be proved.

use super::seal::bytes_of;
use crate::storage::audit_reading::StoredCut;

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
