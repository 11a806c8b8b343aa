//! What is one's own: profile, memberships, sessions and consents.

use super::members::keep;
use super::people::describe;
use super::{DirectoryError, SelfPermit};
use crate::audit::{self, Fields};
use crate::domain::access::MembershipFacts;
use crate::domain::email::Email;
use crate::domain::id::{ApplicationId, OrganizationId, SessionId};
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::Organization;
use crate::domain::profile::{Becomes, ProfileChange};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::consents::{Consent, ConsentKey};
use crate::storage::profiles::Whole;
use crate::storage::session_lists::{self, Own};
use crate::storage::{
    Listed, Page, StorageError, Tx, activations, consents, email_changes, families, managed_users, members,
    memberships, profiles, sessions, users,
};

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

/// What to change of oneself; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MeChange {
    /// What one is called.
    pub name: Option<DisplayName>,
    /// What one tells of oneself.
    pub profile: ProfileChange,
    /// Where one acts unless one says otherwise: an organization by id.
    pub default_organization: Becomes<OrganizationId>,
}

/// Oneself, whole.
pub async fn whole<'t>(tx: &mut Tx<'t>, permit: &SelfPermit<'t>) -> Result<Whole, DirectoryError> {
    let found = profiles::find(tx, permit.id()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// The address that one asked for and did not confirm yet.
pub async fn pending_email<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Option<Email>, DirectoryError> {
    let change = email_changes::of_user(tx, permit.id(), permit.now()).await?;
    Ok(change.map(|change| change.email))
}

/// Changes what one is called, tells of oneself, and where one acts by default.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    change: &MeChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let before = whole(tx, permit).await?;
    let name = change.name.as_ref();
    let (was, is) = describe(tx, &before.user, &before.profile, name, &change.profile).await?;
    let default = match change.default_organization {
        Becomes::Same => before.user.default_organization,
        Becomes::Absent => None,
        Becomes::To(organization) => {
            let status = memberships::status(tx, organization, permit.id()).await?;
            if status != Some(MembershipStatus::Active) {
                let why = "you are no active member of such an organization";
                return Err(DirectoryError::field("/default_organization", why));
            }
            Some(organization)
        }
    };
    if default != before.user.default_organization {
        users::set_default_organization(tx, permit.id(), default).await?;
    }
    let acts_in = |fields: Fields, default: Option<OrganizationId>| {
        fields.with("default_organization", default.map(|id| id.to_string()))
    };
    let (was, is) = (
        acts_in(was, before.user.default_organization),
        acts_in(is, default),
    );
    if was == is {
        return Ok(());
    }
    let event = permit.event("user.updated").on(permit.id());
    audit::record(tx, keyring, &event.changed(&was, &is), now).await?;
    Ok(())
}

/// The organization that manages one's account, if any does.
pub async fn manager<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Option<OrganizationId>, StorageError> {
    managed_users::manager(tx, permit.id()).await
}

/// Leaves an organization for good, with everything that acts in one's name there. Its last owner stays.
pub async fn leave<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let elsewhere = permit.confined_to().is_some_and(|own| own != organization);
    let member = members::find(tx, organization, permit.id()).await?;
    let member = member.filter(|_| !elsewhere).ok_or(DirectoryError::NotFound)?;
    keep::an_owner(tx, organization, &member).await?;
    keep::end_membership(tx, organization, permit.id(), now).await?;
    let event = permit.event("member.left").within(organization);
    let event = event
        .on(permit.id())
        .unmade(&Fields::new().with("role", member.role));
    audit::record(tx, keyring, &event, now).await?;
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

/// Ends one session, with its activations and their tokens, those that would outlive it too: it may be ended because
/// somebody else is in it.
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
    families::revoke_of_session(tx, id, now).await?;
    let event = permit.event("session.ended").on(id);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Ends every session but the one that asks, and the change of email address that waits.
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
    // Whoever ends sessions because somebody else was in one ends what that one began, too.
    email_changes::end_of_user(tx, permit.id()).await?;
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
