//! Sending a link for somebody else, without ever seeing it.

use super::{LIFETIME, Link};
use crate::audit;
use crate::delivery::{self, Addressed, Letter};
use crate::directory::members::keep;
use crate::directory::{DirectoryError, Permit};
use crate::domain::access::Permission;
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::storage::profiles::{self, Whole};
use crate::storage::{StorageError, Tx, managed_users, members, organizations, password_resets, passwords};

/// Sends a link to a member, for their administrator, who never sees it. Only the organization that manages the account may,
/// and only who may do all that the person may; a superuser may anywhere. With `force` the password they have opens nothing
/// but a change of it.
pub async fn send<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: UserId,
    link: &Link,
    force: bool,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let organization = permit.organization();
    members::find(tx, organization, member)
        .await?
        .ok_or(DirectoryError::NotFound)?;
    let whole = profiles::find(tx, member).await?;
    let whole = whole.ok_or(DirectoryError::NotFound)?;
    if !permit.stands_above() {
        keep::holds_no_more(tx, permit, member, now).await?;
    }
    let manages = permit.stands_above() || managed_users::manager(tx, member).await? == Some(organization);
    let unmet = unmet(tx, &whole, manages).await?;
    if !unmet.is_empty() {
        return Err(DirectoryError::Unmet(unmet));
    }
    let expires_at = now.plus(LIFETIME);
    password_resets::put(tx, member, &link.hash, now, expires_at).await?;
    if force {
        passwords::force_change(tx, member).await?;
    }
    let place = organizations::by_id(tx, organization).await?;
    let letter = Letter::ResetPassword {
        name: whole.user.name.as_str().to_owned(),
        organization: place.map(|place| place.display_name.to_string()),
        link: link.address.clone(),
        expires_at,
    };
    delivery::post(tx, keyring, &Addressed::to(&whole, letter), now).await?;
    let event = permit.event("user.password_reset_sent").on(member);
    audit::record(tx, keyring, &event.with("force", force), now).await?;
    Ok(())
}

/// What keeps a link from being sent.
async fn unmet(
    tx: &mut Tx<'_>,
    whole: &Whole,
    manages: bool,
) -> Result<Vec<(&'static str, String)>, StorageError> {
    let mut unmet = Vec::new();
    let mut unless = |met: bool, code, told: &str| {
        if !met {
            unmet.push((code, told.to_owned()));
        }
    };
    unless(
        manages,
        "not_managed",
        "their account is not the organization's to manage; they ask for a link themselves",
    );
    if manages {
        let active = whole.user.status == UserStatus::Active;
        unless(active, "suspended", "their account is suspended everywhere");
        let has_password = passwords::of_user(tx, whole.user.id).await?.is_some();
        unless(has_password, "no_password", "they sign in without a password");
    }
    Ok(unmet)
}
