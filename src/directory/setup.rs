//! Set-up: the first owner of an instance, by command or by claim link, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::api_keys::NewPersonalKey;
use super::organizations::NewOrganization;
use super::permit::require_unclaimed;
use super::users::NewUser;
use super::{DirectoryError, organizations, users};
use crate::audit::{self, Actor, Event};
use crate::domain::access::{BuiltInRole, Role};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::api_keys::{self, NewKey};
use crate::storage::{self, Db, Lane, StorageError, Tx, claims, roles};

/// A claim link is good for one day.
pub const CLAIM_LIFETIME: Duration = Duration::from_hours(24);

/// The first owner and their organization, drawn and hashed before the transaction.
#[derive(Clone)]
pub struct FirstOwner {
    /// The organization.
    pub organization: NewOrganization,
    /// The owner, a superuser.
    pub user: NewUser,
}

/// Makes the built-in roles, the first organization and its owner, who is a superuser.
pub async fn first_owner(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    owner: &FirstOwner,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let permit = require_unclaimed(tx).await?;
    for role in BuiltInRole::ALL {
        let role = Role {
            id: random::id(now),
            name: role.name().to_owned(),
            permissions: role.permissions(),
        };
        roles::insert_built_in(tx, &role, now).await?;
    }
    organizations::create(tx, &permit, keyring, &owner.organization, now).await?;
    let home = owner.organization.id;
    users::create_member(tx, &permit, keyring, home, &owner.user, BuiltInRole::Owner, now).await
}

/// The first owner's key, made in the same transaction as the owner.
pub async fn first_key(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    key: &NewPersonalKey,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let new = NewKey {
        id: key.id,
        organization: key.organization,
        user: Some(key.user),
        name: &key.name,
        hash: &key.hash,
        permissions: key.permissions,
        expires_at: key.expires_at,
    };
    api_keys::insert(tx, &new, now).await?;
    let event = Event::of("api_key.created", Actor::Host)
        .within(key.organization)
        .on(key.id);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Whether nobody owns the instance yet.
pub async fn is_needed(db: &Db) -> Result<bool, StorageError> {
    let mut snapshot = db.snapshot().await?;
    Ok(!storage::users::any_superuser(&mut snapshot.tx()).await?)
}

/// A new claim secret; earlier ones die.
pub async fn offer_claim(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<Secret, StorageError> {
    let secret = random::secret();
    let hash = secret.hash(Purpose::Claim);
    let keyring = keyring.clone();
    let offered = db.write(Lane::Instance, move |tx| {
        let (hash, keyring) = (hash.clone(), keyring.clone());
        Box::pin(async move {
            claims::replace(tx, &hash, now, now.plus(CLAIM_LIFETIME)).await?;
            audit::record(tx, &keyring, &Event::of("claim.offered", Actor::Host), now).await
        })
    });
    let done: Result<(), StorageError> = offered.await;
    done.map(|()| secret)
}

/// Whether a claim can still be used: not used, not too old, and nobody owns the instance.
pub async fn claim_is_open(db: &Db, hash: &SecretHash, now: Timestamp) -> Result<bool, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let mut tx = snapshot.tx();
    Ok(claims::is_open(&mut tx, hash, now).await? && !storage::users::any_superuser(&mut tx).await?)
}

/// Where the claim link is written when there is no terminal to show it on.
pub fn claim_file(data_dir: &Path) -> PathBuf {
    data_dir.join("claim")
}

/// Removes the claim link's file, which is worth nothing once it is used.
pub fn forget_claim_file(data_dir: &Path) {
    match std::fs::remove_file(claim_file(data_dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "can't remove the used claim link's file");
        }
        _ => {}
    }
}

/// Uses a claim to make the first owner.
pub async fn claim(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    hash: &SecretHash,
    owner: &FirstOwner,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if !claims::consume(tx, hash, now).await? {
        return Err(DirectoryError::ClaimOver);
    }
    first_owner(tx, keyring, owner, now).await
}
