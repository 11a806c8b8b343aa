//! Domains: which are known to be an organization's own, by the word of one who stands above, or because their DNS says so.

mod challenge;
mod recheck;

pub use challenge::{asked_for, challenge, draw_proof, record_name, verify};
pub use recheck::look_again;

use super::{DirectoryError, Permit};
use crate::audit;
use crate::domain::access::{Permission, Reason};
use crate::domain::email::EmailDomain;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::domains::{self, Domain};
use crate::storage::{Listed, Page, Tx};

/// A page of the organization's domains.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Domain>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let rows = domains::list(tx, permit.organization(), page).await?;
    Ok(page.of(rows, domains::count(tx, permit.organization())).await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    domain: &EmailDomain,
) -> Result<Domain, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let found = domains::find(tx, permit.organization(), domain).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Notes that a domain is the organization's. Whose it is already stays so.
pub async fn put<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    domain: &EmailDomain,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    stands_above(permit)?;
    let organization = permit.organization();
    if domains::insert(tx, organization, domain, now).await? {
        let event = permit.event("domain.added").on(domain);
        audit::record(tx, keyring, &event, now).await?;
        return Ok(());
    }
    match domains::find(tx, organization, domain).await? {
        Some(_) => Ok(()),
        None => Err(DirectoryError::Taken("this domain")),
    }
}

/// Takes a domain from the organization. What its DNS showed, its administrators give up themselves.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    domain: &EmailDomain,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if find(tx, permit, domain).await?.proof.is_none() {
        stands_above(permit)?;
    }
    domains::delete(tx, permit.organization(), domain).await?;
    let event = permit.event("domain.removed").on(domain);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Refuses everybody else: whose a domain is decides whose accounts are managed.
fn stands_above(permit: &Permit<'_>) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    if permit.stands_above() {
        Ok(())
    } else {
        Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
    }
}
