//! Limits of organizations, and the count of what they are for.

use super::query::{execute, fetch};
use super::{StorageError, Topic, Tx};
use crate::domain::id::OrganizationId;
use crate::domain::limit::{Limits, Resource};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "as the columns are called")]
struct LimitsRow {
    limit_products: i64,
    limit_devices: i64,
    limit_users: i64,
    limit_api_keys: i64,
    limit_webhooks: i64,
}

impl From<LimitsRow> for Limits {
    fn from(columns: LimitsRow) -> Self {
        Self::new(|resource| match resource {
            Resource::Products => columns.limit_products,
            Resource::Devices => columns.limit_devices,
            Resource::Users => columns.limit_users,
            Resource::ApiKeys => columns.limit_api_keys,
            Resource::Webhooks => columns.limit_webhooks,
        })
    }
}

/// The limits of an organization; nothing if there is none.
pub async fn of(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Option<Limits>, StorageError> {
    let row = fetch!(
        fetch_optional as LimitsRow,
        tx,
        "SELECT limit_products, limit_devices, limit_users, limit_api_keys, limit_webhooks \
         FROM organizations WHERE id = $1",
        organization.to_string(),
    )?;
    Ok(row.map(Into::into))
}

/// Changes the limits of an organization.
pub async fn set(tx: &mut Tx<'_>, organization: OrganizationId, limits: Limits) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE organizations SET limit_products = $2, limit_devices = $3, limit_users = $4, limit_api_keys = $5, \
         limit_webhooks = $6 WHERE id = $1",
        organization.to_string(),
        limits.of(Resource::Products),
        limits.of(Resource::Devices),
        limits.of(Resource::Users),
        limits.of(Resource::ApiKeys),
        limits.of(Resource::Webhooks),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// How many seats are taken in an organization: members of any status, and invitations that can still be accepted.
pub async fn seats(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT (SELECT COUNT(*) FROM memberships WHERE organization_id = $1) + (SELECT COUNT(*) FROM invitations \
         WHERE organization_id = $1 AND state = 'pending' AND expires_at > $2)",
        organization.to_string(),
        now.millis(),
    )?;
    Ok(count)
}

/// How many keys that act in an organization are good.
pub async fn good_keys(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL AND expires_at > $2",
        organization.to_string(),
        now.millis(),
    )?;
    Ok(count)
}

/// How many devices the products of an organization report, and are about to have.
pub async fn devices(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT CAST((SELECT COALESCE(SUM(used), 0) FROM resource_usage \
         WHERE organization_id = $1 AND resource = 'devices') + (SELECT COALESCE(SUM(amount), 0) \
         FROM usage_reservations WHERE organization_id = $1 AND resource = 'devices' AND expires_at > $2) AS BIGINT)",
        organization.to_string(),
        now.millis(),
    )?;
    Ok(count)
}
