//! How applications speak SAML; one row for each that does.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::ApplicationId;
use crate::domain::service_provider::ServiceProvider;
use crate::domain::time::Timestamp;

/// Registers how an application speaks SAML, or replaces that.
pub async fn put(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    provider: &ServiceProvider,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO service_providers (application_id, settings, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (application_id) DO UPDATE SET settings = excluded.settings",
        application.to_string(),
        serde_json::to_string(provider).expect("what is registered is made of strings and numbers"),
        now.millis(),
    )?;
    Ok(())
}

/// How an application speaks it, if it does.
pub async fn of(
    tx: &mut Tx<'_>,
    application: ApplicationId,
) -> Result<Option<ServiceProvider>, StorageError> {
    let row = fetch!(
        fetch_optional as (String, String),
        tx,
        "SELECT application_id, settings FROM service_providers WHERE application_id = $1",
        application.to_string(),
    )?;
    row.map(|(id, settings)| {
        Row::of("service_providers", &id).some("settings", serde_json::from_str(&settings).ok())
    })
    .transpose()
}

/// Forgets it: the application speaks no SAML any more.
pub async fn remove(tx: &mut Tx<'_>, application: ApplicationId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM service_providers WHERE application_id = $1",
        application.to_string(),
    )?;
    Ok(())
}
