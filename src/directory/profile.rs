//! What is one's own: name, sessions and consents.

use super::{DirectoryError, SelfPermit};
use crate::audit;
use crate::domain::access::MembershipFacts;
use crate::domain::id::{ApplicationId, OrganizationId, SessionId};
use crate::domain::organization::Organization;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::consents::{Consent, ConsentKey};
use crate::storage::session_lists::{self, Own};
use crate::storage::{Listed, Page, Tx, activations, consents, families, memberships, sessions, users};

/// Where one belongs, by name; for a token or key, where that acts.
pub async fn organizations<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Vec<(Organization, MembershipFacts)>, DirectoryError> {
    let mut found = memberships::organizations_of(tx, permit.id()).await?;
    if let Some(own) = permit.confined_to() {
        found.retain(|(organization, _)| organization.id == own);
    }
    Ok(found)
}

/// Changes what one is called.
pub async fn rename<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    name: &DisplayName,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    users::rename(tx, permit.id(), name).await?;
    let event = permit.event("user.updated").on(permit.id());
    audit::record(tx, keyring, &event.with("name", name.as_str()), now).await?;
    Ok(())
}

/// A page of one's own sessions.
pub async fn sessions<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    now: Timestamp,
    page: &Page,
) -> Result<Listed<Own>, DirectoryError> {
    let rows = session_lists::of_user(tx, permit.id(), now, page).await?;
    Ok(page
        .of(rows, session_lists::count_of_user(tx, permit.id(), now))
        .await?)
}

/// Ends one session, with its activations and their tokens.
pub async fn end_session<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    id: SessionId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if sessions::end(tx, id, now).await? != Some(permit.id()) {
        return Err(DirectoryError::NotFound);
    }
    activations::end_of_session(tx, id, now).await?;
    let event = permit.event("session.ended").on(id);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Ends every session but the one that asks.
pub async fn end_other_sessions<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    for own in session_lists::of_user(tx, permit.id(), now, &Page::first(i64::MAX)).await? {
        if permit.session() != Some(own.id) {
            end_session(tx, permit, keyring, own.id, now).await?;
        }
    }
    Ok(())
}

/// A page of what one let applications do; by a token or key for its
/// organization.
pub async fn consents<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    page: &Page,
) -> Result<Listed<Consent>, DirectoryError> {
    let place = permit.confined_to();
    let rows = consents::of_user(tx, permit.id(), place, page).await?;
    Ok(page
        .of(rows, consents::count_of_user(tx, permit.id(), place))
        .await?)
}

/// Takes back what one let an application do for an organization, and ends its tokens, those that outlive a session too.
pub async fn revoke_consent<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    application: ApplicationId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let key = ConsentKey {
        user: permit.id(),
        application,
        organization,
    };
    let elsewhere = permit.confined_to().is_some_and(|own| own != organization);
    if elsewhere || !consents::delete(tx, key).await? {
        return Err(DirectoryError::NotFound);
    }
    families::revoke_of_consent(tx, key, now).await?;
    let event = permit.event("consent.revoked").within(organization);
    let event = event.on(application);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
