//! Memberships: a user in an organization, as that organization governs it.
//!
//! Says nothing about the person elsewhere: that is `UserStatus` and other organizations' memberships.

use std::fmt;
use std::str::FromStr;

use super::description::Description;
use super::time::Timestamp;

/// What a membership's state is called; all that access depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MembershipStatus {
    /// May act.
    Active,
    /// Put to rest, for instance by the company's directory over SCIM when someone leaves.
    Inactive,
    /// Stopped by an administrator.
    Suspended,
}

/// Whether a membership lets its user act, and if not, since when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembershipState {
    /// May act.
    Active,
    /// Put to rest. Everything is kept; only a membership at rest can be deleted with its user.
    Inactive(Ended),
    /// Stopped by an administrator.
    Suspended(Ended),
}

/// Since when and why somebody may not act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Since when.
    pub since: Timestamp,
    /// Why, in an administrator's words; may be empty.
    pub reason: Description,
}

/// A state does not lead there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one who is {from} can't become {to}")]
pub struct NoWay {
    /// What the membership is.
    pub from: MembershipStatus,
    /// What was asked.
    pub to: MembershipStatus,
}

impl MembershipState {
    /// What it is called.
    pub fn status(&self) -> MembershipStatus {
        match self {
            Self::Active => MembershipStatus::Active,
            Self::Inactive(_) => MembershipStatus::Inactive,
            Self::Suspended(_) => MembershipStatus::Suspended,
        }
    }

    /// Since when and why the user may not act; nothing if they may.
    pub fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Active => None,
            Self::Inactive(ended) | Self::Suspended(ended) => Some(ended),
        }
    }

    /// The state that comes after, if this one leads there: whoever is at rest is not suspended on top of it, and nothing
    /// becomes what it is.
    pub fn changed_to(
        self,
        to: MembershipStatus,
        reason: Description,
        now: Timestamp,
    ) -> Result<Self, NoWay> {
        let ended = Ended { since: now, reason };
        match (self, to) {
            (Self::Inactive(_) | Self::Suspended(_), MembershipStatus::Active) => Ok(Self::Active),
            (Self::Active | Self::Suspended(_), MembershipStatus::Inactive) => Ok(Self::Inactive(ended)),
            (Self::Active, MembershipStatus::Suspended) => Ok(Self::Suspended(ended)),
            (state, to) => Err(NoWay {
                from: state.status(),
                to,
            }),
        }
    }
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

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn ended() -> Ended {
        Ended {
            since: NOW,
            reason: Description::parse("on leave").unwrap(),
        }
    }

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

    #[test]
    fn a_state_leads_only_where_that_makes_sense() {
        use MembershipStatus::{Active, Inactive, Suspended};
        let states = [
            (MembershipState::Active, [false, true, true]),
            (MembershipState::Inactive(ended()), [true, false, false]),
            (MembershipState::Suspended(ended()), [true, true, false]),
        ];
        for (state, leads) in states {
            for (to, leads) in [Active, Inactive, Suspended].into_iter().zip(leads) {
                let next = state.clone().changed_to(to, Description::default(), NOW);
                assert_eq!(next.is_ok(), leads, "{state:?} to {to}");
                assert!(next.is_err() || next.unwrap().status() == to);
            }
        }
    }

    #[test]
    fn whoever_comes_back_leaves_the_reason_behind() {
        let back =
            MembershipState::Suspended(ended()).changed_to(MembershipStatus::Active, ended().reason, NOW);
        assert_eq!(back.unwrap().ended(), None);
    }
}
