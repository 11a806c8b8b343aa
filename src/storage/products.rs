//! Products: what permissions can be limited to.

use super::query::execute;
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
