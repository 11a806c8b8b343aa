//! Limits: nobody gets more than an organization may have. What counts is counted in the transaction that wants more,
//! and that waits in the organization's lane.

use super::{DirectoryError, Permit, told};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::domain::limit::{Limits, Resource};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, limits, products};

/// The highest limit of anything.
const HIGHEST: i64 = 1_000_000_000;

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

/// The limits of the permit's organization.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<Limits, DirectoryError> {
    permit.is_for(Permission::OrganizationWrite)?;
    let found = limits::of(tx, permit.organization()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Puts other limits in their place. Below what is used nothing is taken away, and nothing more admitted; above the
/// maximum goes only who stands above.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    old: Limits,
    new: Limits,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::OrganizationWrite)?;
    let mut faults = Vec::new();
    for resource in Resource::ALL {
        let limit = new.of(resource);
        if limit == old.of(resource) {
            continue;
        }
        let maximum = resource.maximum().filter(|_| !permit.stands_above());
        let bound = maximum.unwrap_or(HIGHEST);
        if !(0..=bound).contains(&limit) {
            let more = maximum.map_or("", |_| "; only a superuser sets more");
            faults.push((resource.pointer(), format!("it must be from 0 to {bound}{more}")));
        }
    }
    if !faults.is_empty() {
        return Err(DirectoryError::Fields(faults));
    }
    if old == new {
        return Ok(());
    }
    limits::set(tx, permit.organization(), new).await?;
    let event = permit
        .event("organization.limits_changed")
        .on(permit.organization());
    let event = event.changed(&told::limits(old), &told::limits(new));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
