//! Links by which a tenant's own IT sets a connection up: one connection each, whose id is drawn with the link.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{ConnectionId, OrganizationId, PortalLinkId};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A link, without what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalLink {
    /// Names it.
    pub id: PortalLinkId,
    /// Whose connection it sets up.
    pub organization: OrganizationId,
    /// Which one, as soon as it is there.
    pub connection: ConnectionId,
    /// Who made it, and answers for what is done by it.
    pub made_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    id: String,
    organization_id: String,
    connection_id: String,
    made_by: String,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl TryFrom<LinkRow> for PortalLink {
    type Error = StorageError;

    fn try_from(columns: LinkRow) -> Result<Self, StorageError> {
        let row = Row::of("portal_links", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            connection: row.parse("connection_id", &columns.connection_id)?,
            made_by: columns.made_by,
            created_at: Timestamp::from_millis(columns.created_at),
            expires_at: Timestamp::from_millis(columns.expires_at),
            revoked_at: timestamp(columns.revoked_at),
        })
    }
}

impl PortalLink {
    /// Whether it still opens anything.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Stores a new one.
pub async fn insert(tx: &mut Tx<'_>, link: &PortalLink, secret: &SecretHash) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO portal_links (id, organization_id, secret_hash, connection_id, made_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        link.id.to_string(),
        link.organization.to_string(),
        secret.as_bytes(),
        link.connection.to_string(),
        &link.made_by,
        link.created_at.millis(),
        link.expires_at.millis(),
    )?;
    Ok(())
}

/// The one that a secret opens, whether it is still good or not.
pub async fn by_secret(tx: &mut Tx<'_>, secret: &SecretHash) -> Result<Option<PortalLink>, StorageError> {
    let row = fetch!(
        fetch_optional as LinkRow,
        tx,
        "SELECT id, organization_id, connection_id, made_by, created_at, expires_at, revoked_at FROM portal_links \
         WHERE secret_hash = $1",
        secret.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The one of an id, if it is the organization's.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: PortalLinkId,
) -> Result<Option<PortalLink>, StorageError> {
    let row = fetch!(
        fetch_optional as LinkRow,
        tx,
        "SELECT id, organization_id, connection_id, made_by, created_at, expires_at, revoked_at FROM portal_links \
         WHERE id = $1 AND organization_id = $2",
        id.to_string(),
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's, the oldest first.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<PortalLink>, StorageError> {
    let rows = fetch!(
        fetch_all as LinkRow,
        tx,
        "SELECT id, organization_id, connection_id, made_by, created_at, expires_at, revoked_at FROM portal_links \
         WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM portal_links WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Takes one back.
pub async fn revoke(tx: &mut Tx<'_>, id: PortalLinkId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE portal_links SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Forgets those that expired before.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM portal_links WHERE expires_at < $1",
        before.millis()
    )
}
