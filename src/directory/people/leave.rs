//! How a person goes: everything that acts in their name ends, and when they are deleted, everything of them is forgotten
//! but that there was somebody of that id.

use crate::audit;
use crate::directory::members::keep;
use crate::directory::{DirectoryError, PersonPermit};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::sign_in::end_everything;
use crate::storage::profiles::Whole;
use crate::storage::{
    Tx, alerts, avatars, consents, identities, known_devices, members, memberships, passkeys,
    password_history, passwords, phones, recovery_codes, sms_codes, totp, users,
};

/// The last superuser who can act stays.
pub(super) async fn keeps_superusers(tx: &mut Tx<'_>, user: &User) -> Result<(), DirectoryError> {
    let stands = user.superuser && user.status == UserStatus::Active;
    if stands && !users::another_superuser(tx, user.id).await? {
        return Err(DirectoryError::LastSuperuser);
    }
    Ok(())
}

/// No organization loses its last owner.
pub(super) async fn keeps_owners(tx: &mut Tx<'_>, user: UserId) -> Result<(), DirectoryError> {
    for (organization, _) in memberships::organizations_of(tx, user).await? {
        if let Some(member) = members::find(tx, organization.id, user).await? {
            keep::an_owner(tx, organization.id, &member).await?;
        }
    }
    Ok(())
}

/// Deletes a person, whose email address is typed once more to show that they are meant. The organization that manages
/// them puts the membership to rest first. The address is free then; the id never is, and the audit log stays.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &PersonPermit<'t>,
    keyring: &Keyring,
    whole: &Whole,
    typed: &str,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let user = &whole.user;
    if user.status == UserStatus::Deleted {
        return Err(DirectoryError::NotFound);
    }
    let meant = Email::parse(typed).is_ok_and(|typed| typed.comparable() == user.email.comparable());
    if !meant {
        let why = "confirm takes the user's email address, to show that they are meant";
        return Err(DirectoryError::field("confirm", why));
    }
    if let Some(organization) = permit.managing() {
        let status = memberships::status(tx, organization, user.id).await?;
        if status != Some(MembershipStatus::Inactive) {
            let why =
                "the membership is not inactive; deactivate it, and wait for as long as you may regret it";
            return Err(DirectoryError::Unmet(vec![(
                "membership_not_inactive",
                why.to_owned(),
            )]));
        }
    }
    keeps_superusers(tx, user).await?;
    keeps_owners(tx, user.id).await?;
    for (organization, _) in memberships::organizations_of(tx, user.id).await? {
        keep::end_membership(tx, organization.id, user.id, now).await?;
        let event = permit.event("member.removed").within(organization.id);
        let event = event.with("deleted", true);
        audit::record(tx, keyring, &event, now).await?;
    }
    end_everything(tx, user.id, now).await?;
    consents::delete_of_user(tx, user.id).await?;
    passwords::delete_of_user(tx, user.id).await?;
    password_history::keep_newest(tx, user.id, 0).await?;
    passkeys::delete_of_user(tx, user.id).await?;
    identities::forget(tx, user.id).await?;
    totp::delete_of_user(tx, user.id).await?;
    recovery_codes::delete_of_user(tx, user.id).await?;
    phones::delete_of_user(tx, user.id).await?;
    sms_codes::delete_of_user(tx, user.id).await?;
    known_devices::forget_of_user(tx, user.id).await?;
    alerts::delete_of_user(tx, user.id).await?;
    avatars::delete_of_user(tx, user.id).await?;
    users::erase(tx, user.id, now).await?;
    audit::record(tx, keyring, &permit.event("user.deleted"), now).await?;
    audit::erasure::erase(tx, keyring, user.id, now).await?;
    audit::record(tx, keyring, &permit.event("audit.erased"), now).await?;
    Ok(())
}
