//! What an access review is, as the API shows and takes it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Field, MergePatch};
use super::problem::Problem;
use crate::directory::reviews::{AskedScope, NewReview, RecurrenceChange, ReviewChange};
use crate::domain::review::{self, Remedy, Scope, Unit, Verdict};
use crate::domain::text::DisplayName;
use crate::domain::time::{BadTimestamp, Timestamp};
use crate::random;
use crate::storage::reviews::Entry;

/// A review of who holds what: a snapshot of memberships, and for each whether it is kept or revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReview {
    /// Never changes.
    #[schema(example = "rev_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What people call it.
    #[schema(example = "Autumn review")]
    name: String,
    /// The group whose members are looked at; null for no group in particular.
    group: Option<ReviewedThing>,
    /// The role whose members are looked at; null for no role in particular.
    role: Option<ReviewedThing>,
    /// The member who is asked to decide, by id of the user.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    reviewer: String,
    /// Who started it: a person, a key or an application; `host` if it recurred.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    started_by: String,
    /// What becomes of whoever nobody decides on.
    undecided: VerdictName,
    /// What a revoked membership comes to.
    on_revoke: RemedyName,
    /// Until when it is to be completed. The reviewer is reminded three days before.
    #[schema(format = DateTime, example = "2026-12-22T09:30:00Z")]
    due_at: String,
    /// Whether it is open and late.
    overdue: bool,
    /// How often it is held again; null if it is not, or if the next one has started, which recurs in its place.
    recurrence: Option<ReviewRecurrence>,
    /// When the next one starts by itself.
    #[schema(format = DateTime, example = "2027-02-22T09:30:00Z")]
    next_at: Option<String>,
    /// What became of it.
    state: ReviewState,
    /// When the snapshot was taken.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
    /// When it was completed or cancelled.
    #[schema(format = DateTime, example = "2026-12-01T09:30:00Z")]
    ended_at: Option<String>,
    /// Who completed or cancelled it.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    ended_by: Option<String>,
    /// How far it is.
    progress: Progress,
}

/// What a review was limited to, as it was called then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewedThing {
    /// Its id.
    #[schema(example = "grp_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What it was called when the review started.
    #[schema(example = "Rover crew")]
    name: String,
}

/// How far a review is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Progress {
    /// How many people are in it.
    #[schema(example = 24)]
    people: i64,
    /// On how many nobody has decided yet.
    #[schema(example = 3)]
    undecided: i64,
    /// How many keep what they hold.
    #[schema(example = 20)]
    kept: i64,
    /// How many don't.
    #[schema(example = 1)]
    revoked: i64,
    /// Of those, how many memberships were dealt with, once the review was completed.
    #[schema(example = 0)]
    done: i64,
    /// Of those, how many could not be: their items say why.
    #[schema(example = 0)]
    refused: i64,
}

/// How often a review is held again: every 1 to 366 days, or every 1 to 24 months of the calendar.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRecurrence {
    /// Every so many.
    #[schema(example = 3, minimum = 1, maximum = 366)]
    every: u16,
    /// Of these.
    unit: UnitName,
}

/// What a recurrence counts.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitName {
    /// Of 24 hours.
    Days,
    /// Of the calendar, in UTC.
    Months,
}

/// Whether somebody keeps what they hold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictName {
    /// They do.
    Keep,
    /// They don't.
    Revoke,
}

/// What a revoked membership comes to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemedyName {
    /// It ends, with all that hangs on it.
    Remove,
    /// It no longer lets its user act, and everything is kept.
    Suspend,
}

/// What became of a review.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It can be decided.
    Open,
    /// Its verdicts are final.
    Completed,
    /// Somebody called it off.
    Cancelled,
}

/// A review to start.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessReviewToStart {
    /// What people call it, 1 to 100 characters.
    #[schema(example = "Autumn review", min_length = 1, max_length = 100)]
    name: String,
    /// Look at the members of this group only, by id or name.
    #[schema(nullable = false, example = "Rover crew")]
    group: Option<String>,
    /// Look at the members whose membership has this role only, by id or name.
    #[schema(nullable = false, example = "admin")]
    role: Option<String>,
    /// The member who is asked to decide, by id or email; whoever starts it if absent. They hold `member:write`.
    #[schema(nullable = false, example = "alice@example.com")]
    reviewer: Option<String>,
    /// Until when it is to be completed, as in RFC 3339 with an offset; within a year.
    #[schema(format = DateTime, example = "2026-12-22T09:30:00Z")]
    due_at: String,
    /// What becomes of whoever nobody decides on: `keep` if absent.
    #[schema(nullable = false)]
    undecided: Option<VerdictName>,
    /// What a revoked membership comes to: `remove` if absent.
    #[schema(nullable = false)]
    on_revoke: Option<RemedyName>,
    /// How often it is held again by itself, with as much time and whoever is there then; not at all if absent.
    #[schema(nullable = false)]
    recurrence: Option<ReviewRecurrence>,
}

/// What can be changed of a review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessReviewToChange {
    /// What people call it, 1 to 100 characters.
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Another member to decide, by id or email, who is told by mail.
    #[schema(nullable = false)]
    reviewer: Option<String>,
    /// Until when it is to be completed.
    #[schema(nullable = false, format = DateTime)]
    due_at: Option<String>,
    /// How often it is held again; null for not at all. This can be changed after the review, until the next one starts.
    #[serde(default)]
    #[schema(value_type = Option<ReviewRecurrence>)]
    recurrence: Field<ReviewRecurrence>,
}

