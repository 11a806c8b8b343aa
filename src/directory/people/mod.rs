//! People, beyond what one organization thinks of them: who manages whom, and what a superuser or the managing
//! organization does with a person.

mod change;
mod leave;

pub use change::{PersonChange, Use, change};
pub(super) use change::{describe, tell_the_old_address};
pub use leave::delete;

use super::{DirectoryError, InstancePermit, PersonPermit, SelfPermit};
use crate::audit::{self, Fields};
use crate::domain::email::Email;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::search::Search;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::managed_users::{self, Because};
use crate::storage::profiles::{self, Found, Whole};
use crate::storage::{Listed, Page, Tx, domains, memberships, users};

/// A page of the people of the installation, found by what is searched for.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    _: &InstancePermit<'t>,
    search: &Search,
    page: &Page,
) -> Result<Listed<Found>, DirectoryError> {
    if search.is_empty() {
        let rows = profiles::list(tx, page).await?;
        return Ok(page.of(rows, profiles::count(tx)).await?);
    }
    let rows = profiles::search(tx, search, page).await?;
    Ok(page.of(rows, profiles::count_found(tx, search)).await?)
}

/// The person of an id or email address; what is neither names nobody.
pub async fn named(tx: &mut Tx<'_>, text: &str) -> Result<UserId, DirectoryError> {
    match (text.parse(), Email::parse(text)) {
        (Ok(id), _) => Ok(id),
        (_, Ok(email)) => {
            let found = users::by_email(tx, &email).await?;
            found.map(|user| user.id).ok_or(DirectoryError::NotFound)
        }
        _ => Err(DirectoryError::NotFound),
    }
}

/// The person whom a permit is about, whole.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &PersonPermit<'t>) -> Result<Whole, DirectoryError> {
    let found = profiles::find(tx, permit.person()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Lets the organization of one's email domain manage one's account, as one confirms oneself, once.
pub async fn agree_to_be_managed<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let user = permit.user();
    let all = memberships::organizations_of(tx, user.id).await?;
    if !all.iter().any(|(one, _)| one.id == organization) {
        return Err(DirectoryError::NotFound);
    }
    let mut unmet = Vec::new();
    let mut unless = |met: bool, code, told: &str| {
        if !met {
            unmet.push((code, told.to_owned()));
        }
    };
    unless(
        all.len() == 1,
        "other_memberships",
        "you belong to another organization too",
    );
    unless(
        user.email_verified,
        "email_not_verified",
        "nobody verified that your email address is yours",
    );
    let own = domains::holds(tx, organization, &user.email).await?;
    unless(
        own,
        "domain_not_verified",
        "your email domain is not known to be the organization's",
    );
    unless(!user.superuser, "superuser", "nobody manages a superuser");
    if unmet.is_empty() && !managed_users::manage(tx, user.id, organization, Because::Agreed).await? {
        unmet.push((
            "never_managed",
            "you once belonged to a second organization; nobody manages your account since".to_owned(),
        ));
    }
    if !unmet.is_empty() {
        return Err(DirectoryError::Unmet(unmet));
    }
    let event = permit.event("user.agreed_to_be_managed").within(organization);
    let managed = Fields::new().with("managed_by", organization.to_string());
    audit::record(tx, keyring, &event.on(user.id).made(&managed), now).await?;
    Ok(())
}
