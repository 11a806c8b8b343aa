//! Making somebody a member without asking them: only an account that the organization makes, or made, is its own to put
//! there. Everybody else is invited.

use super::change::{change, told};
use super::{Person, Wanted, find, is_free};
use crate::audit;
use crate::directory::users::create_provisioned;
use crate::directory::{DirectoryError, Permit, Provisioner, invitations, limits, usage_alerts};
use crate::domain::access::Permission;
use crate::domain::id::{MembershipId, UserId};
use crate::domain::limit::Resource;
use crate::domain::user::{User, UserStatus};
use crate::storage::memberships::NewMembership;
use crate::storage::{Tx, domains, managed_users, members, memberships, scim_leavers, scim_users, users};

/// Somebody to make a member, with the ids drawn.
#[derive(Clone)]
pub struct NewPerson {
    /// Who they will be, unless they were here before.
    pub user: UserId,
    /// As what.
    pub membership: MembershipId,
    /// What they are to be.
    pub wanted: Wanted,
}

/// Makes somebody a member, without a role and without a password. In the organization's lane.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    provisioner: &Provisioner,
    new: &NewPerson,
) -> Result<Person, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let (keyring, now) = (&provisioner.keyring, provisioner.now);
    let (organization, wanted) = (permit.organization(), &new.wanted);
    if !domains::holds(tx, organization, &wanted.email).await? {
        let why = "its domain is not known to be the organization's: verify the domain first";
        return Err(DirectoryError::field("userName", why));
    }
    let known = users::by_email(tx, &wanted.email).await?;
    let user = match &known {
        Some(known) => comes_back(tx, permit, known).await?,
        None => new.user,
    };
    is_free(tx, permit, &wanted.said, user).await?;
    // First, as it holds a seat.
    let cancelled = |action| permit.event(action);
    invitations::overtaken(tx, keyring, organization, &wanted.email, cancelled, now).await?;
    limits::admit(tx, organization, Resource::Users, 1, now).await?;
    if known.is_none() {
        create_provisioned(tx, permit, keyring, user, &wanted.email, &wanted.name, now).await?;
    }
    let membership = NewMembership {
        id: new.membership,
        organization,
        user,
        role: None,
    };
    memberships::insert(tx, &membership, now).await?;
    scim_users::put(tx, organization, new.membership, &wanted.said).await?;
    let event = permit.event("member.added").on(user);
    let event = event.made(&told(&wanted.said));
    audit::record(tx, keyring, &event, now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::Users, 1, now).await?;
    let made = find(tx, permit, user).await?;
    change(tx, permit, provisioner, &made, wanted).await
}

/// Somebody whom this very directory removed, and who has belonged to nobody since.
async fn comes_back<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    known: &User,
) -> Result<UserId, DirectoryError> {
    let organization = permit.organization();
    if members::find(tx, organization, known.id).await?.is_some() {
        return Err(DirectoryError::Already(
            "somebody here has this userName already".to_owned(),
        ));
    }
    let noted = managed_users::of_user(tx, known.id).await?;
    let own = noted.is_some_and(|noted| noted.organization == organization)
        && scim_leavers::is_one(tx, organization, known.id).await?
        && memberships::organizations_of(tx, known.id).await?.is_empty()
        && known.status == UserStatus::Active
        && !known.superuser;
    if own {
        return Ok(known.id);
    }
    Err(DirectoryError::Already(
        "somebody has an account of their own with this address: invite them, and they can accept".to_owned(),
    ))
}
