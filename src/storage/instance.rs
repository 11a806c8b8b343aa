//! The one row that ties a database to its master key.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::time::Timestamp;

/// The name of the master key that sealed what is in this database; nothing in a new one.
pub async fn master_key_id(tx: &mut Tx<'_>) -> Result<Option<String>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT master_key_id FROM instance WHERE id = 1"
    )?;
    Ok(row.map(|(id,)| id))
}

/// Ties a new database to a master key.
pub async fn insert(tx: &mut Tx<'_>, master_key_id: &str, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO instance (id, master_key_id, created_at) VALUES (1, $1, $2)",
        master_key_id,
        now.millis(),
    )?;
    Ok(())
}
