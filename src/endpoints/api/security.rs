//! `/v2/organizations/{org}/security`: what an organization asks of those who act in it.

use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Field, MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use crate::directory::{require, require_fresh, security};
use crate::domain::access::Permission;
use crate::domain::security::{Factor, Security, parse_network};

/// What an organization asks of those who act in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecuritySettings {
    /// Whether people need a second factor.
    require_mfa: bool,
    /// How long new members may go without one.
    mfa_grace_days: i64,
    /// Which second factors count.
    allowed_factors: Vec<FactorName>,
    /// Whether a security key counts only if it made sure who touched it, by PIN or finger.
    require_user_verification: bool,
    /// The networks one may come from; any if empty.
    #[schema(example = json!(["192.0.2.0/24", "2001:db8::/32"]))]
    ip_allowlist: Vec<String>,
    /// The longest time between two uses of a session.
    #[schema(example = 3600)]
    session_idle_seconds: u64,
    /// The longest time since the person last signed in.
    #[schema(example = 28800)]
    session_max_seconds: u64,
    /// How long a device is not asked for a second factor again; 0 for never.
    trusted_device_days: i64,
    /// How old a key may become; null for as old as it was made for.
    api_key_max_age_days: Option<i64>,
    /// The fewest characters of a new password.
    #[schema(example = 15)]
    password_min_length: i64,
    /// How many passwords back a new one differs from.
    password_history: i64,
    /// The connection that members come by; null for any way.
    required_connection: Option<String>,
}

/// A kind of second factor: codes of an authenticator app, passkeys and security keys, codes by text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorName {
    /// Codes of an authenticator app.
    Totp,
    /// Passkeys and security keys.
    Webauthn,
    /// Codes by text message.
    Sms,
}

/// What can be changed of security settings.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityToChange {
    /// Whether people need a second factor. Who asks for it must have one.
    #[schema(nullable = false)]
    require_mfa: Option<bool>,
    /// How long new members may go without one, 0 to 30.
    #[schema(nullable = false, minimum = 0, maximum = 30)]
    mfa_grace_days: Option<i64>,
    /// Which second factors count, at least one.
    #[schema(nullable = false, min_items = 1, max_items = 3)]
    allowed_factors: Option<Vec<FactorName>>,
    /// Whether a security key counts only if it made sure who touched it, by PIN or finger.
    #[schema(nullable = false)]
    require_user_verification: Option<bool>,
    /// Networks or addresses one may come from, at most 100; any if empty. Who asks for it must be in one of them.
    #[schema(nullable = false, max_items = 100, example = json!(["192.0.2.0/24"]))]
    ip_allowlist: Option<Vec<String>>,
    /// The longest time between two uses of a session, 60 to 28800, and not more than `session_max_seconds`.
    #[schema(nullable = false, minimum = 60, maximum = 28800)]
    session_idle_seconds: Option<u64>,
    /// The longest time since the person last signed in, 60 to 86400.
    #[schema(nullable = false, minimum = 60, maximum = 86400)]
    session_max_seconds: Option<u64>,
    /// How long a device is not asked for a second factor again, 0 to 90.
    #[schema(nullable = false, minimum = 0, maximum = 90)]
    trusted_device_days: Option<i64>,
    /// How old a key may become, 1 to 365; null for as old as it was made for.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 365)]
    api_key_max_age_days: Field<i64>,
    /// The fewest characters of a new password, 8 to 128.
    #[schema(nullable = false, minimum = 8, maximum = 128)]
    password_min_length: Option<i64>,
    /// How many passwords back a new one differs from, 0 to 24.
    #[schema(nullable = false, minimum = 0, maximum = 24)]
    password_history: Option<i64>,
    /// The connection that members come by; null for any way.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    required_connection: Field<String>,
}

impl MergePatch for SecurityToChange {
    const NULLABLE: &'static [&'static str] = &["api_key_max_age_days", "required_connection"];
}

impl SecuritySettings {
    fn of(security: &Security) -> Self {
        Self {
            require_mfa: security.policy.require_mfa,
            mfa_grace_days: security.mfa_grace_days,
            allowed_factors: security
                .allowed_factors
                .iter()
                .copied()
                .map(FactorName::of)
                .collect(),
            require_user_verification: security.require_user_verification,
            ip_allowlist: security
                .policy
                .ip_allowlist
                .iter()
                .map(ToString::to_string)
                .collect(),
            session_idle_seconds: security.session_limits.idle.as_secs(),
            session_max_seconds: security.session_limits.max.as_secs(),
            trusted_device_days: security.trusted_device_days,
            api_key_max_age_days: security.api_key_max_age_days,
            password_min_length: security.password_min_length,
            password_history: security.password_history,
            required_connection: security.required_connection.map(|id| id.to_string()),
        }
    }
}

