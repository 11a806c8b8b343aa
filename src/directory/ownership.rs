//! Ownership of an organization, and how it goes from one to another.

use super::{DirectoryError, Permit, members};
use crate::audit::{self, Fields};
use crate::delivery::{self, Addressed, Letter};
use crate::domain::access::{BuiltInRole, Member, MembershipFacts, Permission, Reason};
use crate::domain::id::UserId;
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::storage::{Tx, memberships, organizations, profiles, roles, users};

/// Makes an active admin the owner in place of whoever hands it on, who becomes an admin. In one step, so nobody ever
/// sees an organization with both or with neither; both are told by mail. In the organization's lane. Answers the old owner and the new.
pub async fn transfer<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new_owner: &str,
    now: Timestamp,
) -> Result<(User, User), DirectoryError> {
    permit.is_for(Permission::OrganizationTransfer)?;
    let organization = permit.organization();
    let (from, old) = owner(tx, permit).await?;
    let (to, new) = admin(tx, permit, new_owner).await?;
    for (membership, role) in [(&old, BuiltInRole::Admin), (&new, BuiltInRole::Owner)] {
        let role = roles::built_in(tx, role).await?;
        memberships::set_role(tx, organization, membership.id, Some(role.id)).await?;
    }
    let event = permit.event("organization.transferred").on(to.id);
    let owned_by = |user: &User| Fields::new().with("owner", user.id.to_string());
    let event = event.changed(&owned_by(&from), &owned_by(&to));
    audit::record(tx, keyring, &event, now).await?;

    let profile = organizations::profile(tx, organization).await?;
    let profile = profile.ok_or(DirectoryError::NotFound)?;
    for reader in [&from, &to] {
        let letter = Letter::OwnershipTransferred {
            organization: profile.display_name.as_str().to_owned(),
            from: from.name.as_str().to_owned(),
            to: to.name.as_str().to_owned(),
        };
        let language = profiles::find(tx, reader.id)
            .await?
            .and_then(|whole| whole.profile.language);
        let addressed = Addressed {
            to: reader.email.clone(),
            language: language
                .map(|language| language.as_str().to_owned())
                .unwrap_or_default(),
            letter,
        };
        delivery::post(tx, keyring, &addressed, now).await?;
    }
    Ok((from, to))
}

/// Whose ownership it is: the own one of whoever asks. One who stands above hands on that of the only owner.
async fn owner<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<(User, MembershipFacts), DirectoryError> {
    let only_an_owner = || DirectoryError::Refused(vec![Reason::NothingGivesIt]);
    let person = permit.person().ok_or_else(only_an_owner)?;
    if let Some(found) = with_role(tx, permit, person, BuiltInRole::Owner).await? {
        return Ok(found);
    }
    if !permit.stands_above() {
        return Err(only_an_owner());
    }
    let owners = organizations::owners(tx, permit.organization()).await?;
    let [only] = owners.as_slice() else {
        return Err(DirectoryError::Invalid(
            "the organization has not exactly one owner; an owner has to transfer what is theirs",
        ));
    };
    let found = with_role(tx, permit, *only, BuiltInRole::Owner).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// An active admin, by id or email.
async fn admin<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    named: &str,
) -> Result<(User, MembershipFacts), DirectoryError> {
    let no_admin = || DirectoryError::field("/new_owner", "this is no active admin of the organization");
    let member = match members::find(tx, permit, named).await {
        Err(DirectoryError::NotFound) => return Err(no_admin()),
        found => found?,
    };
    let found = with_role(tx, permit, member.user, BuiltInRole::Admin).await?;
    found.ok_or_else(no_admin)
}

/// A person and their membership, if both are active and this is its role.
async fn with_role<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: UserId,
    role: BuiltInRole,
) -> Result<Option<(User, MembershipFacts)>, DirectoryError> {
    let role = roles::built_in(tx, role).await?.id;
    let member = memberships::member(tx, user, permit.organization()).await?;
    let active = |member: &Member| member.user_status == UserStatus::Active;
    let membership = member.filter(active).and_then(|member| member.membership);
    let membership = membership.filter(|membership| {
        membership.status == MembershipStatus::Active
            && membership.role.as_ref().is_some_and(|held| held.id == role)
    });
    let person = users::by_id(tx, user).await?;
    Ok(person.zip(membership))
}
