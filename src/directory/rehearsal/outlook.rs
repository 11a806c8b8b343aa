//! What becomes of everybody's access: the difference of two standings.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;

use super::standing::{Acting, Key, Standing};
use crate::domain::access::{Effective, PermissionSet, Reason};
use crate::domain::email::Email;
use crate::domain::id::{ActivationId, ApplicationId, KeyId, ProductId, UserId};
use crate::domain::session::Stop;
use crate::domain::text::DisplayName;

/// Permissions by product; on all products where none is named.
pub type Places = BTreeMap<Option<ProductId>, PermissionSet>;

/// What becomes of everybody's access; absent is what whoever asks may not read.
#[derive(Debug, Default)]
pub struct Outlook {
    /// Members who gain or lose something, by id.
    pub access: Option<Vec<Change<Person>>>,
    /// Applications that do, by id.
    pub applications: Option<Vec<Change<(ApplicationId, DisplayName)>>>,
    /// Sessions that act for the organization and no longer may, by the activation's id.
    pub activations: Option<Vec<Ended<ActivationId>>>,
    /// Keys that are good and would no longer be, by id.
    pub api_keys: Option<Vec<Ended<Who>>>,
    /// Keys that stay good and could do less, by id.
    pub narrowed: Option<Vec<Change<Who>>>,
}

/// A person, as others see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
}

/// A key, and whose it is.
#[derive(Debug, Clone)]
pub struct Who {
    /// Which key.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: DisplayName,
    /// The member whose it is, if it is one's.
    pub person: Option<Person>,
}

/// What somebody or something gains and loses.
#[derive(Debug)]
pub struct Change<T> {
    /// Who or what.
    pub of: T,
    /// What they will hold and do not.
    pub gained: Places,
    /// What they hold and will not.
    pub lost: Places,
}

/// Something that acts now and no longer will.
#[derive(Debug)]
pub struct Ended<T> {
    /// What.
    pub of: T,
    /// The person for whom it acts, if it is one's.
    pub person: Option<Person>,
    /// All that keeps it from acting.
    pub because: Vec<Cut>,
}

/// What keeps a session or key from acting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are refusals, and there are few at a time"
)]
pub enum Cut {
    /// Access is refused altogether.
    Refused(Reason),
    /// The session's person has to sign in again.
    Stopped(Stop),
    /// It was ended itself.
    Ended,
}

impl Cut {
    /// Its name to programs; once published it never changes.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Refused(reason) => reason.kind(),
            Self::Stopped(Stop::Over) => "session_over",
            Self::Stopped(Stop::Idle) => "session_idle",
            Self::Stopped(Stop::TooLong) => "session_too_long",
            Self::Ended => "ended",
        }
    }
}

/// One plain sentence.
impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(reason) => return reason.fmt(f),
            Self::Stopped(Stop::Over) => "The session is over.",
            Self::Stopped(Stop::Idle) => {
                "The session has not been used for longer than the organization allows."
            }
            Self::Stopped(Stop::TooLong) => "The person signed in longer ago than the organization allows.",
            Self::Ended => "It is ended.",
        })
    }
}

impl Outlook {
    /// What becomes of what stood before.
    pub fn from(before: &Standing, after: &Standing) -> Self {
        let sight = before.sight;
        let (sees_access, sees_keys) = (sight.access, sight.keys);
        Self {
            access: sees_access.then(|| people(before, after)),
            applications: sees_access.then(|| applications(before, after)),
            activations: sight.sessions.then(|| activations(before, after)),
            api_keys: sees_keys.then(|| keys(before, after)),
            narrowed: sees_keys.then(|| narrowed(before, after)),
        }
    }
}

fn people(before: &Standing, after: &Standing) -> Vec<Change<Person>> {
    let changes = either(&before.people, &after.people).filter_map(|(was, is)| {
        let person = was.or(is)?.person.clone();
        let left = was.filter(|_| is.is_none()).map(|was| after.left_to(was));
        let is = is.map(|is| &is.access).or(left.as_ref());
        changed(person, was.map(|was| &was.access), is)
    });
    by_id(changes.collect(), |change| change.of.id.to_string())
}

