//! Alerts: what people are told of their accounts, and their administrators with them.

use super::{DirectoryError, Permit, SelfPermit};
use crate::domain::access::Permission;
use crate::domain::alert::AlertKind;
use crate::domain::id::{AlertId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Listed, Page, StorageError, Tx, alerts};

pub use crate::delivery::alerts::{Alert, raise};
pub use crate::storage::alerts::{Alert as StoredAlert, Told};

/// What somebody did to their own account, or what was done to it in their name.
pub fn of_oneself(permit: &SelfPermit<'_>, kind: AlertKind) -> Alert {
    Alert::of(permit.id(), kind, permit.origin().cloned())
}

/// Tells a member of what somebody else gave them. Who gives themselves something knows.
pub async fn raise_for_member<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: UserId,
    kind: AlertKind,
    now: Timestamp,
) -> Result<(), StorageError> {
    if permit.person() == Some(member) {
        return Ok(());
    }
    let alert = Alert::of(member, kind, None).within(permit.organization());
    raise(tx, keyring, &alert, now).await
}

/// A page of one's own alerts, newest first; by a token or key those of its organization.
pub async fn list_own<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    unseen: bool,
    page: &Page,
) -> Result<Listed<StoredAlert>, DirectoryError> {
    let place = permit.confined_to();
    let rows = alerts::of_user(tx, permit.id(), place, unseen, page).await?;
    let count = alerts::count_of_user(tx, permit.id(), place, unseen);
    Ok(page.of(rows, count).await?)
}

/// One of them.
pub async fn find_own<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    id: AlertId,
) -> Result<StoredAlert, DirectoryError> {
    let reaches = |alert: &StoredAlert| {
        let place = permit.confined_to();
        place.is_none() || alert.organization == place
    };
    let found = alerts::find(tx, permit.id(), id).await?;
    found.filter(reaches).ok_or(DirectoryError::NotFound)
}

/// Notes whether one saw an alert; when one first did stays.
pub async fn see<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    alert: &StoredAlert,
    seen: bool,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if alert.seen_at.is_some() == seen {
        return Ok(());
    }
    alerts::set_seen(tx, permit.id(), alert.id, seen.then_some(now)).await?;
    Ok(())
}

/// Notes that one saw all of them.
pub async fn see_all<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    alerts::see_all(tx, permit.id(), permit.confined_to(), now).await?;
    Ok(())
}

/// A page of what the administrators of the permit's organization are told, newest first: of those whom it manages, and
/// of acts in it.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Told>, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    let rows = alerts::of_organization(tx, permit.organization(), page).await?;
    let count = alerts::count_of_organization(tx, permit.organization());
    Ok(page.of(rows, count).await?)
}
