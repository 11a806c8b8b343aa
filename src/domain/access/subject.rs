//! Subjects: who acts, with the facts about them that access depends on.
//!
//! Plain facts, all public, loaded in one transaction by whoever asks.

use super::grant::Grant;
use super::permission_set::PermissionSet;
use super::role::Role;
use crate::domain::id::{ApplicationId, GroupId, KeyId, MembershipId, OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user acting for an organization, by browser, token or personal API key.
    Member(Member),
    /// A user who stands above organizations, acting as such.
    Superuser(Superuser),
    /// An application acting for itself.
    Application(ApplicationSubject),
    /// An organization's own API key.
    OrganizationKey(OrganizationKeySubject),
}

/// A user and what they hold in the organization asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The state of their account everywhere.
    pub user_status: UserStatus,
    /// Their membership; without one nothing else here helps them.
    pub membership: Option<MembershipFacts>,
    /// Their groups in the organization.
    pub groups: Vec<GroupName>,
    /// All grants that reach them there, in force or not, by group too.
    pub grants: Vec<Grant>,
}

/// A membership, as far as access depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipFacts {
    /// Its row.
    pub id: MembershipId,
    /// Where it is a membership.
    pub organization: OrganizationId,
    /// Whether it lets its user act.
    pub status: MembershipStatus,
    /// The role it gives on all products, if any.
    pub role: Option<Role>,
    /// When it began.
    pub since: Timestamp,
}

/// A group, as tokens and reasons name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName {
    /// Its row.
    pub id: GroupId,
    /// Its name, as shown.
    pub name: String,
}

/// A superuser: holds every permission everywhere, within the same conditions as anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superuser {
    /// Who.
    pub user: UserId,
    /// The state of their account.
    pub user_status: UserStatus,
}

/// An application acting for itself, with client credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSubject {
    /// Which.
    pub id: ApplicationId,
    /// The organization that owns it, the only one it acts in.
    pub organization: OrganizationId,
    /// Whether it is switched on.
    pub active: bool,
    /// All grants given to it, in force or not.
    pub grants: Vec<Grant>,
}

/// An API key that belongs to an organization and to nobody in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationKeySubject {
    /// Which.
    pub id: KeyId,
    /// The organization it belongs to, the only one it acts in.
    pub organization: OrganizationId,
    /// What it was made with, on all products.
    pub permissions: PermissionSet,
    /// Until when it is good, this point excluded.
    pub expires_at: Timestamp,
    /// Whether someone revoked it.
    pub revoked: bool,
}

impl Subject {
    /// The organization it acts in; none for a superuser, who acts in all, and for a user without membership.
    pub fn organization(&self) -> Option<OrganizationId> {
        match self {
            Self::Member(member) => member
                .membership
                .as_ref()
                .map(|membership| membership.organization),
            Self::Superuser(_) => None,
            Self::Application(application) => Some(application.organization),
            Self::OrganizationKey(key) => Some(key.organization),
        }
    }
}
