//! Limits: nobody gets more than an organization may have. What counts is counted in the transaction that wants more,
//! and that waits in the organization's lane.

use super::DirectoryError;
use crate::domain::id::OrganizationId;
use crate::domain::limit::Resource;
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx, limits, products};

/// Refuses so many more of a resource than the organization may have.
pub async fn admit(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    resource: Resource,
    how_many: i64,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let limits = limits::of(tx, organization).await?;
    let limit = limits.ok_or(DirectoryError::NotFound)?.of(resource);
    let used = used(tx, organization, resource, now).await?;
    if used.saturating_add(how_many) > limit {
        return Err(DirectoryError::LimitReached {
            resource: resource.in_words(),
            limit,
        });
    }
    Ok(())
}

/// Refuses to make an invitation a membership if the limit was lowered meanwhile. The invitation, while pending, holds
/// the seat that the membership takes, so nothing more is used.
pub async fn admit_member(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    admit(tx, organization, Resource::Users, 0, now).await
}

/// How much of a resource an organization uses.
pub async fn used(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    resource: Resource,
    now: Timestamp,
) -> Result<i64, StorageError> {
    match resource {
        Resource::Products => products::count(tx, organization).await,
        Resource::Devices => limits::devices(tx, organization, now).await,
        Resource::Users => limits::seats(tx, organization, now).await,
        Resource::ApiKeys => limits::good_keys(tx, organization, now).await,
        // There are none yet.
        Resource::Webhooks => Ok(0),
    }
}
