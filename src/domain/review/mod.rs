//! Access reviews: a snapshot of who holds what in an organization, and for each of them whether they keep it.
//!
//! Owns what becomes of a review and of each item in it. Never decides access, and never changes a membership.

mod held;
mod recurrence;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub use held::{Held, HeldGrant};
pub use recurrence::{Recurrence, RecurrenceError, Repeats, Unit};

use super::description::Description;
use super::id::{GroupId, ItemId, OrganizationId, ReviewId, RoleId, UserId};
use super::text::DisplayName;
use super::time::Timestamp;

/// The reviewer is reminded so long before a review is due, once.
pub const REMIND_BEFORE: Duration = Duration::from_hours(3 * 24);

/// A review is due after at most so long.
pub const LONGEST: Duration = Duration::from_hours(366 * 24);

/// A review of who holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Never changes.
    pub id: ReviewId,
    /// Where.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: DisplayName,
    /// Who is looked at.
    pub scope: Scope,
    /// The member who is asked to decide.
    pub reviewer: UserId,
    /// Who started it, as the audit log names them.
    pub started_by: String,
    /// What becomes of those whom nobody decided on.
    pub undecided: Verdict,
    /// What a revoked membership comes to.
    pub on_revoke: Remedy,
    /// Until when it is to be completed.
    pub due_at: Timestamp,
    /// When the reviewer is reminded; nothing if they were, or if there is no time for it.
    pub remind_at: Option<Timestamp>,
    /// When it is held again; nothing if it is not, or if the next one has started.
    pub repeats: Option<Repeats>,
    /// When the snapshot was taken.
    pub created_at: Timestamp,
    /// What became of it.
    pub state: State,
}

/// Who is looked at. The name is what it was called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every member.
    Everybody,
    /// The members of one group.
    Group(GroupId, String),
    /// The members whose membership has one role.
    Role(RoleId, String),
}

/// What became of a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It can be decided.
    Open,
    /// Its verdicts are final.
    Completed(Ended),
    /// Somebody called it off, and nothing comes of it.
    Cancelled(Ended),
}

/// When and by whom a review ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Who, as the audit log names them.
    pub by: String,
}

/// The review is completed or cancelled, so nothing is decided in it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the review is over: it was {0}")]
pub struct Over(pub &'static str);

/// Somebody in a review, as they were when it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Never changes.
    pub id: ItemId,
    /// In which review.
    pub review: ReviewId,
    /// Who.
    pub user: UserId,
    /// What they held.
    pub held: Held,
    /// What was decided, if anything was.
    pub decision: Option<Decision>,
    /// What came of it, once the review was completed.
    pub outcome: Option<Outcome>,
}

/// What was decided about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Keep or revoke.
    pub verdict: Verdict,
    /// Why, in the reviewer's words.
    pub note: Description,
    /// Who decided, as the audit log names them, and when; nobody if the review ended without them.
    pub by: Option<Ended>,
}

/// What came of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The membership stays as it is.
    Kept,
    /// The membership ended.
    Removed,
    /// The membership no longer lets them act.
    Suspended,
    /// There was nothing left to revoke: the membership had ended, or did not let them act.
    Already,
    /// It could not be revoked.
    Refused {
        /// For programs.
        code: String,
        /// For people.
        detail: String,
    },
}

