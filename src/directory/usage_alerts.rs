//! Usage alerts: an organization is told when it comes to a part of a limit that it named.

use super::{DirectoryError, Permit, limits};
use crate::audit;
use crate::delivery::{self, Addressed, Letter};
use crate::domain::limit::Resource;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, billing, limits as stored, organizations};

/// Tells of the thresholds that the use of a resource came to by growing so much in this transaction: in the log, and by
/// a letter to those who pay, or else to the organization's contact.
pub async fn grew<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    resource: Resource,
    by: i64,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = permit.organization();
    let billing = billing::of(tx, organization)
        .await?
        .ok_or(DirectoryError::NotFound)?;
    if by <= 0 || billing.usage_alerts.is_empty() {
        return Ok(());
    }
    let limit = stored::of(tx, organization)
        .await?
        .unwrap_or_default()
        .of(resource);
    let used = limits::used(tx, organization, resource, now).await?;
    let crossed = billing
        .usage_alerts
        .iter()
        .filter(|alert| alert.resource == resource && alert.is_crossed(used.saturating_sub(by), used, limit));
    let Some(threshold) = crossed.map(|alert| alert.threshold_percent).max() else {
        return Ok(());
    };
    let event = permit.event("usage.alert").on(organization);
    let event = event
        .with("resource", resource.as_str())
        .with("threshold_percent", threshold)
        .with("used", used)
        .with("limit", limit);
    audit::record(tx, keyring, &event, now).await?;

    let profile = organizations::profile(tx, organization).await?;
    let profile = profile.ok_or(DirectoryError::NotFound)?;
    let Some(to) = billing.email.or(profile.contact_email) else {
        return Ok(());
    };
    let letter = Letter::UsageAlert {
        organization: profile.display_name.as_str().to_owned(),
        resource: resource.in_words().to_owned(),
        used,
        limit,
    };
    let language = String::new();
    delivery::post(tx, keyring, &Addressed { to, language, letter }, now).await?;
    Ok(())
}