fn applications(before: &Standing, after: &Standing) -> Vec<Change<(ApplicationId, DisplayName)>> {
    let changes = before.applications.iter().filter_map(|(id, (name, was))| {
        let is = after.applications.get(id).map(|(_, holds)| holds);
        changed((*id, name.clone()), Some(was), is)
    });
    by_id(changes.collect(), |change| change.of.0.to_string())
}

fn activations(before: &Standing, after: &Standing) -> Vec<Ended<ActivationId>> {
    let acted = before.activations.iter().filter(|(_, was)| was.cut.is_empty());
    let ended = acted.filter_map(|(id, was)| {
        let because = match after.activations.get(id) {
            Some(Acting { cut, .. }) => cut.clone(),
            None => or_ended(
                after
                    .refusals_of(was.user)
                    .into_iter()
                    .map(Cut::Refused)
                    .collect(),
            ),
        };
        (!because.is_empty()).then(|| Ended {
            of: *id,
            person: Some(was.person.clone()),
            because,
        })
    });
    by_id(ended.collect(), |ended| ended.of.to_string())
}

fn keys(before: &Standing, after: &Standing) -> Vec<Ended<Who>> {
    let good = before.keys.iter().filter(|(_, was)| was.refused.is_empty());
    let ended = good.filter_map(|(id, was)| {
        let because: Vec<Cut> = if let Some(Key { refused, .. }) = after.keys.get(id) {
            refused.iter().cloned().map(Cut::Refused).collect()
        } else {
            let owner = was.user.map_or_else(Vec::new, |user| after.refusals_of(user));
            or_ended(owner.into_iter().map(Cut::Refused).collect())
        };
        (!because.is_empty()).then(|| Ended {
            of: who(*id, was),
            person: was.person.clone(),
            because,
        })
    });
    by_id(ended.collect(), |ended| ended.of.id.to_string())
}

fn narrowed(before: &Standing, after: &Standing) -> Vec<Change<Who>> {
    let stay = before.keys.iter().filter_map(|(id, was)| {
        let is = after.keys.get(id)?;
        let good = was.refused.is_empty() && is.refused.is_empty();
        good.then_some((id, was, is))
    });
    let narrower = stay.filter_map(|(id, was, is)| {
        let change = changed(who(*id, was), Some(&was.holds), Some(&is.holds))?;
        (!change.lost.is_empty()).then_some(change)
    });
    by_id(narrower.collect(), |change| change.of.id.to_string())
}

fn who(id: KeyId, key: &Key) -> Who {
    Who {
        id,
        name: key.name.clone(),
        person: key.person.clone(),
    }
}

/// What is simply gone was ended, if nothing else keeps it from acting.
fn or_ended(because: Vec<Cut>) -> Vec<Cut> {
    if because.is_empty() {
        vec![Cut::Ended]
    } else {
        because
    }
}

fn changed<T>(of: T, was: Option<&Effective>, is: Option<&Effective>) -> Option<Change<T>> {
    let nothing = Effective::default();
    let (was, is) = (was.unwrap_or(&nothing), is.unwrap_or(&nothing));
    let change = Change {
        of,
        gained: is.besides(was),
        lost: was.besides(is),
    };
    let same = change.gained.is_empty() && change.lost.is_empty();
    (!same).then_some(change)
}

/// Each that is in either, as it is in both.
fn either<'a, K: Eq + Hash, V>(
    before: &'a HashMap<K, V>,
    after: &'a HashMap<K, V>,
) -> impl Iterator<Item = (Option<&'a V>, Option<&'a V>)> {
    let new = after.iter().filter(|(id, _)| !before.contains_key(id));
    let old = before.iter().map(|(id, was)| (Some(was), after.get(id)));
    old.chain(new.map(|(_, is)| (None, Some(is))))
}

fn by_id<T>(mut changes: Vec<T>, id: impl Fn(&T) -> String) -> Vec<T> {
    changes.sort_by_cached_key(id);
    changes
}
