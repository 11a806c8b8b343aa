//! The outbox: sealed letters on their way.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;

/// Stores a letter that is due at once.
pub async fn insert(
    tx: &mut Tx<'_>,
    id: LetterId,
    sealed_letter: &[u8],
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO outbox (id, sealed_letter, created_at, due_at, attempts) VALUES ($1, $2, $3, $3, 0)",
        id.to_string(),
        sealed_letter,
        now.millis(),
    )?;
    Ok(())
}
