//! Organizations: the tenants.

use super::query::{execute, fetch};
use super::row::{Row, join};
use super::security::{days, grace, whole_seconds};
use super::{StorageError, Topic, Tx};
use crate::domain::access::{BuiltInRole, Policy};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::session::{FactorRules, SessionLimits};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

#[derive(sqlx::FromRow)]
struct OrganizationRow {
    id: String,
    name: String,
    display_name: String,
    require_mfa: bool,
    ip_allowlist: String,
    session_idle_seconds: i64,
    session_max_seconds: i64,
    mfa_required_since: Option<i64>,
    mfa_grace_days: i64,
    allowed_factors: String,
    require_user_verification: bool,
    trusted_device_days: i64,
    required_connection: Option<String>,
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
                mfa_grace: grace(columns.mfa_required_since, columns.mfa_grace_days),
            },
            session_limits: SessionLimits {
                idle: row.seconds("session_idle_seconds", columns.session_idle_seconds)?,
                max: row.seconds("session_max_seconds", columns.session_max_seconds)?,
            },
            factors: FactorRules {
                allowed: row.parse_list("allowed_factors", &columns.allowed_factors)?,
                user_verification: columns.require_user_verification,
                trusted_for: days(columns.trusted_device_days),
                connection: row
                    .parse_optional("required_connection", columns.required_connection.as_deref())?,
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
        whole_seconds(limits.idle),
        whole_seconds(limits.max),
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization.id));
    Ok(inserted == 1)
}

/// The organization of an id.
pub async fn by_id(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>, StorageError> {
    let row = fetch!(
        fetch_optional as OrganizationRow,
        tx,
        "SELECT id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, session_max_seconds, \
         mfa_required_since, mfa_grace_days, allowed_factors, require_user_verification, \
         trusted_device_days, required_connection FROM organizations WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The organization of a name.
pub async fn by_name(tx: &mut Tx<'_>, name: &OrganizationName) -> Result<Option<Organization>, StorageError> {
    let row = fetch!(
        fetch_optional as OrganizationRow,
        tx,
        "SELECT id, name, display_name, require_mfa, ip_allowlist, session_idle_seconds, session_max_seconds, \
         mfa_required_since, mfa_grace_days, allowed_factors, require_user_verification, \
         trusted_device_days, required_connection FROM organizations WHERE name = $1",
        name.as_str(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization as its members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Never changes.
    pub id: OrganizationId,
    /// Unique; never changes.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
    /// What it is there for.
    pub description: Description,
    /// Whom to write to about it.
    pub contact_email: Option<Email>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ProfileRow {
    id: String,
    name: String,
    display_name: String,
    description: String,
    contact_email: Option<String>,
    created_at: i64,
}

impl TryFrom<ProfileRow> for Profile {
    type Error = StorageError;

    fn try_from(columns: ProfileRow) -> Result<Self, StorageError> {
        let row = Row::of("organizations", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            name: row.parse("name", &columns.name)?,
            display_name: row.some("display_name", DisplayName::parse(&columns.display_name).ok())?,
            description: row.some("description", Description::parse(&columns.description).ok())?,
            contact_email: row.parse_optional("contact_email", columns.contact_email.as_deref())?,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// The profile of an organization; nothing if there is none.
pub async fn profile(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Profile>, StorageError> {
    let row = fetch!(
        fetch_optional as ProfileRow,
        tx,
        "SELECT id, name, display_name, description, contact_email, created_at FROM organizations WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Changes what can be changed of a profile.
pub async fn set_profile(tx: &mut Tx<'_>, profile: &Profile) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE organizations SET display_name = $2, description = $3, contact_email = $4 WHERE id = $1",
        profile.id.to_string(),
        profile.display_name.as_str(),
        profile.description.as_str(),
        profile
            .contact_email
            .as_ref()
            .map(|email| email.as_str().to_owned()),
    )?;
    tx.changed(Topic::Organization(profile.id));
    Ok(())
}

/// The active people who own an organization, the first two.
pub async fn owners(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Vec<UserId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT m.user_id FROM roles r JOIN memberships m ON m.role_id = r.id AND m.organization_id = $1 \
         JOIN users u ON u.id = m.user_id WHERE r.organization_id IS NULL AND r.name = $2 AND m.status = $3 \
         AND u.status = $4 ORDER BY m.user_id LIMIT 2",
        id.to_string(),
        BuiltInRole::Owner.name(),
        MembershipStatus::Active.as_str(),
        UserStatus::Active.as_str(),
    )?;
    rows.iter()
        .map(|(user,)| Row::of("memberships", user).parse("user_id", user))
        .collect()
}
