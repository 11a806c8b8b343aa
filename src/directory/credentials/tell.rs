//! What a person hears of every change of what proves them.

use crate::directory::SelfPermit;
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx};

#[derive(Debug, Clone, Copy)]
pub(super) enum OwnFactor {
    Totp,
    Phone,
    RecoveryCodes,
    Passkey,
}

pub(super) async fn added<'t>(
    _tx: &mut Tx<'t>,
    _permit: &SelfPermit<'t>,
    _keyring: &Keyring,
    _factor: OwnFactor,
    _now: Timestamp,
) -> Result<(), StorageError> {
    Ok(())
}

pub(super) async fn removed<'t>(
    _tx: &mut Tx<'t>,
    _permit: &SelfPermit<'t>,
    _keyring: &Keyring,
    _factor: OwnFactor,
    _now: Timestamp,
) -> Result<(), StorageError> {
    Ok(())
}

pub(super) async fn removed_by_another(
    _tx: &mut Tx<'_>,
    _keyring: &Keyring,
    _user: UserId,
    _factor: OwnFactor,
    _now: Timestamp,
) -> Result<(), StorageError> {
    Ok(())
}
