//! Who asked for a link to another password. Stored alike whether or not anybody has the address, and taken out by a job.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::ResetRequestId;

/// Somebody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetRequest {
    /// Names it.
    pub id: ResetRequestId,
    /// Whom they said they are.
    pub email: Email,
    /// From where they asked.
    pub address: String,
    /// With which program.
    pub user_agent: String,
}

/// Stores one.
pub async fn insert(tx: &mut Tx<'_>, request: &ResetRequest) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO reset_requests (id, email, address, user_agent) VALUES ($1, $2, $3, $4)",
        request.id.to_string(),
        request.email.as_str(),
        &request.address,
        &request.user_agent,
    )?;
    Ok(())
}

/// The oldest of them.
pub async fn oldest(tx: &mut Tx<'_>, most: i64) -> Result<Vec<ResetRequest>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, String, String),
        tx,
        "SELECT id, email, address, user_agent FROM reset_requests ORDER BY id LIMIT $1",
        most,
    )?;
    let request = |(id, email, address, user_agent): (String, String, String, String)| {
        let row = Row::of("reset_requests", &id);
        Ok(ResetRequest {
            id: row.parse("id", &id)?,
            email: row.parse("email", &email)?,
            address,
            user_agent,
        })
    };
    rows.into_iter().map(request).collect()
}

/// Takes one out: of many who try, one does.
pub async fn take(tx: &mut Tx<'_>, id: ResetRequestId) -> Result<bool, StorageError> {
    let taken = execute!(tx, "DELETE FROM reset_requests WHERE id = $1", id.to_string())?;
    Ok(taken == 1)
}
