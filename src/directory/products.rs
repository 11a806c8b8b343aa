//! Products: what permissions can be limited to.

use super::{DirectoryError, Permit, limits, usage_alerts};
use crate::audit::{self, Fields};
use crate::domain::access::Permission;
use crate::domain::id::ProductId;
use crate::domain::limit::Resource;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::products::{NewProduct, Product};
use crate::storage::{Listed, Page, Tx, products, usage};

/// Makes a product, in the organization's lane.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewProduct,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ProductCreate)?;
    if new.organization != permit.organization() {
        return Err(DirectoryError::Invalid(
            "a product belongs to the organization that makes it",
        ));
    }
    limits::admit(tx, new.organization, Resource::Products, 1, now).await?;
    if !products::insert(tx, new, now).await? {
        return Err(DirectoryError::Taken("the product's name"));
    }
    let event = permit.event("product.created").on(new.id);
    let made = fields(&new.name, &new.display_name);
    audit::record(tx, keyring, &event.made(&made), now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::Products, 1, now).await
}

/// A page of the products of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Product>, DirectoryError> {
    permit.is_for(Permission::OrganizationRead)?;
    let rows = products::list(tx, permit.organization(), page).await?;
    Ok(page.of(rows, products::count(tx, permit.organization())).await?)
}

/// A product of the permit's organization.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ProductId,
) -> Result<Product, DirectoryError> {
    let found = products::by_id(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Changes what people read.
pub async fn rename<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    product: &Product,
    display_name: &DisplayName,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for_product(Permission::ProductWrite, product.id)?;
    products::rename(tx, permit.organization(), product.id, display_name).await?;
    let event = permit.event("product.updated").on(product.id);
    let event = event.changed(
        &fields(&product.name, &product.display_name),
        &fields(&product.name, display_name),
    );
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Deletes a product, the grants that were limited to it, and what it reported.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    product: &Product,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for_product(Permission::ProductDelete, product.id)?;
    usage::forget_product(tx, permit.organization(), product.id).await?;
    products::delete(tx, permit.organization(), product.id).await?;
    let event = permit.event("product.deleted").on(product.id);
    let gone = fields(&product.name, &product.display_name);
    audit::record(tx, keyring, &event.unmade(&gone), now).await?;
    Ok(())
}

fn fields(name: &OrganizationName, display_name: &DisplayName) -> Fields {
    Fields::new()
        .with("name", name.as_str())
        .with("display_name", display_name.as_str())
}
