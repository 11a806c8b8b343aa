//! Nobody hands out more than they hold, nor changes who or what holds more (DESIGN §3). Every way to give, to change and
//! to take away asks here; the rule itself is `domain::access::Holdings`.

use super::{DirectoryError, Permit};
use crate::domain::access::{Holdings, PermissionSet};
use crate::domain::id::{ApplicationId, GroupId};
use crate::domain::time::Timestamp;
use crate::storage::{Tx, grants};

/// Refuses to give what is not held for good.
pub(super) fn may_give(permit: &Permit<'_>, gift: &Holdings) -> Result<(), DirectoryError> {
    lacks_nothing(permit, permit.holdings().lacks_to_give(gift))
}

/// The same for permissions on all products, such as a role's.
pub(super) fn may_give_everywhere(permit: &Permit<'_>, gift: PermissionSet) -> Result<(), DirectoryError> {
    may_give(permit, &Holdings::of(gift, None))
}

/// Refuses to change or take away what is not held.
pub(super) fn may_change(permit: &Permit<'_>, held: &Holdings) -> Result<(), DirectoryError> {
    lacks_nothing(permit, permit.holdings().lacks_to_change(held))
}

/// Refuses to let anybody into a group, or out of it, that grants more. Into it, so that nothing is handed on that is not
/// held for good, or by that same group.
pub(super) async fn may_share_group<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    group: GroupId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let held = of_group(tx, group, now).await?;
    lacks_nothing(permit, permit.holdings().lacks_to_share(&held))
}

/// The most that a group gives its members.
pub(super) async fn of_group(
    tx: &mut Tx<'_>,
    group: GroupId,
    now: Timestamp,
) -> Result<Holdings, DirectoryError> {
    let grants = grants::of_group(tx, group).await?;
    Ok(Holdings::at_most(None, &grants, now))
}

/// The most that an application can come to hold, acting for itself.
pub(super) async fn of_application(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    now: Timestamp,
) -> Result<Holdings, DirectoryError> {
    let grants = grants::of_application(tx, application).await?;
    Ok(Holdings::at_most(None, &grants, now))
}

/// Who stands above organizations lacks nothing in any.
fn lacks_nothing(permit: &Permit<'_>, lacking: PermissionSet) -> Result<(), DirectoryError> {
    if lacking.is_empty() || permit.stands_above() {
        Ok(())
    } else {
        Err(DirectoryError::Exceeds(lacking))
    }
}
