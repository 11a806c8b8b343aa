//! Groups: named members with grants.

use super::{DirectoryError, Permit};
use crate::audit::{self, Event};
use crate::domain::access::{GroupName, Permission};
use crate::domain::id::MembershipId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, groups};

/// Makes a group and puts members into it.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    group: &GroupName,
    members: &[MembershipId],
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::GroupWrite)?;
    groups::insert(tx, permit.organization(), group, "group", now).await?;
    for member in members {
        groups::add_member(tx, permit.organization(), group.id, *member).await?;
    }
    let event = Event::of("group.created", permit.actor())
        .within(permit.organization())
        .on(group.id);
    audit::record(tx, keyring, &event.with("name", group.name.as_str()), now).await?;
    Ok(())
}
