//! Users: the people of the installation, who may belong to many organizations.
//!
//! Owns what is true of a person everywhere. What one organization thinks of them is its membership's.

use std::fmt;
use std::str::FromStr;

use super::description::Description;
use super::email::Email;
use super::id::{OrganizationId, UserId};
use super::membership::Ended;
use super::text::DisplayName;
use super::time::Timestamp;

/// A person, global to the instance.
#[derive(Debug, Clone)]
pub struct User {
    /// Never changes, never returns; `sub` in tokens.
    pub id: UserId,
    /// Where they are written to, and what they sign in with.
    pub email: Email,
    /// Whether somebody showed that it is theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: DisplayName,
    /// Whether their account may be used at all.
    pub status: UserStatus,
    /// Stands above organizations.
    pub superuser: bool,
    /// Where they act unless they say otherwise.
    pub default_organization: Option<OrganizationId>,
}

/// Whether a person's account may be used, in every organization at once: what a [`UserState`] is called.
///
/// Only a superuser changes it; an organization acts on the membership (`MembershipStatus`) instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// May sign in and act.
    Active,
    /// Suspended by a superuser; may come back.
    Suspended,
    /// Gone. The row stays because a user id never returns.
    Deleted,
}

/// Whether a person's account may be used, and if not, since when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserState {
    /// May sign in and act.
    Active,
    /// Suspended by a superuser; may come back.
    Suspended(Ended),
    /// Gone, since then.
    Deleted(Timestamp),
}

/// A state does not lead there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one who is {0} stays so")]
pub struct StaysSo(pub UserStatus);

impl UserState {
    /// What it is called.
    pub fn status(&self) -> UserStatus {
        match self {
            Self::Active => UserStatus::Active,
            Self::Suspended(_) => UserStatus::Suspended,
            Self::Deleted(_) => UserStatus::Deleted,
        }
    }

    /// Since when and why the account is suspended, if it is.
    pub fn suspended(&self) -> Option<&Ended> {
        match self {
            Self::Suspended(ended) => Some(ended),
            Self::Active | Self::Deleted(_) => None,
        }
    }

    /// Suspends an active account.
    pub fn suspend(self, reason: Description, now: Timestamp) -> Result<Self, StaysSo> {
        match self {
            Self::Active => Ok(Self::Suspended(Ended { since: now, reason })),
            other => Err(StaysSo(other.status())),
        }
    }

    /// Lets a suspended account be used again.
    pub fn reactivate(self) -> Result<Self, StaysSo> {
        match self {
            Self::Suspended(_) => Ok(Self::Active),
            other => Err(StaysSo(other.status())),
        }
    }
}

impl UserStatus {
    /// Every status there is.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Deleted];

    /// The name that databases and APIs know it by, e.g. `suspended`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for UserStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no user status's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown user status `{0}`")]
pub struct UnknownUserStatus(pub String);

impl FromStr for UserStatus {
    type Err = UnknownUserStatus;

    fn from_str(name: &str) -> Result<Self, UnknownUserStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == name);
        found.ok_or_else(|| UnknownUserStatus(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_comes_back_from_deletion_and_nobody_is_suspended_twice() {
        let now = Timestamp::from_millis(0);
        let suspended = UserState::Active.suspend(Description::default(), now).unwrap();
        assert!(suspended.clone().suspend(Description::default(), now).is_err());
        assert_eq!(suspended.reactivate(), Ok(UserState::Active));
        assert!(UserState::Active.reactivate().is_err());
        let gone = UserState::Deleted(now);
        assert!(gone.clone().reactivate().is_err() && gone.suspend(Description::default(), now).is_err());
    }

    #[test]
    fn a_status_is_found_again_by_its_name_and_by_nothing_else() {
        for status in UserStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        assert_eq!(
            "ACTIVE".parse::<UserStatus>(),
            Err(UnknownUserStatus("ACTIVE".to_owned()))
        );
    }
}
