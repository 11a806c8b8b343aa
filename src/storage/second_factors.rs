//! Which second factors a person has, whatever they are, and what their organizations say of trusted devices.

use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::security::Factor;
use crate::domain::session::FactorRules;

/// What a person can prove themselves with besides a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactors {
    /// An authenticator app.
    pub totp: bool,
    /// So many passkeys and security keys.
    pub security_keys: i64,
    /// A phone that is sent messages.
    pub phone: bool,
    /// So many recovery codes that were not used.
    pub recovery_codes: i64,
}

impl SecondFactors {
    /// Whether there is one of a kind.
    pub fn has(self, factor: Factor) -> bool {
        match factor {
            Factor::Totp => self.totp,
            Factor::Webauthn => self.security_keys > 0,
            Factor::Sms => self.phone,
        }
    }

    /// Whether one of them counts by an organization's rules.
    pub fn any_of(self, rules: &FactorRules) -> bool {
        rules.allowed.iter().any(|factor| self.has(*factor))
    }

    /// Whether there is any. Recovery codes alone are none: they stand for another that is not at hand.
    pub fn any(self) -> bool {
        Factor::ALL.into_iter().any(|factor| self.has(factor))
    }
}

/// What a user has.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<SecondFactors, StorageError> {
    let (totp, security_keys, phone, recovery_codes) = fetch!(
        fetch_one as (i64, i64, i64, i64),
        tx,
        "SELECT (SELECT COUNT(*) FROM totp_credentials WHERE user_id = $1), \
         (SELECT COUNT(*) FROM passkeys WHERE user_id = $1), \
         (SELECT COUNT(*) FROM phones WHERE user_id = $1), \
         (SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL)",
        user.to_string(),
    )?;
    Ok(SecondFactors {
        totp: totp > 0,
        security_keys,
        phone: phone > 0,
        recovery_codes,
    })
}

/// What the members of a stretch of an organization have, by the person's id.
pub async fn in_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: &str,
    last: &str,
) -> Result<Vec<(UserId, SecondFactors)>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, i64, i64, i64, i64),
        tx,
        "SELECT m.user_id, (SELECT COUNT(*) FROM totp_credentials c WHERE c.user_id = m.user_id), \
         (SELECT COUNT(*) FROM passkeys c WHERE c.user_id = m.user_id), \
         (SELECT COUNT(*) FROM phones c WHERE c.user_id = m.user_id), \
         (SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = m.user_id AND c.used_at IS NULL) \
         FROM memberships m WHERE m.organization_id = $1 AND m.user_id > $2 AND m.user_id <= $3",
        organization.to_string(),
        after,
        last,
    )?;
    let whose = |(user, totp, security_keys, phones, recovery_codes): (String, i64, i64, i64, i64)| {
        let factors = SecondFactors {
            totp: totp > 0,
            security_keys,
            phone: phones > 0,
            recovery_codes,
        };
        Ok((Row::of("memberships", &user).parse("user_id", &user)?, factors))
    };
    rows.into_iter().map(whose).collect()
}

/// Whether one of a user's organizations counts a security key only if it made sure who touched it.
pub async fn verify_users(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let found = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT o.id FROM memberships m JOIN organizations o ON o.id = m.organization_id \
         WHERE m.user_id = $1 AND m.status = $2 AND o.require_user_verification LIMIT 1",
        user.to_string(),
        MembershipStatus::Active.as_str(),
    )?;
    Ok(found.is_some())
}

/// The fewest days that a device may be trusted in those of a user's organizations that ask for a second factor; nothing
/// if none does.
pub async fn trusted_device_days(tx: &mut Tx<'_>, user: UserId) -> Result<Option<i64>, StorageError> {
    let (days,) = fetch!(
        fetch_one as (Option<i64>,),
        tx,
        "SELECT MIN(o.trusted_device_days) FROM memberships m JOIN organizations o ON o.id = m.organization_id \
         WHERE m.user_id = $1 AND m.status = $2 AND o.require_mfa",
        user.to_string(),
        MembershipStatus::Active.as_str(),
    )?;
    Ok(days)
}
