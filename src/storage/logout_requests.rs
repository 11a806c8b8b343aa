//! Requests to sign somebody out: none is taken twice, on whatever node.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::time::Timestamp;

/// Takes one: of many who try, one does. It is remembered until it would be refused anyway.
pub async fn use_once(
    tx: &mut Tx<'_>,
    sender: &str,
    request: &str,
    until: Timestamp,
) -> Result<bool, StorageError> {
    let used = execute!(
        tx,
        "INSERT INTO logout_requests (sender, request_id, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (sender, request_id) DO NOTHING",
        sender,
        request,
        until.millis(),
    )?;
    Ok(used == 1)
}

/// Forgets those that would be refused anyway.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM logout_requests WHERE expires_at <= $1",
        now.millis()
    )
}
