//! Usage: what products report that they use, each for itself, and what they are about to use.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, ProductId, ReservationId};
use crate::domain::time::Timestamp;

/// What one product reports, or what is reported for all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Which product; none for all together.
    pub product: Option<ProductId>,
    /// How many devices there are.
    pub devices: i64,
    /// How many deployments are active.
    pub active_deployments: i64,
    /// When this was last told; nothing was yet if absent.
    pub reported_at: Option<Timestamp>,
}

/// Devices that are about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// Which product asked for it, if one did.
    pub product: Option<ProductId>,
    /// How many.
    pub amount: i64,
    /// When it counts no longer.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    product_id: String,
    devices: i64,
    active_deployments: i64,
    reported_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ReservationRow {
    id: String,
    product_id: String,
    amount: i64,
    expires_at: i64,
}

impl Usage {
    /// Its place in a list: its product's id, and before all of these what is for all together.
    pub fn place(&self) -> String {
        self.product.map_or_else(|| "-".to_owned(), |id| id.to_string())
    }
}

impl TryFrom<UsageRow> for Usage {
    type Error = StorageError;

    fn try_from(columns: UsageRow) -> Result<Self, StorageError> {
        let row = Row::of("resource_usage", &columns.product_id);
        Ok(Self {
            product: row.parse_optional("product_id", some(&columns.product_id))?,
            devices: columns.devices,
            active_deployments: columns.active_deployments,
            reported_at: timestamp(columns.reported_at),
        })
    }
}

impl TryFrom<ReservationRow> for Reservation {
    type Error = StorageError;

    fn try_from(columns: ReservationRow) -> Result<Self, StorageError> {
        let row = Row::of("usage_reservations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            product: row.parse_optional("product_id", some(&columns.product_id))?,
            amount: columns.amount,
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn column(product: Option<ProductId>) -> String {
    product.map_or_else(String::new, |id| id.to_string())
}

/// Notes how much of a resource is used, whatever was noted before.
pub async fn report(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    product: Option<ProductId>,
    resource: &'static str,
    used: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO resource_usage (organization_id, product_id, resource, used, reported_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, product_id, resource) \
         DO UPDATE SET used = excluded.used, reported_at = excluded.reported_at",
        organization.to_string(),
        column(product),
        resource,
        used,
        now.millis(),
    )?;
    Ok(())
}

/// What a product reported, or what was for all together.
pub async fn of_product(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    product: Option<ProductId>,
) -> Result<Usage, StorageError> {
    let row = fetch!(
        fetch_one as UsageRow,
        tx,
        "SELECT $2 AS product_id, \
         CAST(COALESCE(SUM(CASE WHEN resource = 'devices' THEN used END), 0) AS BIGINT) AS devices, \
         CAST(COALESCE(SUM(CASE WHEN resource = 'active_deployments' THEN used END), 0) AS BIGINT) \
         AS active_deployments, MAX(reported_at) AS reported_at \
         FROM resource_usage WHERE organization_id = $1 AND product_id = $2",
        organization.to_string(),
        column(product),
    )?;
    row.try_into()
}

/// What is reported in an organization, first for all together, then by product.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Usage>, StorageError> {
    let rows = fetch!(
        fetch_all as UsageRow,
        tx,
        "SELECT product_id, \
         CAST(COALESCE(SUM(CASE WHEN resource = 'devices' THEN used END), 0) AS BIGINT) AS devices, \
         CAST(COALESCE(SUM(CASE WHEN resource = 'active_deployments' THEN used END), 0) AS BIGINT) \
         AS active_deployments, MAX(reported_at) AS reported_at \
         FROM resource_usage WHERE organization_id = $1 AND product_id >= $2 AND product_id <> $3 \
         GROUP BY product_id ORDER BY product_id LIMIT $4",
        organization.to_string(),
        &page.after,
        // On the first page nothing is left out: the id of no product is empty.
        if page.after.is_empty() {
            "-"
        } else {
            page.after.as_str()
        },
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many these are.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(DISTINCT product_id) FROM resource_usage WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// How many deployments are active in an organization.
pub async fn active_deployments(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT CAST(COALESCE(SUM(used), 0) AS BIGINT) FROM resource_usage \
         WHERE organization_id = $1 AND resource = 'active_deployments'",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Forgets what a product reported and reserved.
pub async fn forget_product(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    product: ProductId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM resource_usage WHERE organization_id = $1 AND product_id = $2",
        organization.to_string(),
        product.to_string(),
    )?;
    execute!(
        tx,
        "DELETE FROM usage_reservations WHERE organization_id = $1 AND product_id = $2",
        organization.to_string(),
        product.to_string(),
    )?;
    Ok(())
}

/// Keeps devices for somebody who is about to make them.
pub async fn reserve(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    reservation: &Reservation,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO usage_reservations (id, organization_id, product_id, resource, amount, created_at, expires_at) \
         VALUES ($1, $2, $3, 'devices', $4, $5, $6)",
        reservation.id.to_string(),
        organization.to_string(),
        column(reservation.product),
        reservation.amount,
        now.millis(),
        reservation.expires_at.millis(),
    )?;
    Ok(())
}

/// A reservation of an organization that still counts.
pub async fn reservation(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReservationId,
    now: Timestamp,
) -> Result<Option<Reservation>, StorageError> {
    let row = fetch!(
        fetch_optional as ReservationRow,
        tx,
        "SELECT id, product_id, amount, expires_at FROM usage_reservations \
         WHERE organization_id = $1 AND id = $2 AND expires_at > $3",
        organization.to_string(),
        id.to_string(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Gives back what was kept.
pub async fn release(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReservationId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM usage_reservations WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    Ok(())
}

/// Forgets reservations that count no longer.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM usage_reservations WHERE expires_at <= $1",
        now.millis()
    )
}
