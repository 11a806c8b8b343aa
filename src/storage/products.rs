//! Products: what permissions can be limited to.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::id::{OrganizationId, ProductId};
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A product to store. Its name is a slug like an organization's.
#[derive(Clone)]
pub struct NewProduct {
    /// Its id.
    pub id: ProductId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Unique in its organization.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
}

/// A product as stored.
#[derive(Debug, Clone)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Unique in its organization; never changes.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ProductRow {
    id: String,
    name: String,
    display_name: String,
    created_at: i64,
}

impl TryFrom<ProductRow> for Product {
    type Error = StorageError;

    fn try_from(columns: ProductRow) -> Result<Self, StorageError> {
        let row = Row::of("products", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            name: row.parse("name", &columns.name)?,
            display_name: row.some("display_name", DisplayName::parse(&columns.display_name).ok())?,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// Stores a new product; answers `false` if the name is taken.
pub async fn insert(tx: &mut Tx<'_>, new: &NewProduct, now: Timestamp) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO products (id, organization_id, name, display_name, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (organization_id, name) DO NOTHING",
        new.id.to_string(),
        new.organization.to_string(),
        new.name.as_str(),
        new.display_name.as_str(),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(new.organization));
    Ok(inserted == 1)
}

/// A product of an organization.
pub async fn by_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ProductId,
) -> Result<Option<Product>, StorageError> {
    let row = fetch!(
        fetch_optional as ProductRow,
        tx,
        "SELECT id, name, display_name, created_at FROM products WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// A product of an organization, by its id or name.
pub async fn id_named(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    named: &str,
) -> Result<Option<ProductId>, StorageError> {
    let found = match named.parse::<ProductId>() {
        Ok(id) => return Ok(by_id(tx, organization, id).await?.map(|found| found.id)),
        Err(_) => fetch!(
            fetch_optional as (String,),
            tx,
            "SELECT id FROM products WHERE organization_id = $1 AND name = $2",
            organization.to_string(),
            named,
        )?,
    };
    found
        .map(|(id,)| Row::of("products", &id).parse("id", &id))
        .transpose()
}

/// An organization's products, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Product>, StorageError> {
    let rows = fetch!(
        fetch_all as ProductRow,
        tx,
        "SELECT id, name, display_name, created_at FROM products \
         WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many products an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM products WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Changes what people read of an organization's product.
pub async fn rename(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ProductId,
    display_name: &DisplayName,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE products SET display_name = $3 WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
        display_name.as_str(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Deletes an organization's product, and with it the grants that were limited to it.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ProductId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM products WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}
