//! Tokens of provisioning systems, by the hash of their secret.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::access::PermissionSet;
use crate::domain::id::{OrganizationId, ScimTokenId};
use crate::domain::secret::SecretHash;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimToken {
    /// Its id.
    pub id: ScimTokenId,
    /// The one organization that it provisions.
    pub organization: OrganizationId,
    /// What its organization calls it.
    pub name: DisplayName,
    /// The most that it can do, and that those have whom it changes.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was last used, up to a minute late.
    pub last_used_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: String,
    organization_id: String,
    name: String,
    permissions: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<TokenRow> for ScimToken {
    type Error = StorageError;

    fn try_from(columns: TokenRow) -> Result<Self, StorageError> {
        let row = Row::of("scim_tokens", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            permissions: row.parse("permissions", &columns.permissions)?,
            created_at: Timestamp::from_millis(columns.created_at),
            expires_at: Timestamp::from_millis(columns.expires_at),
            last_used_at: timestamp(columns.last_used_at),
        })
    }
}

/// Stores a new token with what may be stored of its secret.
pub async fn insert(tx: &mut Tx<'_>, token: &ScimToken, secret: &SecretHash) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO scim_tokens (id, organization_id, name, secret_hash, permissions, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id.to_string(),
        token.organization.to_string(),
        token.name.as_str(),
        secret.as_bytes(),
        token.permissions.to_string(),
        token.created_at.millis(),
        token.expires_at.millis(),
    )?;
    Ok(())
}

/// The token of a secret, expired or good.
pub async fn by_secret(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<ScimToken>, StorageError> {
    let row = fetch!(
        fetch_optional as TokenRow,
        tx,
        "SELECT id, organization_id, name, permissions, created_at, expires_at, last_used_at FROM scim_tokens \
         WHERE secret_hash = $1",
        secret.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A token of an organization.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ScimTokenId,
) -> Result<Option<ScimToken>, StorageError> {
    let row = fetch!(
        fetch_optional as TokenRow,
        tx,
        "SELECT id, organization_id, name, permissions, created_at, expires_at, last_used_at FROM scim_tokens \
         WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's tokens, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<ScimToken>, StorageError> {
    let rows = fetch!(
        fetch_all as TokenRow,
        tx,
        "SELECT id, organization_id, name, permissions, created_at, expires_at, last_used_at FROM scim_tokens \
         WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The tokens of all organizations, by id.
pub async fn all(tx: &mut Tx<'_>, after: &str, limit: i64) -> Result<Vec<ScimToken>, StorageError> {
    let rows = fetch!(
        fetch_all as TokenRow,
        tx,
        "SELECT id, organization_id, name, permissions, created_at, expires_at, last_used_at FROM scim_tokens \
         WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many tokens an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM scim_tokens WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Forgets a token; answers `false` if it was gone.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ScimTokenId,
) -> Result<bool, StorageError> {
    let deleted = execute!(
        tx,
        "DELETE FROM scim_tokens WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    Ok(deleted == 1)
}

/// Notes when a token was used.
pub async fn used(tx: &mut Tx<'_>, id: ScimTokenId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE scim_tokens SET last_used_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis(),
    )?;
    Ok(())
}
