//! Billing: what the billing system needs to know of an organization.

use super::{DirectoryError, Permit, told};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::billing::Billing;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, billing};

/// The most alerts of an organization.
const MOST_ALERTS: usize = 20;

/// The most that an organization can owe.
const MOST_CHARGES: i64 = 1_000_000_000_000;

/// What the permit's organization tells of how it pays.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<Billing, DirectoryError> {
    let found = billing::of(tx, permit.organization()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Puts other settings in their place. What is owed is for the billing system to say, which stands above.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    old: &Billing,
    new: &Billing,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::BillingWrite)?;
    let owes_otherwise = new.outstanding_charges != old.outstanding_charges;
    if owes_otherwise && !permit.stands_above() {
        let whose = "only a superuser says what is owed";
        return Err(DirectoryError::field("/outstanding_charges", whose));
    }
    if !(0..=MOST_CHARGES).contains(&new.outstanding_charges) {
        let bounds = format!("it must be from 0 to {MOST_CHARGES}");
        return Err(DirectoryError::field("/outstanding_charges", bounds));
    }
    if new.usage_alerts.len() > MOST_ALERTS {
        let most = format!("there can be at most {MOST_ALERTS}");
        return Err(DirectoryError::field("/usage_alerts", most));
    }
    let (was, is) = (told::billing(old), told::billing(new));
    if was == is {
        return Ok(());
    }
    billing::set(tx, permit.organization(), new).await?;
    let event = permit
        .event("organization.billing_changed")
        .on(permit.organization());
    audit::record(tx, keyring, &event.changed(&was, &is), now).await?;
    Ok(())
}
