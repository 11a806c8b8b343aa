//! Products: what permissions can be limited to.

use super::{DirectoryError, Permit};
use crate::audit::{self, Event};
use crate::domain::access::Permission;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::products::NewProduct;
use crate::storage::{Tx, products};

/// Makes a product.
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
    if !products::insert(tx, new, now).await? {
        return Err(DirectoryError::Taken("the product's name"));
    }
    let event = Event::of("product.created", permit.actor())
        .within(new.organization)
        .on(new.id);
    audit::record(tx, keyring, &event.with("name", new.name.as_str()), now).await?;
    Ok(())
}
