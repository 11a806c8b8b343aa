//! Applications: registering downstream clients.

use super::{DirectoryError, Permit};
use crate::audit::{self, Event};
use crate::domain::access::Permission;
use crate::domain::oauth::{Application, OpenTo};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, applications};

/// Registers an application that its caller drew an id and, if it is confidential, a secret for.
pub async fn register<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    application: &Application,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ApplicationWrite)?;
    if application.organization != permit.organization() {
        return Err(DirectoryError::Invalid(
            "an application belongs to the organization that registers it",
        ));
    }
    if application.is_public() && !application.require_pkce {
        return Err(DirectoryError::Invalid(
            "a public application can't go without PKCE",
        ));
    }
    if application.redirect_uris.is_empty() {
        return Err(DirectoryError::Invalid("an application needs a redirect URI"));
    }
    if application.open_to == OpenTo::EveryOrganization {
        return Err(DirectoryError::Invalid(
            "only a superuser opens an application to every organization",
        ));
    }
    applications::insert(tx, application, now).await?;
    let event = Event::of("application.created", permit.actor()).within(application.organization);
    let event = event.on(application.id).with("name", application.name.as_str());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
