//! Applications: registering downstream clients, and changing what was registered.
//!
//! Who shapes an application can send people, with what they hold, to where it leads. So one that takes tokens for our own
//! API without asking its people is only for those who hold everything here; one that is open to every organization is a
//! superuser's; and one that was given permissions is only for those who hold these.

use super::{DirectoryError, Permit, holdings, told};
use crate::audit;
use crate::domain::access::{Permission, PermissionSet, Reason};
use crate::domain::id::ApplicationId;
use crate::domain::oauth::{Application, ClientAuthentication, GrantType, OpenTo};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::applications::{self, Registered};
use crate::storage::{Listed, Page, Tx};

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
    makes_sense(application)?;
    may_shape(permit, application)?;
    applications::insert(tx, application, now).await?;
    let made = Registered {
        application: application.clone(),
        active: true,
        created_at: now,
    };
    let event = permit.event("application.created").on(application.id);
    audit::record(tx, keyring, &event.made(&told::application(&made)), now).await?;
    Ok(())
}

/// A page of the applications of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Registered>, DirectoryError> {
    permit.is_for(Permission::ApplicationWrite)?;
    let rows = applications::list(tx, permit.organization(), page).await?;
    Ok(page
        .of(rows, applications::count(tx, permit.organization()))
        .await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ApplicationId,
) -> Result<Registered, DirectoryError> {
    permit.is_for(Permission::ApplicationWrite)?;
    let found = applications::by_id(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Replaces what was registered, and switches the application on or off. Switched off, it gets no token and has none.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    before: &Registered,
    after: &Registered,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_change(tx, permit, &before.application, now).await?;
    let application = &after.application;
    makes_sense(application)?;
    may_shape(permit, application)?;
    if application.is_public() != before.application.is_public() {
        let told = "a public application stays one, and a confidential one too; register another";
        return Err(DirectoryError::field("/token_endpoint_auth_method", told));
    }
    applications::update(tx, application).await?;
    if before.active != after.active {
        applications::set_active(tx, application.id, after.active).await?;
    }
    let event = permit.event("application.updated").on(application.id);
    let event = event.changed(&told::application(before), &told::application(after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Gives a confidential application another secret; the one it had is worth nothing from this transaction on.
pub async fn rotate_secret<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &Registered,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_change(tx, permit, &found.application, now).await?;
    let authentication = match &found.application.authentication {
        ClientAuthentication::Public => {
            return Err(DirectoryError::Invalid("a public application has no secret"));
        }
        ClientAuthentication::Basic(_) => ClientAuthentication::Basic(secret.clone()),
        ClientAuthentication::Post(_) => ClientAuthentication::Post(secret.clone()),
    };
    let application = Application {
        authentication,
        ..found.application.clone()
    };
    applications::update(tx, &application).await?;
    let after = Registered {
        application,
        ..found.clone()
    };
    let event = permit
        .event("application.secret_rotated")
        .on(after.application.id);
    let event = event.changed(&told::application(found), &told::application(&after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Forgets an application, with its tokens, consents and grants.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &Registered,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    may_change(tx, permit, &found.application, now).await?;
    applications::delete(tx, found.application.id).await?;
    let event = permit.event("application.deleted").on(found.application.id);
    audit::record(tx, keyring, &event.unmade(&told::application(found)), now).await?;
    Ok(())
}

/// What no application may be, whoever registers it.
fn makes_sense(application: &Application) -> Result<(), DirectoryError> {
    let uses = |grant_type| application.may_use(grant_type);
    if application.is_public() && !application.require_pkce {
        let told = "a public application can't go without PKCE";
        return Err(DirectoryError::field("/require_pkce", told));
    }
    if application.is_public() && uses(GrantType::ClientCredentials) {
        let told = "client_credentials are for confidential applications";
        return Err(DirectoryError::field("/grant_types", told));
    }
    if uses(GrantType::RefreshToken) && !uses(GrantType::AuthorizationCode) {
        let told = "refresh_token goes with authorization_code";
        return Err(DirectoryError::field("/grant_types", told));
    }
    if uses(GrantType::AuthorizationCode) && application.redirect_uris.is_empty() {
        let told = "an application that people sign in to needs a redirect URI; one that speaks SAML alone has no grant types";
        return Err(DirectoryError::field("/redirect_uris", told));
    }
    Ok(())
}

/// Who may make an application what it is, see above.
fn may_shape(permit: &Permit<'_>, application: &Application) -> Result<(), DirectoryError> {
    if application.open_to == OpenTo::EveryOrganization && !permit.stands_above() {
        return Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]));
    }
    if application.first_party && application.admin_api {
        return holdings::may_give_everywhere(permit, PermissionSet::ALL);
    }
    Ok(())
}

/// Whether its caller may change an application: what it was given by grants, they hold.
pub(super) async fn may_change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    application: &Application,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ApplicationWrite)?;
    may_shape(permit, application)?;
    holdings::may_change(permit, &holdings::of_application(tx, application.id, now).await?)
}
