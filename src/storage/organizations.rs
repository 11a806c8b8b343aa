//! Organizations: the tenants.

use super::query::{execute, fetch};
use super::row::{Row, join};
use super::{StorageError, Topic, Tx};
use crate::domain::access::Policy;
use crate::domain::id::OrganizationId;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::session::SessionLimits;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct OrganizationRow {
    id: String,
    name: String,
    display_name: String,
    require_mfa: bool,
    ip_allowlist: String,
    session_idle_seconds: i64,
    session_max_seconds: i64,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StorageError;

    fn try_from(columns: OrganizationRow) -> Result<Self, StorageError> {
        let row = Row::of("organizations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            name: row.parse("name", &columns.name)?,
            display_name: row.some("display_name", DisplayName::parse(&columns.display_name).ok())?,
            policy: Policy {
                ip_allowlist: row.parse_list("ip_allowlist", &columns.ip_allowlist)?,
                require_mfa: columns.require_mfa,
            },
            session_limits: SessionLimits {
                idle: row.seconds("session_idle_seconds", columns.session_idle_seconds)?,
                max: row.seconds("session_max_seconds", columns.session_max_seconds)?,
            },
        })
    }
}

/// Stores a new organization; answers `false` if the name is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: &Organization,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let limits = organization.session_limits;
    let inserted = execute!(
        tx,
        "INSERT INTO organizations (id, name, display_name, require_mfa, ip_allowlist, \
         session_idle_seconds, session_max_seconds, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING",
        organization.id.to_string(),
        organization.name.as_str(),
        organization.display_name.as_str(),
        organization.policy.require_mfa,
        join(&organization.policy.ip_allowlist),
        seconds(limits.idle),
        seconds(limits.max),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization.id));
    Ok(inserted == 1)
}

fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The organization of an id.
pub async fn by_id(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>, StorageError> {
    let row = fetch!(
        fetch_optional as OrganizationRow,
        tx,
        "SELECT id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, session_max_seconds \
         FROM organizations WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The organization of a name.
pub async fn by_name(tx: &mut Tx<'_>, name: &OrganizationName) -> Result<Option<Organization>, StorageError> {
    let row = fetch!(
        fetch_optional as OrganizationRow,
        tx,
        "SELECT id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, session_max_seconds \
         FROM organizations WHERE name = $1",
        name.as_str(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Changes the security policy of an organization.
pub async fn set_policy(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    policy: &Policy,
    limits: SessionLimits,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE organizations SET require_mfa = $2, ip_allowlist = $3, session_idle_seconds = $4, \
         session_max_seconds = $5 WHERE id = $1",
        id.to_string(),
        policy.require_mfa,
        join(&policy.ip_allowlist),
        seconds(limits.idle),
        seconds(limits.max),
    )?;
    tx.changed(Topic::Organization(id));
    Ok(())
}
