//! Whether people come by a connection, what that takes, and what ends when they don't any more.

use super::readiness::lacks;
use crate::directory::{DirectoryError, Permit, holdings};
use crate::domain::access::PermissionSet;
use crate::domain::connection::{Connection, ConnectionStatus};
use crate::domain::id::ConnectionId;
use crate::domain::time::Timestamp;
use crate::storage::{Tx, security, sessions};

/// Who lets a provider say of everybody who they are could let it say so of an owner.
pub(super) fn may_vouch(permit: &Permit<'_>) -> Result<(), DirectoryError> {
    holdings::may_give_everywhere(permit, PermissionSet::ALL)
}

/// Refuses to enable what could not work, or could not be believed.
pub(super) fn has_what_it_takes(
    connection: &Connection,
    has_secret: bool,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let lacking = lacks(&connection.provider, has_secret, now);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(DirectoryError::Unmet(lacking))
}

/// Refuses to take away what members have to come by.
pub(super) async fn is_not_required(tx: &mut Tx<'_>, connection: &Connection) -> Result<(), DirectoryError> {
    let asked = security::of(tx, connection.organization).await?;
    if asked.is_some_and(|asked| asked.required_connection == Some(connection.id)) {
        let first = "members have to come by this connection: take it from the security settings first";
        return Err(DirectoryError::InUse(first.to_owned()));
    }
    Ok(())
}

/// Ends at once what stands on its word (UP8).
pub(super) async fn end_its_word(tx: &mut Tx<'_>, connection: ConnectionId) -> Result<(), DirectoryError> {
    Ok(sessions::forget_word(tx, connection, None).await?)
}

/// What the log calls a change.
pub(super) fn verb(before: ConnectionStatus, after: ConnectionStatus) -> &'static str {
    match (before == after, after) {
        (false, ConnectionStatus::Enabled) => "connection.enabled",
        (false, ConnectionStatus::Disabled) => "connection.disabled",
        _ => "connection.updated",
    }
}
