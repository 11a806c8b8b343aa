//! Grants: giving members, groups and applications permissions.

use super::{DirectoryError, Permit};
use crate::audit::{self, Event};
use crate::domain::access::{Gives, Grant, Permission, Reason};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::grants::{self, GrantSubject};
use crate::storage::{Tx, roles};

/// Gives a grant of no more than the giver holds. What a role gives is read from its row; that subject and product are
/// the same organization's is the database's own rule.
pub async fn give<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    subject: GrantSubject,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let organization = permit.organization();
    let gives = match &grant.gives {
        Gives::Role(role) => {
            let role = roles::available(tx, organization, role.id).await?;
            Gives::Role(role.ok_or(DirectoryError::Invalid("there is no such role here"))?)
        }
        Gives::Permissions(permissions) => Gives::Permissions(*permissions),
    };
    let grant = Grant {
        gives,
        ..grant.clone()
    };
    if !grant.permissions().is_subset(permit.holds()) {
        return Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]));
    }
    grants::insert(tx, organization, subject, &grant, now).await?;
    let event = Event::of("grant.given", permit.actor())
        .within(organization)
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
