//! Whom an organization's provisioning system removed, and may bring back without asking them.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, UserId};

/// Notes that somebody was removed.
pub async fn insert(tx: &mut Tx<'_>, organization: OrganizationId, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO scim_leavers (organization_id, user_id) VALUES ($1, $2) \
         ON CONFLICT (organization_id, user_id) DO NOTHING",
        organization.to_string(),
        user.to_string(),
    )?;
    Ok(())
}

/// Whether somebody was removed, and has not been a member since.
pub async fn is_one(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<bool, StorageError> {
    let found = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT user_id FROM scim_leavers WHERE organization_id = $1 AND user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    Ok(found.is_some())
}

/// Forgets it of somebody who is a member again, whoever let them in.
pub(super) async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM scim_leavers WHERE organization_id = $1 AND user_id = $2",
        organization.to_string(),
        user.to_string(),
    )?;
    Ok(())
}
