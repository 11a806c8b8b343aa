//! Security settings of organizations.

use std::time::Duration;

use super::query::{execute, fetch};
use super::row::{Row, join};
use super::{StorageError, Topic, Tx};
use crate::domain::access::{Grace, Policy};
use crate::domain::id::OrganizationId;
use crate::domain::security::Security;
use crate::domain::session::SessionLimits;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct SecurityRow {
    id: String,
    require_mfa: bool,
    mfa_required_since: Option<i64>,
    mfa_grace_days: i64,
    allowed_factors: String,
    require_user_verification: bool,
    ip_allowlist: String,
    session_idle_seconds: i64,
    session_max_seconds: i64,
    trusted_device_days: i64,
    api_key_max_age_days: Option<i64>,
    password_min_length: i64,
    password_history: i64,
    required_connection: Option<String>,
}

impl TryFrom<SecurityRow> for Security {
    type Error = StorageError;

    fn try_from(columns: SecurityRow) -> Result<Self, StorageError> {
        let row = Row::of("organizations", &columns.id);
        Ok(Self {
            policy: Policy {
                ip_allowlist: row.parse_list("ip_allowlist", &columns.ip_allowlist)?,
                require_mfa: columns.require_mfa,
                mfa_grace: grace(columns.mfa_required_since, columns.mfa_grace_days),
            },
            session_limits: SessionLimits {
                idle: row.seconds("session_idle_seconds", columns.session_idle_seconds)?,
                max: row.seconds("session_max_seconds", columns.session_max_seconds)?,
            },
            mfa_grace_days: columns.mfa_grace_days,
            allowed_factors: row.parse_list("allowed_factors", &columns.allowed_factors)?,
            require_user_verification: columns.require_user_verification,
            trusted_device_days: columns.trusted_device_days,
            api_key_max_age_days: columns.api_key_max_age_days,
            password_min_length: columns.password_min_length,
            password_history: columns.password_history,
            required_connection: row
                .parse_optional("required_connection", columns.required_connection.as_deref())?,
        })
    }
}

/// The security settings of an organization; nothing if there is none.
pub async fn of(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Option<Security>, StorageError> {
    let row = fetch!(
        fetch_optional as SecurityRow,
        tx,
        "SELECT id, require_mfa, mfa_required_since, mfa_grace_days, allowed_factors, require_user_verification, ip_allowlist, \
         session_idle_seconds, session_max_seconds, trusted_device_days, api_key_max_age_days, password_min_length, password_history, \
         required_connection FROM organizations WHERE id = $1",
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Changes all of them. A second factor that is asked for from now on gives everybody their time from now on.
pub async fn set(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    security: &Security,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE organizations SET require_mfa = $2, mfa_grace_days = $3, allowed_factors = $4, ip_allowlist = $5, \
         session_idle_seconds = $6, session_max_seconds = $7, trusted_device_days = $8, api_key_max_age_days = $9, \
         password_min_length = $10, password_history = $11, required_connection = $12, \
         require_user_verification = $13, \
         mfa_required_since = CASE WHEN $2 THEN COALESCE(mfa_required_since, $14) END WHERE id = $1",
        organization.to_string(),
        security.policy.require_mfa,
        security.mfa_grace_days,
        join(&security.allowed_factors),
        join(&security.policy.ip_allowlist),
        whole_seconds(security.session_limits.idle),
        whole_seconds(security.session_limits.max),
        security.trusted_device_days,
        security.api_key_max_age_days,
        security.password_min_length,
        security.password_history,
        security.required_connection.map(|id| id.to_string()),
        security.require_user_verification,
        now.millis(),
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// A duration as its column has it.
pub(super) fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// So many days.
pub(super) fn days(days: i64) -> Duration {
    Duration::from_hours(24 * u64::try_from(days).unwrap_or(0))
}

/// How long a second factor is not asked for yet.
pub(super) fn grace(since: Option<i64>, lasts: i64) -> Grace {
    Grace {
        since: Timestamp::from_millis(since.unwrap_or(0)),
        lasts: days(lasts),
    }
}
