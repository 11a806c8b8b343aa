//! API keys, by the hash of their secret.

use std::time::Duration;

use ipnet::IpNet;

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, join, timestamp};
use super::sessions::SessionOrigin;
use super::{StorageError, Topic, Tx};
use crate::domain::access::{
    Address, OrganizationKeySubject, PermissionSet, Reason, key_address_refusal, key_refusals,
};
use crate::domain::id::{KeyId, OrganizationId, ProductId, UserId};
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
    /// The products it is limited to; all of them if none is named.
    pub products: &'a [ProductId],
    /// The networks it is used from; any if none is named.
    pub ip_allowlist: &'a [IpNet],
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
    /// The products it is limited to; all of them if none is named. One that is gone stays: no key comes to reach more.
    pub products: Vec<ProductId>,
    /// The networks it is used from; any if none is named.
    pub ip_allowlist: Vec<IpNet>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good, this point excluded.
    pub expires_at: Timestamp,
    /// When somebody revoked it, if anybody did.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, up to a minute late.
    pub last_used_at: Option<Timestamp>,
    /// From where that was, and by what.
    pub last_used_from: Option<SessionOrigin>,
    /// How often, up to a minute late.
    pub use_count: i64,
    /// The key that took its place, if one did.
    pub rotated_to: Option<KeyId>,
    /// Whether its maker had just proved themselves.
    pub made_fresh: bool,
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
    products: String,
    ip_allowlist: String,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_address: Option<String>,
    last_used_by: Option<String>,
    use_count: i64,
    rotated_to: Option<String>,
    made_fresh: bool,
    max_age_days: Option<i64>,
}

impl ApiKey {
    /// The longest life of a key that may transfer or delete an organization, change its security settings, or make keys.
    pub const LONGEST_FOR_GRAVE_ACTS: Duration = Duration::from_hours(90 * 24);

    /// All that makes the key itself worth nothing at `now` and from there, whoever it stands for.
    pub fn refusals(&self, now: Timestamp, address: Address) -> Vec<Reason> {
        let mut refusals = key_refusals(self.expires_at, self.revoked_at.is_some(), now);
        refusals.extend(self.too_old_at().filter(|at| *at <= now).map(Reason::KeyTooOld));
        refusals.extend(key_address_refusal(&self.ip_allowlist, address));
        refusals
    }

    /// When it is worth nothing: at its own end, or when it is older than its organization lets keys become.
    pub fn ends_at(&self) -> Timestamp {
        let too_old_at = self.too_old_at();
        too_old_at.map_or(self.expires_at, |at| at.min(self.expires_at))
    }

    fn too_old_at(&self) -> Option<Timestamp> {
        let days = self.max_age_days.and_then(|days| u64::try_from(days).ok());
        days.map(|days| self.created_at.plus(Duration::from_hours(days * 24)))
    }

    /// Whether it may do what a person proves themselves anew for: its maker had, and it was not made to last.
    pub fn is_for_grave_acts(&self) -> bool {
        self.made_fresh && self.expires_at.since(self.created_at) <= Self::LONGEST_FOR_GRAVE_ACTS
    }

    /// The products it is limited to, if it is.
    pub fn only_on(&self) -> Option<Vec<ProductId>> {
        (!self.products.is_empty()).then(|| self.products.clone())
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
            products: row.parse_list("products", &columns.products)?,
            ip_allowlist: row.parse_list("ip_allowlist", &columns.ip_allowlist)?,
            created_at: Timestamp::from_millis(columns.created_at),
            expires_at: Timestamp::from_millis(columns.expires_at),
            revoked_at: timestamp(columns.revoked_at),
            last_used_at: timestamp(columns.last_used_at),
            last_used_from: columns
                .last_used_address
                .zip(columns.last_used_by)
                .map(|(address, user_agent)| SessionOrigin { address, user_agent }),
            use_count: columns.use_count,
            rotated_to: row.parse_optional("rotated_to", columns.rotated_to.as_deref())?,
            made_fresh: columns.made_fresh,
            max_age_days: columns.max_age_days,
        })
    }
}

/// Stores a new key, whose maker has just proved themselves: there is no other way to make one.
pub async fn insert(tx: &mut Tx<'_>, key: &NewKey<'_>, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO api_keys (id, organization_id, user_id, name, secret_hash, permissions, created_at, expires_at, \
         products, ip_allowlist, made_fresh) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        key.id.to_string(),
        key.organization.to_string(),
        key.user.map(|id| id.to_string()),
        key.name,
        key.hash.as_bytes(),
        key.permissions.to_string(),
        now.millis(),
        key.expires_at.millis(),
        join(key.products),
        join(key.ip_allowlist),
        true,
    )?;
    tx.changed(Topic::Key(key.id));
    Ok(())
}

