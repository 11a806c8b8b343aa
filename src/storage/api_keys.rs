//! API keys, by the hash of their secret.

use std::time::Duration;

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::access::{OrganizationKeySubject, PermissionSet, Reason, key_refusals};
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::text::DisplayName;
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

/// A key as stored.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// The one organization it acts in.
    pub organization: OrganizationId,
    /// Whose it is; the organization's own if nobody's.
    pub user: Option<UserId>,
    /// What its owner calls it.
    pub name: DisplayName,
    /// The most it can do.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good, this point excluded.
    pub expires_at: Timestamp,
    /// When somebody revoked it, if anybody did.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, up to a minute late.
    pub last_used_at: Option<Timestamp>,
    /// How often, up to a minute late.
    pub use_count: i64,
    /// How old its organization lets keys become.
    pub max_age_days: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    organization_id: String,
    user_id: Option<String>,
    name: String,
    permissions: String,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    use_count: i64,
    max_age_days: Option<i64>,
}

impl ApiKey {
    /// All that makes the key itself worth nothing at `now`, whoever it stands for.
    pub fn refusals(&self, now: Timestamp) -> Vec<Reason> {
        let days = self.max_age_days.and_then(|days| u64::try_from(days).ok());
        let too_old_at = days.map(|days| self.created_at.plus(Duration::from_hours(days * 24)));
        let mut refusals = key_refusals(self.expires_at, self.revoked_at.is_some(), now);
        refusals.extend(too_old_at.filter(|at| *at <= now).map(Reason::KeyTooOld));
        refusals
    }

    /// What access says of it if it is nobody's but the organization's.
    pub fn of_organization(&self) -> OrganizationKeySubject {
        OrganizationKeySubject {
            id: self.id,
            organization: self.organization,
            permissions: self.permissions,
            expires_at: self.expires_at,
            revoked: self.revoked_at.is_some(),
        }
    }
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = StorageError;

    fn try_from(columns: KeyRow) -> Result<Self, StorageError> {
        let row = Row::of("api_keys", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            user: row.parse_optional("user_id", columns.user_id.as_deref())?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            permissions: row.parse("permissions", &columns.permissions)?,
            created_at: Timestamp::from_millis(columns.created_at),
            expires_at: Timestamp::from_millis(columns.expires_at),
            revoked_at: timestamp(columns.revoked_at),
            last_used_at: timestamp(columns.last_used_at),
            use_count: columns.use_count,
            max_age_days: columns.max_age_days,
        })
    }
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

/// The key of a secret, revoked, expired or good.
pub async fn by_secret(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<ApiKey>, StorageError> {
    let row = fetch!(
        fetch_optional as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, created_at, expires_at, revoked_at, last_used_at, \
         use_count, (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
         FROM api_keys WHERE secret_hash = $1",
        secret.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The key of an id, unless it was revoked.
pub async fn by_id(tx: &mut Tx<'_>, id: KeyId) -> Result<Option<ApiKey>, StorageError> {
    let row = fetch!(
        fetch_optional as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, created_at, expires_at, revoked_at, last_used_at, \
         use_count, (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
         FROM api_keys WHERE id = $1 AND revoked_at IS NULL",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A key that acts in an organization, revoked, expired or good.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: KeyId,
) -> Result<Option<ApiKey>, StorageError> {
    let row = fetch!(
        fetch_optional as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, created_at, expires_at, revoked_at, last_used_at, \
         use_count, (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
         FROM api_keys WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The keys that act in an organization, personal or its own, by id; without the revoked.
pub async fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<ApiKey>, StorageError> {
    let rows = fetch!(
        fetch_all as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, created_at, expires_at, revoked_at, last_used_at, \
         use_count, (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
         FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many keys that act in an organization are not revoked.
pub async fn count_of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL",
        organization.to_string(),
    )?;
    Ok(count)
}

/// A person's own keys, in one organization or wherever they act, by id; without the revoked.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
    page: &Page,
) -> Result<Vec<ApiKey>, StorageError> {
    let rows = fetch!(
        fetch_all as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, created_at, expires_at, revoked_at, last_used_at, \
         use_count, (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
         FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND id > $2 \
         AND ($4 = '' OR organization_id = $4) ORDER BY id LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many keys of a person are not revoked, in one organization or everywhere.
pub async fn count_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND ($2 = '' OR organization_id = $2)",
        user.to_string(),
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    Ok(count)
}

/// Ends a key; answers `false` if it had ended already.
pub async fn revoke(tx: &mut Tx<'_>, id: KeyId, now: Timestamp) -> Result<bool, StorageError> {
    let revoked = execute!(
        tx,
        "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Key(id));
    Ok(revoked == 1)
}

/// Ends a person's keys in an organization; answers how many.
pub async fn revoke_of_member(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<usize, StorageError> {
    let revoked = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE api_keys SET revoked_at = $3 \
         WHERE user_id = $1 AND organization_id = $2 AND revoked_at IS NULL RETURNING id",
        user.to_string(),
        organization.to_string(),
        now.millis(),
    )?;
    for (id,) in &revoked {
        tx.changed(Topic::Key(Row::of("api_keys", id).parse("id", id)?));
    }
    Ok(revoked.len())
}

/// Ends a person's keys, wherever they act; answers how many.
pub async fn revoke_of_user(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<usize, StorageError> {
    let revoked = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE api_keys SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id",
        user.to_string(),
        now.millis(),
    )?;
    for (id,) in &revoked {
        tx.changed(Topic::Key(Row::of("api_keys", id).parse("id", id)?));
    }
    Ok(revoked.len())
}

/// Adds what was counted of a key's use.
pub async fn used(tx: &mut Tx<'_>, id: KeyId, times: i64, last: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE api_keys SET use_count = use_count + $2, \
         last_used_at = CASE WHEN last_used_at > $3 THEN last_used_at ELSE $3 END WHERE id = $1",
        id.to_string(),
        times,
        last.millis(),
    )?;
    tx.changed(Topic::Key(id));
    Ok(())
}
