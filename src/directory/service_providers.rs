//! How applications speak SAML. Whoever says where assertions go, of everybody who signs in, shapes the application: it takes
//! what changing the application takes.

use super::applications::may_change;
use super::{DirectoryError, Permit, told};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::oauth::Application;
use crate::domain::service_provider::ServiceProvider;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, service_providers};

/// How an application of the permit's organization speaks SAML.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    application: &Application,
) -> Result<ServiceProvider, DirectoryError> {
    permit.is_for(Permission::ApplicationWrite)?;
    let found = service_providers::of(tx, application.id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Registers how it does, or replaces that as a whole.
pub async fn put<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    application: &Application,
    provider: &ServiceProvider,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_change(tx, permit, application, now).await?;
    let before = service_providers::of(tx, application.id).await?;
    service_providers::put(tx, application.id, provider, now).await?;
    let event = permit.event("application.saml_updated").on(application.id);
    let after = told::service_provider(provider);
    let event = match before {
        Some(before) => event.changed(&told::service_provider(&before), &after),
        None => event.made(&after),
    };
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Forgets it: nobody signs in to the application by SAML any more.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    application: &Application,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_change(tx, permit, application, now).await?;
    let before = service_providers::of(tx, application.id).await?;
    let before = before.ok_or(DirectoryError::NotFound)?;
    service_providers::remove(tx, application.id).await?;
    let event = permit.event("application.saml_removed").on(application.id);
    let event = event.unmade(&told::service_provider(&before));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
