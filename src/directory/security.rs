//! Security settings: what an organization asks of those who act in it. A change holds from the next request on.

use super::{DirectoryError, Permit, Requester, told};
use crate::audit;
use crate::domain::access::{Address, Permission, SecondFactor, WayIn};
use crate::domain::id::OrganizationId;
use crate::domain::security::Security;
use crate::domain::time::Timestamp;
use crate::storage::api_keys::ApiKey;
use crate::storage::{Tx, api_keys, connections, security};

/// The settings of the permit's organization. They tell how to get past them, so only who may change them reads them.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<Security, DirectoryError> {
    permit.is_for(Permission::OrganizationWrite)?;
    let found = security::of(tx, permit.organization()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Puts other settings in their place.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    requester: &Requester,
    old: &Security,
    new: &Security,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::OrganizationWrite)?;
    let mut faults = new.faults();
    faults.extend(locks_out(tx, requester, permit.organization(), new).await?);
    if let Some(required) = new.required_connection
        && new.required_connection != old.required_connection
    {
        let found = connections::find(tx, permit.organization(), required).await?;
        if !found.is_some_and(|found| found.is_enabled()) {
            let none = "there is no such connection here, or it is not enabled";
            faults.push(("/required_connection", none.to_owned()));
        }
    }
    if !faults.is_empty() {
        return Err(DirectoryError::Fields(faults));
    }
    if old == new {
        return Ok(());
    }
    security::set(tx, permit.organization(), new, now).await?;
    let event = permit
        .event("organization.security_changed")
        .on(permit.organization());
    let event = event.changed(&told::security(old), &told::security(new));
    audit::record(tx, &requester.keyring, &event, now).await?;
    Ok(())
}

/// Whether settings would refuse the very request that makes them: then nobody here could take them back.
async fn locks_out(
    tx: &mut Tx<'_>,
    requester: &Requester,
    organization: OrganizationId,
    new: &Security,
) -> Result<Vec<(&'static str, String)>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    let context = requester.context(&recognised, organization, &new.factors());
    let policy = &new.policy;
    let mut faults = Vec::new();
    if let Address::Known(address) = context.address
        && !policy.admits(address)
    {
        let own = format!("this would lock you out: it has to have your own address, {address}");
        faults.push(("/ip_allowlist", own));
    }
    if policy.require_mfa && context.proved.second_factor == SecondFactor::Missing {
        let own = "this would lock you out: sign in with a second factor first";
        faults.push(("/require_mfa", own.to_owned()));
    }
    if context.proved.way_in == WayIn::Wrong && context.proved.second_factor != SecondFactor::Proved {
        let own = "this would lock you out: sign in by this connection first, or, as an owner, with a second factor";
        faults.push(("/required_connection", own.to_owned()));
    }
    if let Some(id) = recognised.key_id()
        && let Some(key) = api_keys::by_id(tx, id).await?
    {
        let key = ApiKey {
            max_age_days: new.api_key_max_age_days,
            ..key
        };
        if !key.refusals(requester.now, Address::NotThePersons).is_empty() {
            let own = "this would lock you out: the key that asks for it is older";
            faults.push(("/api_key_max_age_days", own.to_owned()));
        }
    }
    Ok(faults)
}
