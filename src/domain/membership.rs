//! Memberships: a user in an organization, as that organization governs it.
//!
//! Says nothing about the person elsewhere: that is `UserStatus` and other organizations' memberships.

use std::fmt;
use std::str::FromStr;

/// Whether a membership lets its user act in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MembershipStatus {
    /// May act.
    Active,
    /// Put to rest, for instance by the company's directory over SCIM when someone leaves.
    Inactive,
    /// Stopped by an administrator.
    Suspended,
}

impl MembershipStatus {
    /// Every status there is.
    pub const ALL: [Self; 3] = [Self::Active, Self::Inactive, Self::Suspended];

    /// The name that databases and APIs know it by, e.g. `suspended`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
        }
    }
}

impl fmt::Display for MembershipStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no membership status's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown membership status `{0}`")]
pub struct UnknownMembershipStatus(pub String);

impl FromStr for MembershipStatus {
    type Err = UnknownMembershipStatus;

    fn from_str(name: &str) -> Result<Self, UnknownMembershipStatus> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == name);
        found.ok_or_else(|| UnknownMembershipStatus(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_again_by_its_name_and_by_nothing_else() {
        for status in MembershipStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        assert_eq!(
            "ACTIVE".parse::<MembershipStatus>(),
            Err(UnknownMembershipStatus("ACTIVE".to_owned()))
        );
    }
}
