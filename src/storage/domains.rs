//! Domains that are known to be an organization's own.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
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
    /// What its DNS says; nothing where a superuser said so.
    pub proof: Option<String>,
    /// When its DNS was looked at last.
    pub checked_at: Option<Timestamp>,
    /// How often in a row it was missing there.
    pub missing: i64,
}

/// A domain whose DNS is to be looked at again.
#[derive(Debug, Clone)]
pub struct Due {
    /// Which.
    pub domain: EmailDomain,
    /// Whose.
    pub organization: OrganizationId,
    /// What its DNS is to say.
    pub proof: String,
}

#[derive(sqlx::FromRow)]
struct DomainRow {
    domain: String,
    verified_at: i64,
    proof: Option<String>,
    checked_at: Option<i64>,
    missing: i64,
}

impl TryFrom<DomainRow> for Domain {
    type Error = StorageError;

    fn try_from(columns: DomainRow) -> Result<Self, StorageError> {
        Ok(Self {
            domain: Row::of("domains", &columns.domain).parse("domain", &columns.domain)?,
            verified_at: Timestamp::from_millis(columns.verified_at),
            proof: columns.proof,
            checked_at: timestamp(columns.checked_at),
            missing: columns.missing,
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

/// The same, as its DNS says. One that a superuser vouched for is shown by its DNS from now on.
pub async fn verify(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
    proof: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let verified = execute!(
        tx,
        "INSERT INTO domains (domain, organization_id, verified_at, proof, checked_at) VALUES ($1, $2, $3, $4, $3) \
         ON CONFLICT (domain) DO UPDATE SET proof = excluded.proof, checked_at = excluded.checked_at, missing = 0 \
         WHERE domains.organization_id = excluded.organization_id",
        domain.as_str(),
        organization.to_string(),
        now.millis(),
        proof,
    )?;
    Ok(verified == 1)
}

/// So many domains whose DNS was not looked at since then, the longest first.
pub async fn due(tx: &mut Tx<'_>, since: Timestamp, most: i64) -> Result<Vec<Due>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, String),
        tx,
        "SELECT domain, organization_id, proof FROM domains \
         WHERE proof IS NOT NULL AND checked_at <= $1 ORDER BY checked_at LIMIT $2",
        since.millis(),
        most,
    )?;
    let read = rows.into_iter().map(|(domain, organization, proof)| {
        let row = Row::of("domains", &domain);
        Ok(Due {
            domain: row.parse("domain", &domain)?,
            organization: row.parse("organization_id", &organization)?,
            proof,
        })
    });
    read.collect()
}

/// Notes what its DNS said; answers how often in a row it was missing, and nothing if somebody looked meanwhile.
pub async fn checked(
    tx: &mut Tx<'_>,
    due: &Due,
    there: bool,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<i64>, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "UPDATE domains SET checked_at = $4, missing = CASE WHEN $5 THEN 0 ELSE missing + 1 END \
         WHERE domain = $1 AND organization_id = $2 AND proof = $3 AND checked_at <= $6 RETURNING missing",
        due.domain.as_str(),
        due.organization.to_string(),
        &due.proof,
        now.millis(),
        there,
        since.millis(),
    )?;
    Ok(row.map(|(missing,)| missing))
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
        "SELECT domain, verified_at, proof, checked_at, missing FROM domains WHERE domain = $1 AND organization_id = $2",
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
        "SELECT domain, verified_at, proof, checked_at, missing FROM domains WHERE organization_id = $1 AND domain > $2 \
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
