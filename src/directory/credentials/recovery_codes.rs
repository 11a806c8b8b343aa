//! One's own recovery codes: ten at a time, shown once. New ones kill the old.

use std::sync::Arc;

use super::tell;
use crate::audit;
use crate::directory::{DirectoryError, SelfPermit};
use crate::domain::alert::OwnFactor;
use crate::domain::id::{CredentialId, UserId};
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in;
use crate::storage::recovery_codes::{self, Set};
use crate::storage::{Tx, second_factors};

/// A set that was drawn. Cheap to copy.
#[derive(Clone)]
pub struct NewSet(Arc<Drawn>);

struct Drawn {
    id: CredentialId,
    codes: Vec<RecoveryCode>,
    hashes: Vec<SecretHash>,
}

impl NewSet {
    /// Draws a set for a user.
    pub fn draw(keyring: &Keyring, user: UserId, now: Timestamp) -> Self {
        let code = |_| RecoveryCode::from_bytes(random::bytes());
        let codes: Vec<_> = (0..RecoveryCode::SET).map(code).collect();
        let hash = |code| sign_in::recovery_code::hash(keyring, user, code);
        Self(Arc::new(Drawn {
            id: random::id(now),
            hashes: codes.iter().map(hash).collect(),
            codes,
        }))
    }

    /// The codes, for the one page they are shown on.
    pub fn codes(&self) -> &[RecoveryCode] {
        &self.0.codes
    }
}

/// What is known of one's set, if there is one.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &SelfPermit<'t>) -> Result<Option<Set>, DirectoryError> {
    Ok(recovery_codes::of_user(tx, permit.id()).await?)
}

/// Makes a set in place of the one there is.
pub async fn make<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    new: &NewSet,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    if !second_factors::of_user(tx, permit.id()).await?.any() {
        let why = "recovery codes stand in for a second factor; set one up first, and they come with it";
        return Err(DirectoryError::Unmet(vec![("no_second_factor", why.to_owned())]));
    }
    put(tx, permit, keyring, new, now).await
}

/// Makes the set that comes with one's first second factor; answers whether there was none before.
pub async fn make_first<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    new: &NewSet,
    now: Timestamp,
) -> Result<bool, DirectoryError> {
    permit.is_fresh()?;
    if recovery_codes::of_user(tx, permit.id()).await?.is_some() {
        return Ok(false);
    }
    put(tx, permit, keyring, new, now).await?;
    Ok(true)
}

async fn put<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    new: &NewSet,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    recovery_codes::replace(tx, permit.id(), new.0.id, &new.0.hashes, now).await?;
    let event = permit.event("recovery_codes.made").on(permit.id());
    let event = event.with("credential", new.0.id.to_string());
    audit::record(tx, keyring, &event, now).await?;
    tell::added(tx, permit, keyring, OwnFactor::RecoveryCodes, now).await?;
    Ok(())
}

/// Takes one's set away.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    if !recovery_codes::delete_of_user(tx, permit.id()).await? {
        return Err(DirectoryError::NotFound);
    }
    let event = permit.event("recovery_codes.removed").on(permit.id());
    audit::record(tx, keyring, &event, now).await?;
    tell::removed(tx, permit, keyring, OwnFactor::RecoveryCodes, now).await?;
    Ok(())
}
