//! Use cases on organizations and what is in them. API, console, command line and demo all come through here.
//!
//! Each runs inside the caller's transaction and needs a [`Permit`], which only the access check mints, from rows
//! read in that same transaction; each writes its audit event there too.

pub mod alerts;
pub mod api_keys;
pub mod applications;
pub mod audit_log;
pub mod avatars;
pub mod billing;
pub mod claim;
pub mod connections;
pub mod credentials;
pub mod domains;
pub mod email_change;
pub mod explain;
pub mod grants;
pub mod group_members;
pub mod groups;
mod holdings;
pub mod invitations;
mod key_uses;
pub mod key_warnings;
pub mod limits;
pub mod members;
pub mod not_me;
pub mod organizations;
pub mod ownership;
pub mod people;
mod permit;
mod picture;
pub mod portal_links;
pub mod products;
pub mod profile;
pub mod rehearsal;
pub mod reports;
mod requester;
pub mod reviews;
pub mod roles;
pub mod scim;
pub mod security;
mod self_permit;
pub mod service_providers;
pub mod sessions;
pub mod setup;
pub mod signing_keys;
mod told;
pub mod usage;
pub mod usage_alerts;
pub mod users;
mod who_may;

pub use key_uses::KeyUses;
pub use permit::{
    FounderPermit, GroupPermit, InsightPermit, InstancePermit, Permit, PersonPermit, PortalPermit,
    Provisioner, activate, require, require_founder, require_fresh, require_in_group, require_insight,
    require_on, require_own, require_person, require_portal, require_provisioner, require_self,
    require_superuser,
};
pub use requester::{Credential, Recognised, Requester, Via};
pub use self_permit::SelfPermit;

use std::borrow::Cow;

use crate::domain::access::{Permission, PermissionSet, Reason};
use crate::domain::id::OrganizationId;
use crate::storage::StorageError;

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Access was refused, for these reasons.
    #[error("access refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Refused(Vec<Reason>),
    /// Nobody was recognised: no credential, or one that is not or no longer good.
    #[error("nobody was recognised")]
    Unauthenticated,
    /// The session may not act for this organization until its person signs in again.
    #[error("the session does not act for this organization; sign in again")]
    SignInAgain,
    /// What is asked is so grave that the person proves themselves anew for it.
    #[error("this takes a proof of who you are that is at most 15 minutes old; sign in again")]
    NotFresh,
    /// The session may act for this organization, which has to be noted first, see [`activate`].
    #[error("the session has not acted for this organization lately")]
    NotActivated {
        /// Which organization.
        organization: OrganizationId,
        /// It never did, or was revoked before the person signed in again.
        begins: bool,
    },
    /// There is no such thing, or none that whoever asks may know of.
    #[error("there is no such thing")]
    NotFound,
    /// Whoever asks lacks a permission, for these reasons.
    #[error("the permission {0} is needed")]
    Denied(Permission, Vec<Reason>),
    /// Nobody hands on more than they hold, or changes somebody who holds more: this is what is missing.
    #[error("this takes permissions that you don't hold, or not for good: {0}")]
    Exceeds(PermissionSet),
    /// A built-in role is as it is.
    #[error("a built-in role can't be changed or deleted; make one of your own")]
    BuiltIn,
    /// The organization would have no owner left.
    #[error("an organization keeps at least one active owner")]
    LastOwner,
    /// One field of what was asked makes no sense.
    #[error("{0}: {1}")]
    Field(Cow<'static, str>, Cow<'static, str>),
    /// Several fields of what was asked make no sense: the JSON pointer of each, and why.
    #[error("{}", .0.iter().map(|(pointer, why)| format!("{pointer}: {why}")).collect::<Vec<_>>().join("; "))]
    Fields(Vec<(&'static str, String)>),
    /// The organization would have more of something than it may.
    #[error("the organization has all {limit} {resource} that it may have")]
    LimitReached {
        /// What there is enough of.
        resource: &'static str,
        /// How many there may be.
        limit: i64,
    },
    /// Nobody would be left who stands above organizations.
    #[error("a Doorward keeps at least one active superuser")]
    LastSuperuser,
    /// It can't be done as long as these hold; all of them, each in a sentence with its code.
    #[error("{}", .0.iter().map(|(_, told)| told.as_str()).collect::<Vec<_>>().join("; "))]
    Unmet(Vec<(&'static str, String)>),
    /// Something else still needs it.
    #[error("{0}")]
    InUse(String),
    /// The instance has its first owner already.
    #[error("this Doorward has its first owner already; sign in instead")]
    AlreadySetUp,
    /// The claim link is used up or too old.
    #[error("this link has been used or is too old; restart `doorward serve` for a new one")]
    ClaimOver,
    /// Somebody or something has this already.
    #[error("{0} is taken; choose another")]
    Taken(&'static str),
    /// It is so already; in a sentence.
    #[error("{0}")]
    Already(String),
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(&'static str),
}

impl DirectoryError {
    /// One field of what was asked makes no sense: its JSON pointer, and why.
    pub fn field(pointer: impl Into<Cow<'static, str>>, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Field(pointer.into(), why.into())
    }
}
