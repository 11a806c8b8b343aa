//! Grants: giving members, groups and applications permissions.

use super::{DirectoryError, Permit};
use crate::audit::{self, Event};
use crate::domain::access::{Grant, Reason};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::Tx;
use crate::storage::grants::{self, GrantSubject};

/// Gives a grant of no more than the giver holds.
pub async fn give<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    subject: GrantSubject,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if !grant.permissions().is_subset(permit.holds()) {
        return Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]));
    }
    grants::insert(tx, permit.organization(), subject, grant, now).await?;
    let event = Event::of("grant.given", permit.actor())
        .within(permit.organization())
        .on(grant.id);
    audit::record(
        tx,
        keyring,
        &event.with("permissions", grant.permissions().to_string()),
        now,
    )
    .await?;
    Ok(())
}
