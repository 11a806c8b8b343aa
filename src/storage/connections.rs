//! Connections: the upstream providers of organizations.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::connection::{Connection, ConnectionStatus};
use crate::domain::id::{ConnectionId, OrganizationId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct ConnectionRow {
    id: String,
    organization_id: String,
    name: String,
    status: String,
    provider: String,
    mapping: String,
    creates_members: bool,
    trusts_mfa: bool,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ConnectionRow> for Connection {
    type Error = StorageError;

    fn try_from(columns: ConnectionRow) -> Result<Self, StorageError> {
        let row = Row::of("connections", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            status: row.parse("status", &columns.status)?,
            provider: row.some("provider", serde_json::from_str(&columns.provider).ok())?,
            mapping: row.some("mapping", serde_json::from_str(&columns.mapping).ok())?,
            creates_members: columns.creates_members,
            trusts_mfa: columns.trusts_mfa,
            created_at: Timestamp::from_millis(columns.created_at),
            updated_at: Timestamp::from_millis(columns.updated_at),
        })
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a connection is made of strings")
}

/// Stores a new one, without its secret.
pub async fn insert(tx: &mut Tx<'_>, connection: &Connection) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO connections (id, organization_id, name, status, provider, mapping, creates_members, trusts_mfa, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        connection.id.to_string(),
        connection.organization.to_string(),
        connection.name.as_str(),
        connection.status.as_str(),
        json(&connection.provider),
        json(&connection.mapping),
        connection.creates_members,
        connection.trusts_mfa,
        connection.created_at.millis(),
        connection.updated_at.millis(),
    )?;
    tx.changed(Topic::Organization(connection.organization));
    Ok(())
}

/// The one of an id, whosever it is.
pub async fn by_id(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Option<Connection>, StorageError> {
    let row = fetch!(
        fetch_optional as ConnectionRow,
        tx,
        "SELECT id, organization_id, name, status, provider, mapping, creates_members, trusts_mfa, created_at, updated_at \
         FROM connections WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The one of an id, if it is the organization's.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Option<Connection>, StorageError> {
    let found = by_id(tx, id).await?;
    Ok(found.filter(|connection| connection.organization == organization))
}

/// An organization's, the oldest first.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Connection>, StorageError> {
    let rows = fetch!(
        fetch_all as ConnectionRow,
        tx,
        "SELECT id, organization_id, name, status, provider, mapping, creates_members, trusts_mfa, created_at, updated_at \
         FROM connections WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
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
        "SELECT COUNT(*) FROM connections WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Those of an organization that people come by, the oldest first.
pub async fn enabled(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Connection>, StorageError> {
    let rows = fetch!(
        fetch_all as ConnectionRow,
        tx,
        "SELECT id, organization_id, name, status, provider, mapping, creates_members, trusts_mfa, created_at, updated_at \
         FROM connections WHERE organization_id = $1 AND status = $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        ConnectionStatus::Enabled.as_str(),
        Connection::MOST,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Those that people of an email domain come by, the oldest first.
pub async fn of_domain(tx: &mut Tx<'_>, domain: &str) -> Result<Vec<Connection>, StorageError> {
    let rows = fetch!(
        fetch_all as ConnectionRow,
        tx,
        "SELECT c.id, c.organization_id, c.name, c.status, c.provider, c.mapping, c.creates_members, c.trusts_mfa, \
         c.created_at, c.updated_at FROM domains d JOIN connections c ON c.organization_id = d.organization_id \
         WHERE d.domain = $1 AND c.status = $2 ORDER BY c.id LIMIT $3",
        domain,
        ConnectionStatus::Enabled.as_str(),
        Connection::MOST,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Writes all of it but its secret.
pub async fn update(tx: &mut Tx<'_>, connection: &Connection) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE connections SET name = $2, status = $3, provider = $4, mapping = $5, creates_members = $6, \
         trusts_mfa = $7, updated_at = $8 WHERE id = $1",
        connection.id.to_string(),
        connection.name.as_str(),
        connection.status.as_str(),
        json(&connection.provider),
        json(&connection.mapping),
        connection.creates_members,
        connection.trusts_mfa,
        connection.updated_at.millis(),
    )?;
    tx.changed(Topic::Organization(connection.organization));
    Ok(())
}

/// The client secret, sealed, if there is one.
pub async fn secret(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch!(
        fetch_optional as (Option<Vec<u8>>,),
        tx,
        "SELECT secret FROM connections WHERE id = $1",
        id.to_string(),
    )?;
    Ok(row.and_then(|(secret,)| secret))
}

/// Keeps another client secret, sealed, or none.
pub async fn set_secret(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    sealed: Option<&[u8]>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE connections SET secret = $2 WHERE id = $1",
        id.to_string(),
        sealed,
    )?;
    Ok(())
}

/// Forgets it, and with it the identities that people had by it, what is away at it, and its SSO log.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM connections WHERE id = $1 AND organization_id = $2",
        id.to_string(),
        organization.to_string(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}
