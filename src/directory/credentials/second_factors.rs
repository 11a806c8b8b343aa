//! All second factors of a person: which can go, and what an administrator does for one who lost theirs.

use super::tell;
use crate::audit;
use crate::directory::{DirectoryError, PersonPermit};
use crate::domain::alert::OwnFactor;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::security::Factor;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::second_factors::{self, SecondFactors};
use crate::storage::{
    StorageError, Tx, managed_users, memberships, passkeys, passwords, phones, recovery_codes, sms_codes,
    totp,
};

/// Refuses to let go of the last second factor that counts in an organization which asks for one: its person would be
/// shut out at once. As long as they still have time to set one up, they may also let one go.
pub async fn can_do_without(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: Factor,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let factors = second_factors::of_user(tx, user).await?;
    let mut missed_by = Vec::new();
    for (organization, membership) in memberships::organizations_of(tx, user).await? {
        let policy = &organization.policy;
        let asks = policy.require_mfa
            && membership.status == MembershipStatus::Active
            && now >= policy.mfa_grace.ends_for(membership.since);
        let allowed = &organization.factors.allowed;
        let another = allowed.iter().any(|other| *other != kind && factors.has(*other));
        if asks && allowed.contains(&kind) && !another {
            missed_by.push(organization.display_name.as_str().to_owned());
        }
    }
    if missed_by.is_empty() {
        return Ok(());
    }
    let why = format!(
        "{} asks for a second factor, and this is the last of yours that counts there; set up another first",
        missed_by.join(" and ")
    );
    Err(DirectoryError::Unmet(vec![("last_second_factor", why)]))
}

/// Recovery codes stand in for a second factor: where none is left, they are good for nothing.
pub(super) async fn forget_useless_codes(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    if !second_factors::of_user(tx, user).await?.any() {
        recovery_codes::delete_of_user(tx, user).await?;
    }
    Ok(())
}

/// Takes all second factors of a person away who lost them, for the organization that manages them. They are told; where
/// their organization asks for one, they set up another on their way in.
pub async fn remove_all<'t>(
    tx: &mut Tx<'t>,
    permit: &PersonPermit<'t>,
    keyring: &Keyring,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if managed_users::manager(tx, permit.person()).await? != Some(organization) {
        return Err(DirectoryError::NotFound);
    }
    if permit.is_about_oneself() {
        return Err(DirectoryError::Invalid(
            "one's own second factors are taken away one by one, after one proved them",
        ));
    }
    // Passkeys are also a way in by themselves: without a password, the only one.
    let has_password = passwords::of_user(tx, permit.person()).await?.is_some();
    let removed = forget_all(tx, keyring, permit.person(), has_password, now).await?;
    if removed.is_empty() {
        return Err(DirectoryError::NotFound);
    }
    let event = permit
        .event("user.second_factors_removed")
        .with("factors", removed);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Takes all of them away and tells their person of each; answers their names.
pub(super) async fn forget_all(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    user: UserId,
    passkeys_too: bool,
    now: Timestamp,
) -> Result<Vec<&'static str>, StorageError> {
    let mut had = second_factors::of_user(tx, user).await?;
    if passkeys_too {
        passkeys::delete_of_user(tx, user).await?;
    } else {
        had.security_keys = 0;
    }
    let kinds = of_kinds(had);
    totp::delete_of_user(tx, user).await?;
    phones::delete_of_user(tx, user).await?;
    sms_codes::delete_of_user(tx, user).await?;
    recovery_codes::delete_of_user(tx, user).await?;
    for (factor, _) in &kinds {
        tell::removed_by_another(tx, keyring, user, *factor, now).await?;
    }
    Ok(kinds.into_iter().map(|(_, name)| name).collect())
}

fn of_kinds(had: SecondFactors) -> Vec<(OwnFactor, &'static str)> {
    let kinds = [
        (had.totp, OwnFactor::Totp, "totp"),
        (had.security_keys > 0, OwnFactor::Passkey, "passkeys"),
        (had.phone, OwnFactor::Phone, "phone"),
        (had.recovery_codes > 0, OwnFactor::RecoveryCodes, "recovery_codes"),
    ];
    let there = kinds.into_iter().filter(|(there, ..)| *there);
    there.map(|(_, factor, name)| (factor, name)).collect()
}
