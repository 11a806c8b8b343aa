//! Usage: what products report that they use, and reservations of what they are about to use.

use super::{DirectoryError, Permit, limits, usage_alerts};
use crate::audit::{self, Fields};
use crate::domain::access::Permission;
use crate::domain::id::{OrganizationId, ProductId, ReservationId};
use crate::domain::limit::Resource;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::usage::{Reservation, Usage};
use crate::storage::{Listed, Page, Tx, products, usage};

/// What a product says, in absolute numbers; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// How many devices there are.
    pub devices: Option<i64>,
    /// How many deployments are active.
    pub active_deployments: Option<i64>,
}

/// A page of what is reported, by product.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Usage>, DirectoryError> {
    permit.is_for(Permission::UsageWrite)?;
    let rows = usage::list(tx, permit.organization(), page).await?;
    Ok(page.of(rows, usage::count(tx, permit.organization())).await?)
}

/// Notes what a product reports, or what is reported for all together. A report is a fact: no limit refuses it.
pub async fn report<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    product: Option<ProductId>,
    report: Report,
    now: Timestamp,
) -> Result<Usage, DirectoryError> {
    may_speak_for(tx, permit, product).await?;
    let organization = permit.organization();
    let before = usage::of_product(tx, organization, product).await?;
    for (resource, used) in [
        ("devices", report.devices),
        ("active_deployments", report.active_deployments),
    ] {
        if let Some(used) = used {
            usage::report(tx, organization, product, resource, used, now).await?;
        }
    }
    let after = usage::of_product(tx, organization, product).await?;
    let told = |usage: &Usage| (usage.devices, usage.active_deployments);
    if told(&before) != told(&after) {
        let event = permit.event("usage.reported").on(organization);
        let event = event.with("product", product.map(|id| id.to_string()));
        let fields = |usage: &Usage| {
            Fields::new()
                .with("devices", usage.devices)
                .with("active_deployments", usage.active_deployments)
        };
        let event = event.changed(&fields(&before), &fields(&after));
        audit::record(tx, keyring, &event, now).await?;
        let by = after.devices.saturating_sub(before.devices);
        usage_alerts::grew(tx, permit, keyring, Resource::Devices, by, now).await?;
    }
    Ok(after)
}

/// Keeps devices for a product that is about to make them, until it releases them or they expire. In the organization's
/// lane.
pub async fn reserve<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &Reservation,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_speak_for(tx, permit, new.product).await?;
    limits::admit(tx, permit.organization(), Resource::Devices, new.amount, now).await?;
    usage::reserve(tx, permit.organization(), new, now).await?;
    let event = permit.event("usage.reserved").on(new.id);
    let event = event
        .with("product", new.product.map(|id| id.to_string()))
        .with("devices", new.amount)
        .with("expires_at", new.expires_at.to_string());
    audit::record(tx, keyring, &event, now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::Devices, new.amount, now).await
}

/// Which product a reservation of an organization is for, if it is for one: to know which permission it takes. Whether
/// there is such a reservation is told only with a permit.
pub async fn product_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    named: &str,
    now: Timestamp,
) -> Result<Option<ProductId>, DirectoryError> {
    let Ok(id) = named.parse() else { return Ok(None) };
    let found = usage::reservation(tx, organization, id, now).await?;
    Ok(found.and_then(|reservation| reservation.product))
}

/// A reservation that still counts.
pub async fn find_reservation<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ReservationId,
    now: Timestamp,
) -> Result<Reservation, DirectoryError> {
    let found = usage::reservation(tx, permit.organization(), id, now).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Gives back what was kept.
pub async fn release<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    reservation: &Reservation,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_speak_for(tx, permit, reservation.product).await?;
    usage::release(tx, permit.organization(), reservation.id).await?;
    let event = permit.event("usage.released").on(reservation.id);
    audit::record(tx, keyring, &event.with("devices", reservation.amount), now).await?;
    Ok(())
}

/// A product speaks for itself, and is the organization's own.
async fn may_speak_for<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    product: Option<ProductId>,
) -> Result<(), DirectoryError> {
    let Some(product) = product else {
        return permit.is_for(Permission::UsageWrite);
    };
    permit.is_for_product(Permission::UsageWrite, product)?;
    let found = products::by_id(tx, permit.organization(), product).await?;
    found
        .map(drop)
        .ok_or(DirectoryError::field("/product", "there is no such product here"))
}
