//! Organizations: making, listing, describing and deleting them.

use super::permit::FounderPermit;
use super::requester::{Recognised, Who};
use super::{DirectoryError, InstancePermit, Permit, limits, told};
use crate::audit::{self, Event, Fields};
use crate::domain::access::{BuiltInRole, Permission, Policy};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::id::{MembershipId, OrganizationId, UserId};
use crate::domain::limit::Resource;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::session::{FactorRules, SessionLimits};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::storage::memberships::NewMembership;
use crate::storage::organization_lists::{self, Entry};
use crate::storage::organizations::Profile;
use crate::storage::{
    Listed, Page, Tx, billing, members, memberships, organization_deletion, organizations, roles, usage,
    users,
};

/// An organization to make.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Drawn before the transaction.
    pub id: OrganizationId,
    /// Its slug.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
}

/// An organization to make with an owner.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The organization.
    pub organization: NewOrganization,
    /// What it is there for.
    pub description: Description,
    /// Whom to write to about it.
    pub contact_email: Option<Email>,
    /// Drawn before the transaction, for the owner.
    pub membership: MembershipId,
    /// Who owns it, by id or email; whoever makes it if absent. Only a superuser makes one for somebody else.
    pub owner: Option<String>,
}

/// Makes an organization without members, under the instance's own limits.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &InstancePermit<'t>,
    keyring: &Keyring,
    new: &NewOrganization,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let event = Event::of("organization.created", permit.actor());
    insert(tx, keyring, new, event, now).await
}

/// Makes an organization and its owner.
pub async fn found<'t>(
    tx: &mut Tx<'t>,
    permit: &FounderPermit<'t>,
    keyring: &Keyring,
    founding: &Founding,
    now: Timestamp,
) -> Result<Profile, DirectoryError> {
    let organization = founding.organization.id;
    let owner = match &founding.owner {
        None => permit.user(),
        Some(_) if !permit.stands_above() => {
            let whose = "only a superuser makes an organization for somebody else";
            return Err(DirectoryError::field("/owner", whose));
        }
        Some(named) => active_user(tx, named).await?,
    };
    let event = permit.event("organization.created");
    insert(tx, keyring, &founding.organization, event, now).await?;
    let profile = organizations::profile(tx, organization).await?;
    let profile = Profile {
        description: founding.description.clone(),
        contact_email: founding.contact_email.clone(),
        ..profile.ok_or(DirectoryError::NotFound)?
    };
    organizations::set_profile(tx, &profile).await?;
    let role = roles::built_in(tx, BuiltInRole::Owner).await?;
    let membership = NewMembership {
        id: founding.membership,
        organization,
        user: owner,
        role: Some(role.id),
    };
    memberships::insert(tx, &membership, now).await?;
    let joined = permit.event("member.added").within(organization).on(owner);
    let joined = joined.made(&Fields::new().with("role", role.name));
    audit::record(tx, keyring, &joined, now).await?;
    Ok(profile)
}

async fn insert(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    new: &NewOrganization,
    event: Event,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = Organization {
        id: new.id,
        name: new.name.clone(),
        display_name: new.display_name.clone(),
        policy: Policy::default(),
        session_limits: SessionLimits::INSTANCE,
        factors: FactorRules::default(),
    };
    if !organizations::insert(tx, &organization, now).await? {
        return Err(DirectoryError::Taken("the organization's name"));
    }
    let event = event.within(new.id).on(new.id);
    let made = Fields::new()
        .with("name", new.name.as_str())
        .with("display_name", new.display_name.as_str());
    audit::record(tx, keyring, &event.made(&made), now).await?;
    Ok(())
}

/// A person whose account may be used, by id or email.
async fn active_user(tx: &mut Tx<'_>, named: &str) -> Result<UserId, DirectoryError> {
    let user = match (named.parse(), Email::parse(named)) {
        (Ok(id), _) => users::by_id(tx, id).await?,
        (_, Ok(email)) => users::by_email(tx, &email).await?,
        _ => None,
    };
    let user = user.filter(|user| user.status == UserStatus::Active);
    let user = user.ok_or(DirectoryError::field("/owner", "there is no such active user"))?;
    Ok(user.id)
}

/// A page of the organizations that whoever asks may know of, by name: all to one who stands above, to a person in their
/// browser those they belong to, and to a token or key the one it acts in.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    who: &Recognised<'t>,
    beginning: &str,
    page: &Page,
) -> Result<Listed<Entry>, DirectoryError> {
    if who.stands_above() {
        let rows = organization_lists::all(tx, beginning, page).await?;
        return Ok(page
            .of(rows, organization_lists::count_all(tx, beginning))
            .await?);
    }
    match (&who.who, who.confined_to) {
        (Who::Person(user), None) => {
            let rows = organization_lists::of_user(tx, user.id, beginning, page).await?;
            let count = organization_lists::count_of_user(tx, user.id, beginning);
            Ok(page.of(rows, count).await?)
        }
        (Who::OrganizationKey(_) | Who::Person(_), Some(own)) => {
            let rows = organization_lists::one(tx, own, beginning, page).await?;
            let total = page.counted.then_some(i64::try_from(rows.len()).unwrap_or(1));
            Ok(Listed { rows, total })
        }
        (Who::OrganizationKey(_), None) | (Who::Application(_), _) => Err(DirectoryError::NotFound),
    }
}

/// The permit's organization.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<Profile, DirectoryError> {
    let found = organizations::profile(tx, permit.organization()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Puts another profile in its place; id and name stay.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    old: &Profile,
    new: &Profile,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::OrganizationWrite)?;
    if old == new {
        return Ok(());
    }
    organizations::set_profile(tx, new).await?;
    let event = permit.event("organization.updated").on(old.id);
    let event = event.changed(&told::organization(old), &told::organization(new));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Deletes an organization with everything in it, once nobody is left who would miss it. Its log stays.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::OrganizationDelete)?;
    let unmet = what_keeps_it(tx, profile.id, now).await?;
    if !unmet.is_empty() {
        return Err(DirectoryError::Unmet(unmet));
    }
    let event = permit.event("organization.deleted").on(profile.id);
    let event = event.unmade(&told::organization(profile));
    audit::record(tx, keyring, &event, now).await?;
    organization_deletion::delete(tx, profile.id).await?;
    Ok(())
}

/// Everything that has to be gone before an organization can be.
async fn what_keeps_it(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, DirectoryError> {
    let billing = billing::of(tx, id).await?.ok_or(DirectoryError::NotFound)?;
    let devices = limits::used(tx, id, Resource::Devices, now).await?;
    let deployments = usage::active_deployments(tx, id).await?;
    let others = members::count(tx, id, &members::Filter::default()).await? - 1;
    let conditions = [
        ("devices", devices, "devices are reported or reserved"),
        ("active_deployments", deployments, "deployments are active"),
        ("other_users", others, "users besides its owner belong to it"),
        (
            "outstanding_charges",
            billing.outstanding_charges,
            "is still to be paid",
        ),
    ];
    let unmet = conditions.into_iter().filter(|(_, how_many, _)| *how_many > 0);
    Ok(unmet
        .map(|(code, how_many, what)| (code, format!("{how_many} {what}")))
        .collect())
}
