//! What every change of a member keeps to, and what ends with it.

use crate::directory::{DirectoryError, Permit, holdings};
use crate::domain::access::{BuiltInRole, Holdings};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::storage::members::{self, Entry};
use crate::storage::{StorageError, Tx, activations, api_keys, families, memberships};

/// Nobody changes somebody who holds more. What they would hold, were they active and the hour right, counts too.
pub(in crate::directory) async fn holds_no_more<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: UserId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let member = memberships::member(tx, user, permit.organization()).await?;
    let member = member.ok_or(DirectoryError::NotFound)?;
    let role = member.membership.and_then(|membership| membership.role);
    holdings::may_change(permit, &Holdings::at_most(role.as_ref(), &member.grants, now))
}

/// The last owner who can act is not removed, suspended or demoted, and does not leave.
pub(in crate::directory) async fn an_owner(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    member: &Entry,
) -> Result<(), DirectoryError> {
    let owns = member.role.as_deref() == Some(BuiltInRole::Owner.name())
        && member.state.status() == MembershipStatus::Active;
    if owns && members::other_owners(tx, organization, member.user).await? == 0 {
        return Err(DirectoryError::LastOwner);
    }
    Ok(())
}

/// Ends what acts in a member's name by session or token.
pub(in crate::directory) async fn end_what_acts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
) -> Result<(), StorageError> {
    activations::end_of_member(tx, user, organization, now).await?;
    families::revoke_of_member(tx, user, organization, now).await
}

/// Ends a membership with everything that hangs on it.
pub(in crate::directory) async fn end_membership(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
) -> Result<(), StorageError> {
    end_what_acts(tx, organization, user, now).await?;
    api_keys::revoke_of_member(tx, user, organization, now).await?;
    memberships::delete(tx, organization, user).await
}
