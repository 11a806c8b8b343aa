//! What organizations are to write into the DNS of domains, to show that they are theirs.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::email::EmailDomain;
use crate::domain::id::OrganizationId;
use crate::domain::time::Timestamp;

/// What is to be written into a domain's DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Whose.
    pub domain: EmailDomain,
    /// What.
    pub proof: String,
    /// Until when.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ChallengeRow {
    domain: String,
    proof: String,
    expires_at: i64,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StorageError;

    fn try_from(columns: ChallengeRow) -> Result<Self, StorageError> {
        Ok(Self {
            domain: Row::of("domain_challenges", &columns.domain).parse("domain", &columns.domain)?,
            proof: columns.proof,
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

/// Asks an organization for it; what it was asked for before is worth nothing any more.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    challenge: &Challenge,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO domain_challenges (organization_id, domain, proof, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (organization_id, domain) DO UPDATE SET proof = excluded.proof, expires_at = excluded.expires_at",
        organization.to_string(),
        challenge.domain.as_str(),
        &challenge.proof,
        challenge.expires_at.millis(),
    )?;
    Ok(())
}

/// What an organization was asked for, if that is still good.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
    now: Timestamp,
) -> Result<Option<Challenge>, StorageError> {
    let row = fetch!(
        fetch_optional as ChallengeRow,
        tx,
        "SELECT domain, proof, expires_at FROM domain_challenges \
         WHERE organization_id = $1 AND domain = $2 AND expires_at > $3",
        organization.to_string(),
        domain.as_str(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Forgets it: it was answered.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM domain_challenges WHERE organization_id = $1 AND domain = $2",
        organization.to_string(),
        domain.as_str(),
    )?;
    Ok(())
}

/// Forgets what nobody answered in time.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM domain_challenges WHERE expires_at <= $1",
        now.millis()
    )
}
