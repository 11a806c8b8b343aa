//! Domains that are known to be an organization's own.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx, managed_users};
use crate::domain::email::{Email, EmailDomain};
use crate::domain::id::OrganizationId;
use crate::domain::time::Timestamp;

/// A domain of an organization.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Which.
    pub domain: EmailDomain,
    /// Since when it is known to be the organization's.
    pub verified_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct DomainRow {
    domain: String,
    verified_at: i64,
}

impl TryFrom<DomainRow> for Domain {
    type Error = StorageError;

    fn try_from(columns: DomainRow) -> Result<Self, StorageError> {
        Ok(Self {
            domain: Row::of("domains", &columns.domain).parse("domain", &columns.domain)?,
            verified_at: Timestamp::from_millis(columns.verified_at),
        })
    }
}

/// Notes that a domain is an organization's; answers `false` if it is one's already.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO domains (domain, organization_id, verified_at) VALUES ($1, $2, $3) \
         ON CONFLICT (domain) DO NOTHING",
        domain.as_str(),
        organization.to_string(),
        now.millis(),
    )?;
    Ok(inserted == 1)
}

/// A domain, if it is the organization's.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
) -> Result<Option<Domain>, StorageError> {
    let row = fetch!(
        fetch_optional as DomainRow,
        tx,
        "SELECT domain, verified_at FROM domains WHERE domain = $1 AND organization_id = $2",
        domain.as_str(),
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's domains, by name.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Domain>, StorageError> {
    let rows = fetch!(
        fetch_all as DomainRow,
        tx,
        "SELECT domain, verified_at FROM domains WHERE organization_id = $1 AND domain > $2 \
         ORDER BY domain LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many domains an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM domains WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Takes a domain from an organization, and with it those who agreed to be managed by what the domain showed.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM domains WHERE domain = $1 AND organization_id = $2",
        domain.as_str(),
        organization.to_string(),
    )?;
    managed_users::forget_agreements(tx, organization, domain).await
}

/// Whether an email address is in a domain of an organization's own.
pub async fn holds(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    email: &Email,
) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT domain FROM domains WHERE domain = $1 AND organization_id = $2",
        email.domain(),
        organization.to_string(),
    )?;
    Ok(row.is_some())
}
