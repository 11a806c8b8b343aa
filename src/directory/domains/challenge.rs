//! A domain is shown to be an organization's by what only its owner can write: a text record in its DNS.
//!
//! Whoever is asked for one says nothing yet, and learns nothing of others: that somebody else has the domain is told only
//! to whoever could write into it. What was asked for is good for two weeks, so that what stays behind in a DNS shows nothing
//! of an organization that comes later (OR8).

use std::time::Duration;

use crate::audit;
use crate::directory::{DirectoryError, Permit};
use crate::domain::access::Permission;
use crate::domain::email::EmailDomain;
use crate::domain::free_mail::is_free_mail;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::domain_challenges::{self, Challenge};
use crate::storage::{Tx, domains};

/// How long what was asked for is good.
const LIFETIME: Duration = Duration::from_hours(14 * 24);

/// The name whose text record says it.
pub fn record_name(domain: &EmailDomain) -> String {
    format!("_doorward.{domain}")
}

/// Draws what a record is to say.
pub fn draw_proof() -> String {
    format!("doorward-verification={}", random::secret().expose())
}

/// Asks the permit's organization for a record; for the same one as before while that is good.
pub async fn challenge<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    domain: &EmailDomain,
    proof: &str,
    now: Timestamp,
) -> Result<Challenge, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    is_somebodys(permit, domain)?;
    let organization = permit.organization();
    if let Some(asked) = domain_challenges::find(tx, organization, domain, now).await? {
        return Ok(asked);
    }
    let asked = Challenge {
        domain: domain.clone(),
        proof: proof.to_owned(),
        expires_at: now.plus(LIFETIME),
    };
    domain_challenges::put(tx, organization, &asked).await?;
    let event = permit.event("domain.challenged").on(domain);
    audit::record(tx, keyring, &event, now).await?;
    Ok(asked)
}

/// What the permit's organization was asked for.
pub async fn asked_for<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    domain: &EmailDomain,
    now: Timestamp,
) -> Result<Challenge, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let asked = domain_challenges::find(tx, permit.organization(), domain, now).await?;
    asked.ok_or(DirectoryError::NotFound)
}

/// Notes that a domain is the permit's organization's, if that is what was found in its DNS. Whose it is already stays so.
pub async fn verify<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    domain: &EmailDomain,
    found: &[String],
    now: Timestamp,
) -> Result<(), DirectoryError> {
    is_somebodys(permit, domain)?;
    let asked = asked_for(tx, permit, domain, now).await?;
    if !found.contains(&asked.proof) {
        let name = record_name(domain);
        let told = match found.len() {
            0 => {
                format!("there is no text record at {name} yet; a change of DNS can take a while to be seen")
            }
            _ => format!("the text record at {name} says something else"),
        };
        return Err(DirectoryError::Unmet(vec![("record_missing", told)]));
    }
    let organization = permit.organization();
    if !domains::verify(tx, organization, domain, &asked.proof, now).await? {
        return Err(DirectoryError::Taken("this domain"));
    }
    domain_challenges::delete(tx, organization, domain).await?;
    let event = permit.event("domain.verified").on(domain);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Refuses a domain in which anybody gets an address, to all but those who stand above: nobody's DNS should show it, and if
/// one did, strangers' accounts would be the organization's.
fn is_somebodys(permit: &Permit<'_>, domain: &EmailDomain) -> Result<(), DirectoryError> {
    if is_free_mail(domain) && !permit.stands_above() {
        let why = "anybody gets an address in this domain, so it is no organization's own";
        return Err(DirectoryError::field("domain", why));
    }
    Ok(())
}