/// The key of a secret, revoked, expired or good.
pub async fn by_secret(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<ApiKey>, StorageError> {
    let row = fetch!(
        fetch_optional as KeyRow,
        tx,
        "SELECT id, organization_id, user_id, name, permissions, products, ip_allowlist, created_at, expires_at, revoked_at, \
         last_used_at, last_used_address, last_used_by, use_count, rotated_to, made_fresh, \
         (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
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
        "SELECT id, organization_id, user_id, name, permissions, products, ip_allowlist, created_at, expires_at, revoked_at, \
         last_used_at, last_used_address, last_used_by, use_count, rotated_to, made_fresh, \
         (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
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
        "SELECT id, organization_id, user_id, name, permissions, products, ip_allowlist, created_at, expires_at, revoked_at, \
         last_used_at, last_used_address, last_used_by, use_count, rotated_to, made_fresh, \
         (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
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
        "SELECT id, organization_id, user_id, name, permissions, products, ip_allowlist, created_at, expires_at, revoked_at, \
         last_used_at, last_used_address, last_used_by, use_count, rotated_to, made_fresh, \
         (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
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
        "SELECT id, organization_id, user_id, name, permissions, products, ip_allowlist, created_at, expires_at, revoked_at, \
         last_used_at, last_used_address, last_used_by, use_count, rotated_to, made_fresh, \
         (SELECT o.api_key_max_age_days FROM organizations o WHERE o.id = organization_id) AS max_age_days \
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

/// Adds what was counted of a key's use, and notes the last.
pub async fn used(
    tx: &mut Tx<'_>,
    id: KeyId,
    times: i64,
    last: Timestamp,
    from: &SessionOrigin,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE api_keys SET use_count = use_count + $2, \
         last_used_address = CASE WHEN last_used_at > $3 THEN last_used_address ELSE $4 END, \
         last_used_by = CASE WHEN last_used_at > $3 THEN last_used_by ELSE $5 END, \
         last_used_at = CASE WHEN last_used_at > $3 THEN last_used_at ELSE $3 END WHERE id = $1",
        id.to_string(),
        times,
        last.millis(),
        &from.address,
        &from.user_agent,
    )?;
    tx.changed(Topic::Key(id));
    Ok(())
}

/// Lets another key take a key's place, which ends then at the latest; answers `false` if one did already.
pub async fn rotated(
    tx: &mut Tx<'_>,
    id: KeyId,
    to: KeyId,
    ends_at: Timestamp,
) -> Result<bool, StorageError> {
    let rotated = execute!(
        tx,
        "UPDATE api_keys SET rotated_to = $2, expires_at = CASE WHEN expires_at < $3 THEN expires_at ELSE $3 END \
         WHERE id = $1 AND rotated_to IS NULL AND revoked_at IS NULL",
        id.to_string(),
        to.to_string(),
        ends_at.millis(),
    )?;
    tx.changed(Topic::Key(id));
    Ok(rotated == 1)
}

/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Some keys that end within so many days, by their own end or by the age that their organization lets keys become, that
/// live longer than that and nobody was warned of.
pub async fn ending_within(tx: &mut Tx<'_>, days: i64, now: Timestamp) -> Result<Vec<KeyId>, StorageError> {
    let by_end = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT id FROM api_keys WHERE revoked_at IS NULL AND expires_at > $1 AND expires_at <= $2 \
         AND rotated_to IS NULL AND expires_at - created_at > $3 AND (warned_days IS NULL OR warned_days > $4) \
         ORDER BY expires_at LIMIT 100",
        now.millis(),
        now.millis() + days * DAY,
        days * DAY,
        days,
    )?;
    let by_age = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT k.id FROM organizations o JOIN api_keys k ON k.organization_id = o.id \
         WHERE o.api_key_max_age_days IS NOT NULL AND o.api_key_max_age_days > $4 AND k.revoked_at IS NULL \
         AND k.expires_at > $1 AND k.rotated_to IS NULL AND (k.warned_days IS NULL OR k.warned_days > $4) \
         AND k.created_at + o.api_key_max_age_days * $3 > $1 AND k.created_at + o.api_key_max_age_days * $3 <= $2 \
         LIMIT 100",
        now.millis(),
        now.millis() + days * DAY,
        DAY,
        days,
    )?;
    let all = by_end.into_iter().chain(by_age);
    all.map(|(id,)| Row::of("api_keys", &id).parse("id", &id))
        .collect()
}

/// Notes that somebody was warned so many days before a key's end; answers `false` if that was done already.
pub async fn warned(tx: &mut Tx<'_>, id: KeyId, days: i64) -> Result<bool, StorageError> {
    let noted = execute!(
        tx,
        "UPDATE api_keys SET warned_days = $2 WHERE id = $1 AND (warned_days IS NULL OR warned_days > $2)",
        id.to_string(),
        days,
    )?;
    tx.changed(Topic::Key(id));
    Ok(noted == 1)
}