impl MergePatch for AccessReviewToChange {
    const NULLABLE: &'static [&'static str] = &["recurrence"];
}

impl VerdictName {
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Keep => Self::Keep,
            Verdict::Revoke => Self::Revoke,
        }
    }

    pub(super) fn meant(self) -> Verdict {
        match self {
            Self::Keep => Verdict::Keep,
            Self::Revoke => Verdict::Revoke,
        }
    }
}

impl RemedyName {
    fn of(remedy: Remedy) -> Self {
        match remedy {
            Remedy::Remove => Self::Remove,
            Remedy::Suspend => Self::Suspend,
        }
    }

    fn meant(self) -> Remedy {
        match self {
            Self::Remove => Remedy::Remove,
            Self::Suspend => Remedy::Suspend,
        }
    }
}

impl ReviewState {
    const ALL: [Self; 3] = [Self::Open, Self::Completed, Self::Cancelled];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    fn of(state: &review::State) -> Self {
        match state {
            review::State::Open => Self::Open,
            review::State::Completed(_) => Self::Completed,
            review::State::Cancelled(_) => Self::Cancelled,
        }
    }
}

impl std::str::FromStr for ReviewState {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
            .ok_or(())
    }
}

impl ReviewRecurrence {
    fn of(recurrence: review::Recurrence) -> Self {
        Self {
            every: recurrence.every(),
            unit: match recurrence.unit() {
                Unit::Days => UnitName::Days,
                Unit::Months => UnitName::Months,
            },
        }
    }

    fn read(self) -> Result<review::Recurrence, Problem> {
        let unit = match self.unit {
            UnitName::Days => Unit::Days,
            UnitName::Months => Unit::Months,
        };
        review::Recurrence::of(self.every, unit).map_err(|error| Problem::field("/recurrence/every", error))
    }
}

impl AccessReview {
    pub(super) fn of(entry: &Entry, now: Timestamp) -> Self {
        let Entry { review, tally } = entry;
        let thing = |id: String, name: &str| {
            let name = name.to_owned();
            Some(ReviewedThing { id, name })
        };
        let (group, role) = match &review.scope {
            Scope::Everybody => (None, None),
            Scope::Group(id, name) => (thing(id.to_string(), name), None),
            Scope::Role(id, name) => (None, thing(id.to_string(), name)),
        };
        let ended = review.state.ended();
        Self {
            id: review.id.to_string(),
            name: review.name.as_str().to_owned(),
            group,
            role,
            reviewer: review.reviewer.to_string(),
            started_by: review.started_by.clone(),
            undecided: VerdictName::of(review.undecided),
            on_revoke: RemedyName::of(review.on_revoke),
            due_at: review.due_at.to_string(),
            overdue: review.is_overdue(now),
            recurrence: review.repeats.map(|repeats| ReviewRecurrence::of(repeats.every)),
            next_at: review.repeats.map(|repeats| repeats.next_at.to_string()),
            state: ReviewState::of(&review.state),
            created_at: review.created_at.to_string(),
            ended_at: ended.map(|ended| ended.at.to_string()),
            ended_by: ended.map(|ended| ended.by.clone()),
            progress: Progress {
                people: tally.people,
                undecided: tally.people - tally.kept - tally.revoked,
                kept: tally.kept,
                revoked: tally.revoked,
                done: tally.done,
                refused: tally.refused,
            },
        }
    }
}

impl AccessReviewToStart {
    /// What is asked for, parsed, with its id drawn, and who is to be looked at.
    pub(super) fn parsed(self, now: Timestamp) -> Result<(NewReview, AskedScope), Problem> {
        let scope = match (self.group, self.role) {
            (None, None) => AskedScope::Everybody,
            (Some(group), None) => AskedScope::Group(group),
            (None, Some(role)) => AskedScope::Role(role),
            (Some(_), Some(_)) => {
                let why = "a review looks at everybody, at a group or at a role";
                return Err(Problem::field("/role", why));
            }
        };
        let new = NewReview {
            id: random::id(now),
            name: name(&self.name)?,
            reviewer: self.reviewer,
            undecided: self.undecided.map_or(Verdict::Keep, VerdictName::meant),
            on_revoke: self.on_revoke.map_or(Remedy::Remove, RemedyName::meant),
            due_at: due_at(&self.due_at)?,
            recurrence: self.recurrence.map(ReviewRecurrence::read).transpose()?,
        };
        Ok((new, scope))
    }
}

impl AccessReviewToChange {
    /// What it comes to.
    pub(super) fn read(self) -> Result<ReviewChange, Problem> {
        Ok(ReviewChange {
            name: self.name.as_deref().map(name).transpose()?,
            reviewer: self.reviewer,
            due_at: self.due_at.as_deref().map(due_at).transpose()?,
            recurrence: match self.recurrence {
                Field::Kept => None,
                Field::Gone => Some(RecurrenceChange::ToNone),
                Field::Is(recurrence) => Some(RecurrenceChange::To(recurrence.read()?)),
            },
        })
    }
}

fn name(text: &str) -> Result<DisplayName, Problem> {
    DisplayName::parse(text).map_err(|error| Problem::field("/name", error))
}

fn due_at(text: &str) -> Result<Timestamp, Problem> {
    text.parse()
        .map_err(|error: BadTimestamp| Problem::field("/due_at", error))
}
