//! Changing a member as their directory wants it. What lets somebody act is the membership's; name and address are changed
//! only of people whom the organization manages. Putting somebody to rest is never held up by what can't be changed.

use super::{Person, Wanted, is_free};
use crate::audit::{self, Fields};
use crate::directory::members::{self, MemberChange, StatusChange, keep};
use crate::directory::people::{self, PersonChange};
use crate::directory::permit::require_provisioner_of_person;
use crate::directory::{DirectoryError, Permit, Provisioner};
use crate::domain::access::Permission;
use crate::domain::description::Description;
use crate::domain::membership::MembershipStatus;
use crate::domain::scim::ExternalId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::scim_users::{self, ScimUser};
use crate::storage::{Tx, domains, managed_users, scim_leavers, users};

/// Changes a member to what is wanted. In the organization's lane.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    provisioner: &Provisioner,
    before: &Person,
    wanted: &Wanted,
) -> Result<Person, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let (keyring, now) = (&provisioner.keyring, provisioner.now);
    is_free(tx, permit, &wanted.said, before.entry.user).await?;
    let changed = match identity(tx, permit, before, wanted, now).await {
        Ok(change) => change,
        Err(DirectoryError::Storage(error)) => return Err(error.into()),
        Err(_) if !wanted.active => None,
        Err(refused) => return Err(refused),
    };
    if let Some(change) = &changed {
        let person = require_provisioner_of_person(tx, provisioner, before.entry.user).await?;
        let whole = people::find(tx, &person).await?;
        people::change(tx, &person, keyring, &whole, change, now).await?;
    }
    let is_own = is_managed(tx, permit, before).await?;
    let said = ScimUser {
        external_id: wanted.said.external_id.clone(),
        ..if is_own { &wanted.said } else { &before.said }.clone()
    };
    if said != before.said {
        scim_users::put(tx, permit.organization(), before.entry.membership, &said).await?;
        let event = permit.event("member.directory_changed").on(before.entry.user);
        let event = event.changed(&told(&before.said), &told(&said));
        audit::record(tx, keyring, &event, now).await?;
    }
    bring_about(tx, permit, keyring, before, wanted, now).await?;
    super::find(tx, permit, before.entry.user).await
}

/// What of a person is to change, if it may: nothing of one whose account is their own, whose name is theirs to choose.
async fn identity<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    before: &Person,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Option<PersonChange>, DirectoryError> {
    let entry = &before.entry;
    let email = (wanted.email.comparable() != entry.email.comparable()).then_some(&wanted.email);
    let name = (wanted.name != entry.name).then_some(&wanted.name);
    if email.is_none() && (name.is_none() || !is_managed(tx, permit, before).await?) {
        return Ok(None);
    }
    if !is_managed(tx, permit, before).await? {
        let why = "userName can't be changed: this person's account is their own, and not the organization's";
        return Err(DirectoryError::Unmet(vec![("not_managed", why.to_owned())]));
    }
    keep::holds_no_more(tx, permit, entry.user, now).await?;
    if let Some(email) = email {
        if !domains::holds(tx, permit.organization(), email).await? {
            let why = "its domain is not known to be the organization's: verify the domain first";
            return Err(DirectoryError::field("userName", why));
        }
        if users::by_email(tx, email).await?.is_some() {
            return Err(DirectoryError::Taken("this userName"));
        }
    }
    Ok(Some(PersonChange {
        name: name.cloned(),
        email: email.cloned(),
        ..PersonChange::default()
    }))
}

async fn is_managed<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    person: &Person,
) -> Result<bool, DirectoryError> {
    let manager = managed_users::manager(tx, person.entry.user).await?;
    Ok(manager == Some(permit.organization()))
}

/// Puts a member to rest, or wakes them. Whom an administrator suspended stays so: that is not the directory's to lift.
async fn bring_about<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    before: &Person,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let to = match (before.entry.state.status(), wanted.active) {
        (MembershipStatus::Active, false) => MembershipStatus::Inactive,
        (MembershipStatus::Inactive, true) => MembershipStatus::Active,
        _ => return Ok(()),
    };
    is_within_reach(tx, permit, before).await?;
    let status = StatusChange {
        to,
        reason: Description::default(),
    };
    let change = MemberChange {
        role: None,
        status: Some(status),
    };
    members::change(tx, permit, keyring, &before.entry, &change, now).await
}

/// Ends a membership for good, with everything that acts in its name here. The account stays, and may come back as long as
/// it is the organization's own.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    person: &Person,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    is_within_reach(tx, permit, person).await?;
    let own = is_managed(tx, permit, person).await?;
    members::remove(tx, permit, keyring, &person.entry, now).await?;
    if own {
        scim_leavers::insert(tx, permit.organization(), person.entry.user).await?;
    }
    Ok(())
}

/// Nobody who stands above organizations, and not the last owner. Whoever else holds more than the token is refused where
/// they are changed.
async fn is_within_reach<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    person: &Person,
) -> Result<(), DirectoryError> {
    let user = users::by_id(tx, person.entry.user).await?;
    if user.is_some_and(|user| user.superuser) {
        let why =
            "this person stands above organizations: an administrator changes the membership, and not SCIM";
        return Err(DirectoryError::Unmet(vec![("superuser", why.to_owned())]));
    }
    keep::an_owner(tx, permit.organization(), &person.entry).await
}

/// What is said of somebody, in the words of the log.
pub(super) fn told(said: &ScimUser) -> Fields {
    let external_id = said.external_id.as_ref().map(ExternalId::as_str);
    Fields::new()
        .with_personal("external_id", external_id)
        .with_personal("given_name", said.given_name.as_str())
        .with_personal("family_name", said.family_name.as_str())
}
