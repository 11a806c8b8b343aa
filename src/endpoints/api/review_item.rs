//! What somebody in an access review is, and what is decided about them, as the API shows and takes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{Field, MergePatch};
use super::problem::Problem;
use super::review::VerdictName;
use super::shown::Person;
use crate::directory::reviews::{DecisionChange, Seen, VerdictChange};
use crate::domain::description::Description;
use crate::domain::review::{self, Outcome};

/// Somebody in a review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewItem {
    /// Never changes.
    #[schema(example = "itm_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Who.
    user: Person,
    /// What they held when the review started.
    held: Held,
    /// Whether they hold something else now.
    changed: bool,
    /// Whether they are no member any more.
    gone: bool,
    /// What was decided; null as long as nothing is.
    verdict: Option<VerdictName>,
    /// Why, in the words of whoever decided.
    #[schema(example = "Left the crew in October")]
    note: Option<String>,
    /// Who decided: a person, a key or an application; null if the review was completed without.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    decided_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    /// What came of it, once the review was completed.
    outcome: Option<OutcomeName>,
    /// Why it could not be done.
    refusal: Option<Refusal>,
}

/// What somebody held when a review started.
#[derive(Debug, Serialize, ToSchema)]
pub struct Held {
    /// Whether the membership let them act.
    #[schema(example = "active")]
    status: String,
    /// The membership's role, by name.
    #[schema(example = "developer")]
    role: Option<String>,
    /// Their groups, by name.
    groups: Vec<String>,
    /// What they were given, themselves or by a group.
    grants: Vec<HeldGrant>,
    /// Every permission that they could come to use, at whichever hour: on all products under `*`, and what they held
    /// beyond that on one product under its id.
    #[schema(example = json!({"*": ["device:read"], "prd_01kaxw3vd0f1wvj1d2sahtfxyz": ["device:write"]}))]
    permissions: BTreeMap<String, Vec<String>>,
}

/// A grant as it was when a review started.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldGrant {
    /// Its id.
    #[schema(example = "grt_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// The group that had it; null if it was their own.
    group: Option<String>,
    /// The role that it gave, by name.
    role: Option<String>,
    /// The permissions that it gave by name.
    permissions: Option<Vec<String>>,
    /// The one product that it was limited to.
    product: Option<String>,
    /// From when on it counted.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// Until when it counted.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// The hours of the week at which it counted.
    #[schema(value_type = Option<Object>)]
    schedule: Option<Value>,
}

/// What came of a verdict.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeName {
    /// The membership stays as it is.
    Kept,
    /// The membership ended.
    Removed,
    /// The membership no longer lets them act.
    Suspended,
    /// There was nothing left to revoke.
    Already,
    /// It could not be revoked; completing the review once more tries again.
    Refused,
}

/// Which verdict to list.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictFilter {
    /// They keep what they hold.
    Keep,
    /// They don't.
    Revoke,
    /// Nobody has decided.
    Undecided,
}

/// Why a membership could not be revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refusal {
    /// For programs.
    #[schema(example = "last_owner")]
    code: String,
    /// For people.
    #[schema(example = "an organization keeps at least one active owner")]
    detail: String,
}

/// What is decided about somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionToMake {
    /// Keep or revoke; null takes the verdict back.
    #[serde(default)]
    #[schema(value_type = Option<VerdictName>)]
    verdict: Field<VerdictName>,
    /// Why, in one line of at most 500 characters.
    #[schema(nullable = false, max_length = 500, example = "Left the crew in October")]
    note: Option<String>,
}

/// What is decided about one of many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionItem {
    /// Which of the review's items.
    #[schema(example = "itm_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Keep or revoke; null takes the verdict back.
    #[serde(default)]
    #[schema(value_type = Option<VerdictName>)]
    verdict: Field<VerdictName>,
    /// Why, in one line of at most 500 characters.
    #[schema(nullable = false, max_length = 500)]
    note: Option<String>,
}

impl MergePatch for DecisionToMake {
    const NULLABLE: &'static [&'static str] = &["verdict"];
}

impl DecisionItem {
    /// Which, and what it comes to.
    pub(super) fn read(self) -> Result<(String, DecisionChange), Problem> {
        let (verdict, note) = (self.verdict, self.note);
        Ok((self.id, DecisionToMake { verdict, note }.read()?))
    }
}

impl DecisionToMake {
    /// What it comes to.
    pub(super) fn read(self) -> Result<DecisionChange, Problem> {
        let note = self.note.as_deref().map(Description::parse).transpose();
        Ok(DecisionChange {
            verdict: match self.verdict {
                Field::Kept => None,
                Field::Gone => Some(VerdictChange::ToNone),
                Field::Is(verdict) => Some(VerdictChange::To(verdict.meant())),
            },
            note: note.map_err(|error| Problem::field("/note", error))?,
        })
    }
}

impl VerdictFilter {
    /// The word that is stored for it.
    pub(super) fn named(name: &str) -> Option<&'static str> {
        ["keep", "revoke", "undecided"]
            .into_iter()
            .find(|known| *known == name)
    }
}

impl OutcomeName {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Kept => Self::Kept,
            Outcome::Removed => Self::Removed,
            Outcome::Suspended => Self::Suspended,
            Outcome::Already => Self::Already,
            Outcome::Refused { .. } => Self::Refused,
        }
    }

    /// The word that is stored for it.
    pub(super) fn named(name: &str) -> Option<&'static str> {
        let known = ["kept", "removed", "suspended", "already", "refused"];
        known.into_iter().find(|known| *known == name)
    }
}

impl HeldGrant {
    /// What is shown of one.
    pub(super) fn of(grant: &review::HeldGrant) -> Self {
        Self {
            id: grant.id.clone(),
            group: grant.group.clone(),
            role: grant.role.clone(),
            permissions: grant.permissions.clone(),
            product: grant.product.clone(),
            starts_at: grant.starts_at.clone(),
            ends_at: grant.ends_at.clone(),
            schedule: grant.schedule.clone(),
        }
    }
}

impl ReviewItem {
    pub(super) fn of(seen: &Seen) -> Self {
        let (item, held) = (&seen.entry.item, &seen.entry.item.held);
        let decision = item.decision.as_ref();
        let by = decision.and_then(|decision| decision.by.as_ref());
        let note = decision.map(|decision| decision.note.as_str().to_owned());
        Self {
            id: item.id.to_string(),
            user: Person {
                id: item.user.to_string(),
                email: seen.entry.email.as_str().to_owned(),
                name: seen.entry.name.as_str().to_owned(),
            },
            held: Held {
                status: held.status.clone(),
                role: held.role.clone(),
                groups: held.groups.clone(),
                grants: held.grants.iter().map(HeldGrant::of).collect(),
                permissions: held.permissions.clone(),
            },
            changed: seen.now.as_ref() != Some(held),
            gone: seen.now.is_none(),
            verdict: decision.map(|decision| VerdictName::of(decision.verdict)),
            note: note.filter(|note| !note.is_empty()),
            decided_by: by.map(|by| by.by.clone()),
            decided_at: by.map(|by| by.at.to_string()),
            outcome: item.outcome.as_ref().map(OutcomeName::of),
            refusal: match &item.outcome {
                Some(Outcome::Refused { code, detail }) => Some(Refusal {
                    code: code.clone(),
                    detail: detail.clone(),
                }),
                _ => None,
            },
        }
    }
}