impl FactorName {
    fn of(factor: Factor) -> Self {
        match factor {
            Factor::Totp => Self::Totp,
            Factor::Webauthn => Self::Webauthn,
            Factor::Sms => Self::Sms,
        }
    }
}

impl SecurityToChange {
    /// Settings with what is asked in their place.
    fn on(self, old: &Security) -> Result<Security, Problem> {
        let mut new = old.clone();
        if let Some(networks) = &self.ip_allowlist {
            new.policy.ip_allowlist = networks_of(networks)?;
        }
        if let Some(factors) = &self.allowed_factors {
            new.allowed_factors = factors_of(factors)?;
        }
        let connection = self.required_connection.over(new.required_connection, |text| {
            let none = |_| Problem::field("/required_connection", "there is no such connection here");
            text.parse().map_err(none)
        });
        new.required_connection = connection?;
        let max_age = self.api_key_max_age_days;
        new.api_key_max_age_days = max_age.over(new.api_key_max_age_days, Ok::<_, Problem>)?;
        let limits = &mut new.session_limits;
        limits.idle = self.session_idle_seconds.map_or(limits.idle, Duration::from_secs);
        limits.max = self.session_max_seconds.map_or(limits.max, Duration::from_secs);
        new.policy.require_mfa = self.require_mfa.unwrap_or(new.policy.require_mfa);
        new.require_user_verification = self
            .require_user_verification
            .unwrap_or(new.require_user_verification);
        new.mfa_grace_days = self.mfa_grace_days.unwrap_or(new.mfa_grace_days);
        new.trusted_device_days = self.trusted_device_days.unwrap_or(new.trusted_device_days);
        new.password_min_length = self.password_min_length.unwrap_or(new.password_min_length);
        new.password_history = self.password_history.unwrap_or(new.password_history);
        Ok(new)
    }
}

/// Networks in one form, each once.
fn networks_of(texts: &[String]) -> Result<Vec<IpNet>, Problem> {
    let mut networks = Vec::with_capacity(texts.len().min(Security::MOST_NETWORKS));
    for (place, text) in texts.iter().enumerate() {
        let fault = |why: &str| Problem::field(format!("/ip_allowlist/{place}"), why);
        let network = parse_network(text)
            .ok_or_else(|| fault("it must be a network such as 192.0.2.0/24, or an address"))?;
        if networks.contains(&network) {
            return Err(fault("this network is listed twice"));
        }
        networks.push(network);
        if networks.len() > Security::MOST_NETWORKS {
            let most = format!("there can be at most {}", Security::MOST_NETWORKS);
            return Err(Problem::field("/ip_allowlist", most));
        }
    }
    Ok(networks)
}

/// Factors in one order, each once.
fn factors_of(names: &[FactorName]) -> Result<Vec<Factor>, Problem> {
    let doubled = names
        .iter()
        .enumerate()
        .find(|(place, name)| names[..*place].contains(name));
    if let Some((place, _)) = doubled {
        let pointer = format!("/allowed_factors/{place}");
        return Err(Problem::field(pointer, "this factor is listed twice"));
    }
    let is_named = |factor: &Factor| names.contains(&FactorName::of(*factor));
    Ok(Factor::ALL.into_iter().filter(is_named).collect())
}

/// Get security settings
///
/// Needs `organization:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/security", tag = "settings", operation_id = "get_security",
    responses((status = 200, description = "The settings, whole", body = SecuritySettings)))]
pub async fn get(call: Call, Path(org): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(org, |tx, requester, org| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationWrite).await?;
            Ok(security::find(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&SecuritySettings::of(&found.await?)))
}

/// Change security settings
///
/// From the next request on they hold for everybody, so nobody sets what would refuse this very request. Needs
/// `organization:write`, and a fresh proof of who asks.
#[utoipa::path(patch, path = "/v2/organizations/{org}/security", tag = "settings", operation_id = "update_security",
    request_body(content = SecurityToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The settings as they are now, whole", body = SecuritySettings)))]
pub async fn update(
    call: Call,
    Path(org): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<SecurityToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let changed = call.change(
        lane,
        (org, conditions, change),
        |tx, requester, (org, conditions, change)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit =
                    require_fresh(tx, requester, organization, Permission::OrganizationWrite).await?;
                let old = security::find(tx, &permit).await?;
                conditions.admit(&SecuritySettings::of(&old))?;
                let new = change.clone().on(&old)?;
                security::change(tx, &permit, requester, &old, &new, requester.now).await?;
                Ok(security::find(tx, &permit).await?)
            })
        },
    );
    Ok(changed
        .await?
        .answer(|found| Conditions::default().answer(&SecuritySettings::of(&found))))
}
