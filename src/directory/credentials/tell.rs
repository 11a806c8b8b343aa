//! What a person hears of every change of what proves them.

use crate::delivery::alerts::{Alert, raise};
use crate::directory::SelfPermit;
use crate::domain::alert::{AlertKind, OwnFactor};
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx};

/// They have one more.
pub(super) async fn added<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    factor: OwnFactor,
    now: Timestamp,
) -> Result<(), StorageError> {
    let kind = AlertKind::FactorAdded { factor, name: None };
    let alert = Alert::of(permit.id(), kind, permit.origin().cloned());
    raise(tx, keyring, &alert, now).await
}

/// They took one away.
pub(super) async fn removed<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    factor: OwnFactor,
    now: Timestamp,
) -> Result<(), StorageError> {
    let kind = AlertKind::FactorRemoved { factor, name: None };
    let alert = Alert::of(permit.id(), kind, permit.origin().cloned());
    raise(tx, keyring, &alert, now).await
}

/// Somebody else took one away for them.
pub(super) async fn removed_by_another(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    factor: OwnFactor,
    now: Timestamp,
) -> Result<(), StorageError> {
    let kind = AlertKind::FactorRemoved { factor, name: None };
    raise(tx, keyring, &Alert::of(user, kind, None), now).await
}
