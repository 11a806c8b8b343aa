//! Erasure: what is of a person goes from the log when the person does, and the log can still be proved.

use super::seal::bytes_of;
use crate::storage::audit_reading::StoredErasure;

/// What an erasure's signature covers.
pub(super) fn erasure_bytes(erasure: &StoredErasure) -> Vec<u8> {
    let finished = erasure
        .finished_at
        .map_or(Vec::new(), |at| at.to_be_bytes().to_vec());
    bytes_of(
        b"doorward audit erasure 1",
        &[&erasure.at.to_be_bytes(), &erasure.through.to_be_bytes()],
        &[erasure.user_id.as_bytes(), &finished],
    )
}