/// Declares an enum whose every value has one name, in databases and APIs alike.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $variant,)*
        }

        impl $name {
            /// The name that databases and APIs know it by.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name { $($text => Ok(Self::$variant),)* _ => Err(UnknownName) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The text names no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such value")]
pub struct UnknownName;

named! {
    /// Whether somebody keeps what they hold.
    Verdict {
        /// They do.
        Keep = "keep",
        /// They don't.
        Revoke = "revoke",
    }
}

named! {
    /// What a revoked membership comes to.
    Remedy {
        /// It ends, with all that hangs on it.
        Remove = "remove",
        /// It no longer lets its user act, and everything is kept.
        Suspend = "suspend",
    }
}

impl Review {
    /// When the reviewer of a review that is due then is reminded, as of `now`: not at all if it is that late already.
    pub fn reminder(due_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        Some(due_at.minus(REMIND_BEFORE)).filter(|at| now < *at)
    }

    /// Its verdicts are final from now on.
    pub fn complete(self, by: String, now: Timestamp) -> Result<Self, Over> {
        self.end(State::Completed(Ended { at: now, by }))
    }

    /// Somebody calls it off, and with it those that were to come.
    pub fn cancel(self, by: String, now: Timestamp) -> Result<Self, Over> {
        let ended = self.end(State::Cancelled(Ended { at: now, by }))?;
        Ok(Self {
            repeats: None,
            ..ended
        })
    }

    fn end(self, state: State) -> Result<Self, Over> {
        self.is_open()?;
        Ok(Self {
            state,
            remind_at: None,
            ..self
        })
    }

    /// Refuses to decide in a review that is over.
    pub fn is_open(&self) -> Result<(), Over> {
        match self.state {
            State::Open => Ok(()),
            State::Completed(_) | State::Cancelled(_) => Err(Over(self.state.as_str())),
        }
    }

    /// Whether it is late.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.due_at <= now
    }
}

impl State {
    /// The name that databases and APIs know it by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed(_) => "completed",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// When and by whom it ended, if it did.
    pub const fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Open => None,
            Self::Completed(ended) | Self::Cancelled(ended) => Some(ended),
        }
    }
}

impl Outcome {
    /// The name that databases and APIs know it by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Suspended => "suspended",
            Self::Already => "already",
            Self::Refused { .. } => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

    fn review() -> Review {
        Review {
            id: ReviewId::from_uuid(uuid::Uuid::nil()),
            organization: OrganizationId::from_uuid(uuid::Uuid::nil()),
            name: DisplayName::parse("Autumn").unwrap(),
            scope: Scope::Everybody,
            reviewer: UserId::from_uuid(uuid::Uuid::nil()),
            started_by: "host".to_owned(),
            undecided: Verdict::Keep,
            on_revoke: Remedy::Remove,
            due_at: NOW.plus(REMIND_BEFORE),
            remind_at: Some(NOW),
            repeats: Recurrence::of(1, Unit::Months)
                .ok()
                .map(|every| Repeats::from(every, NOW, NOW)),
            created_at: NOW,
            state: State::Open,
        }
    }

    #[test]
    fn a_review_ends_once() {
        let completed = review().complete("host".to_owned(), NOW).unwrap();
        assert!(
            completed.remind_at.is_none() && completed.repeats.is_some(),
            "the next one comes"
        );
        assert_eq!(
            completed.clone().complete(String::new(), NOW),
            Err(Over("completed"))
        );
        assert_eq!(completed.cancel(String::new(), NOW), Err(Over("completed")));
        let cancelled = review().cancel("host".to_owned(), NOW).unwrap();
        assert_eq!(cancelled.repeats, None, "and no other comes");
        assert_eq!(cancelled.complete(String::new(), NOW), Err(Over("cancelled")));
    }

    #[test]
    fn a_reminder_has_its_time_or_does_not_come() {
        assert_eq!(
            Review::reminder(NOW.plus(REMIND_BEFORE * 2), NOW),
            Some(NOW.plus(REMIND_BEFORE))
        );
        assert_eq!(Review::reminder(NOW.plus(REMIND_BEFORE), NOW), None);
    }

    #[test]
    fn only_an_open_review_is_late() {
        let late = NOW.plus(REMIND_BEFORE);
        assert!(review().is_overdue(late) && !review().is_overdue(NOW));
        assert!(!review().complete(String::new(), NOW).unwrap().is_overdue(late));
    }

    #[test]
    fn names_come_back() {
        for verdict in [Verdict::Keep, Verdict::Revoke] {
            assert_eq!(verdict.to_string().parse(), Ok(verdict));
        }
        for remedy in [Remedy::Remove, Remedy::Suspend] {
            assert_eq!(remedy.to_string().parse(), Ok(remedy));
        }
        assert_eq!("Keep".parse::<Verdict>(), Err(UnknownName));
    }
}
