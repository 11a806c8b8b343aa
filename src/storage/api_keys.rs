//! API keys, by the hash of their secret.

use super::query::execute;
use super::{StorageError, Topic, Tx};
use crate::domain::access::PermissionSet;
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A key to store. Without a user it is the organization's own.
pub struct NewKey<'a> {
    /// Its id.
    pub id: KeyId,
    /// Where it acts.
    pub organization: OrganizationId,
    /// Whose it is.
    pub user: Option<UserId>,
    /// What its owner calls it.
    pub name: &'a str,
    /// What is stored of the secret.
    pub hash: &'a SecretHash,
    /// The most it can do.
    pub permissions: PermissionSet,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

/// Stores a new key.
pub async fn insert(tx: &mut Tx<'_>, key: &NewKey<'_>, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO api_keys (id, organization_id, user_id, name, secret_hash, permissions, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.id.to_string(),
        key.organization.to_string(),
        key.user.map(|id| id.to_string()),
        key.name,
        key.hash.as_bytes(),
        key.permissions.to_string(),
        now.millis(),
        key.expires_at.millis(),
    )?;
    tx.changed(Topic::Key(key.id));
    Ok(())
}
