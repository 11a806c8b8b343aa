//! Assertions that were used: none is used twice, on whatever node.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::id::ConnectionId;
use crate::domain::time::Timestamp;

/// Uses one: of many who try, one does. It is remembered until it would be refused anyway.
pub async fn use_once(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    assertion: &str,
    until: Timestamp,
) -> Result<bool, StorageError> {
    let used = execute!(
        tx,
        "INSERT INTO saml_assertions (connection_id, assertion_id, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (connection_id, assertion_id) DO NOTHING",
        connection.to_string(),
        assertion,
        until.millis(),
    )?;
    Ok(used == 1)
}

/// Forgets those that would be refused anyway.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM saml_assertions WHERE expires_at <= $1",
        now.millis()
    )
}
