//! Users: made with a password by a superuser or at set-up, and made members.

use super::{DirectoryError, InstancePermit, Permit, told};
use crate::audit::{self, Actor, Event, Fields, Origin};
use crate::domain::access::BuiltInRole;
use crate::domain::email::Email;
use crate::domain::id::{CredentialId, MembershipId, OrganizationId, UserId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::random;
use crate::storage::managed_users::Because;
use crate::storage::memberships::NewMembership;
use crate::storage::passwords::StoredPassword;
use crate::storage::{Tx, managed_users, memberships, passwords, roles, users};

/// A user to make, with the password hashed and the ids drawn.
#[derive(Clone)]
pub struct NewUser {
    /// Who.
    pub id: UserId,
    /// Where they are written to; the maker vouches for it.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// `$argon2id$…`
    pub password_hash: String,
    /// Above organizations.
    pub superuser: bool,
    credential: CredentialId,
    membership: MembershipId,
}

impl NewUser {
    /// Draws the ids.
    pub fn draw(
        email: Email,
        name: DisplayName,
        password_hash: String,
        superuser: bool,
        now: Timestamp,
    ) -> Self {
        let (id, credential, membership) = (random::id(now), random::id(now), random::id(now));
        Self {
            id,
            email,
            name,
            password_hash,
            superuser,
            credential,
            membership,
        }
    }

    /// The membership that [`create_member`] will make.
    pub fn membership(&self) -> MembershipId {
        self.membership
    }

    /// The credential that the password will be.
    pub fn credential(&self) -> CredentialId {
        self.credential
    }
}

/// Makes a user who is a member of an organization from the start.
pub async fn create_member<'t>(
    tx: &mut Tx<'t>,
    permit: &InstancePermit<'t>,
    keyring: &Keyring,
    organization: OrganizationId,
    new: &NewUser,
    role: BuiltInRole,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let user = User {
        id: new.id,
        email: new.email.clone(),
        email_verified: true,
        name: new.name.clone(),
        status: UserStatus::Active,
        superuser: new.superuser,
        default_organization: Some(organization),
    };
    if !users::insert(tx, &user, now).await? {
        return Err(DirectoryError::Taken("this email address"));
    }
    let password = StoredPassword {
        id: new.credential,
        hash: new.password_hash.clone(),
    };
    passwords::insert(tx, new.id, &password, now).await?;
    let role = roles::built_in(tx, role).await?;
    let membership = NewMembership {
        id: new.membership,
        organization,
        user: new.id,
        role: Some(role.id),
    };
    memberships::insert(tx, &membership, now).await?;
    let created = Event::of("user.created", permit.actor())
        .on(new.id)
        .made(&account(new).with("superuser", new.superuser));
    audit::record(tx, keyring, &created, now).await?;
    let joined = Event::of("member.added", permit.actor())
        .within(organization)
        .on(new.id)
        .made(&Fields::new().with("role", role.name));
    audit::record(tx, keyring, &joined, now).await?;
    Ok(())
}

/// Makes the account of somebody who accepts an organization's invitation. That is the organization's to manage, as long
/// as they belong to no other. The invitation, consumed in this very transaction, is the caller's proof; the membership
/// is theirs to make.
pub async fn create_invited(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    organization: OrganizationId,
    new: &NewUser,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let user = User {
        id: new.id,
        email: new.email.clone(),
        email_verified: true,
        name: new.name.clone(),
        status: UserStatus::Active,
        superuser: false,
        default_organization: Some(organization),
    };
    if !users::insert(tx, &user, now).await? {
        return Err(DirectoryError::Taken("this email address"));
    }
    let password = StoredPassword {
        id: new.credential,
        hash: new.password_hash.clone(),
    };
    passwords::insert(tx, new.id, &password, now).await?;
    managed_users::manage(tx, new.id, organization, Because::Invited).await?;
    let event = Event::of("user.created", Actor::User(new.id)).from(origin);
    let made = account(new).with("managed_by", organization.to_string());
    let event = event.on(new.id).made(&made);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Makes the account of somebody whom an organization's own directory tells of, at an address in the organization's domain:
/// without a password, and the organization's to manage as long as they belong to no other. The membership is the caller's
/// to make.
pub(super) async fn create_provisioned<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    id: UserId,
    email: &Email,
    name: &DisplayName,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = permit.organization();
    let user = User {
        id,
        email: email.clone(),
        email_verified: true,
        name: name.clone(),
        status: UserStatus::Active,
        superuser: false,
        default_organization: Some(organization),
    };
    if !users::insert(tx, &user, now).await? {
        return Err(DirectoryError::Taken("this email address"));
    }
    managed_users::manage(tx, id, organization, Because::Invited).await?;
    let made = told::email(email, true)
        .with_personal("name", name.as_str())
        .with("managed_by", organization.to_string());
    let event = permit.event("user.created").on(id).made(&made);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

fn account(new: &NewUser) -> Fields {
    told::email(&new.email, true).with_personal("name", new.name.as_str())
}
