//! Set-up: the first owner of an instance, once.

use super::api_keys::NewPersonalKey;
use super::organizations::NewOrganization;
use super::permit::require_unclaimed;
use super::users::NewUser;
use super::{DirectoryError, organizations, users};
use crate::audit::{self, Actor, Event, Fields};
use crate::domain::access::{BuiltInRole, Role};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::api_keys::{self, NewKey};
use crate::storage::{self, Db, StorageError, Tx, roles};

/// The first owner and their organization, drawn and hashed before the transaction.
#[derive(Clone)]
pub struct FirstOwner {
    /// The organization.
    pub organization: NewOrganization,
    /// The owner, a superuser.
    pub user: NewUser,
    /// A key to go on with, if one is asked for.
    pub key: Option<NewPersonalKey>,
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
    users::create_member(tx, &permit, keyring, home, &owner.user, BuiltInRole::Owner, now).await?;
    if let Some(key) = &owner.key {
        let new = NewKey {
            id: key.id,
            organization: key.organization,
            user: Some(key.user),
            name: &key.name,
            hash: &key.hash,
            permissions: key.permissions,
            products: &[],
            ip_allowlist: &[],
            expires_at: key.expires_at,
        };
        api_keys::insert(tx, &new, now).await?;
        let made = Fields::new()
            .with("name", key.name.as_str())
            .with("owner", key.user.to_string())
            .with("expires_at", key.expires_at.to_string());
        let event = Event::of("api_key.created", Actor::Host)
            .within(key.organization)
            .on(key.id)
            .made(&made);
        audit::record(tx, keyring, &event, now).await?;
    }
    Ok(())
}

/// Whether nobody owns the instance yet.
pub async fn is_needed(db: &Db) -> Result<bool, StorageError> {
    let mut snapshot = db.snapshot().await?;
    Ok(!storage::users::any_superuser(&mut snapshot.tx()).await?)
}
