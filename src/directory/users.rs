//! Users: made with a password by a superuser or at set-up, and made members.

use super::{DirectoryError, InstancePermit};
use crate::audit::{self, Event};
use crate::domain::access::BuiltInRole;
use crate::domain::email::Email;
use crate::domain::id::{CredentialId, MembershipId, OrganizationId, UserId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::random;
use crate::storage::memberships::NewMembership;
use crate::storage::passwords::StoredPassword;
use crate::storage::{Tx, memberships, passwords, roles, users};

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
        .with("superuser", new.superuser);
    audit::record(tx, keyring, &created, now).await?;
    let joined = Event::of("member.added", permit.actor())
        .within(organization)
        .on(new.id)
        .with("role", role.name);
    audit::record(tx, keyring, &joined, now).await?;
    Ok(())
}
