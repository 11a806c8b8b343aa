//! Access reviews: who holds what is looked at, and kept or revoked. What a verdict does to a membership, `members` does,
//! by the permit of whoever completes the review.

mod complete;
mod decide;
mod keep_time;
mod letter;
mod survey;

pub use complete::{carry_out, close, to_carry_out};
pub use decide::{DecisionChange, Seen, VerdictChange, decide, find_item, items};
pub use keep_time::keep_time;
pub use survey::{AskedScope, Snapshot, Survey, survey};

use super::permit::require_still;
use super::{DirectoryError, Permit, members, told};
use crate::audit::{self, Actor, Event};
use crate::domain::access::Permission;
use crate::domain::id::{OrganizationId, ReviewId, UserId};
use crate::domain::review::{LONGEST, Over, Recurrence, Remedy, Repeats, Review, Scope, State, Verdict};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::reviews::{self, Entry};
use crate::storage::{Listed, Page, Tx, review_items};

/// A review to start.
#[derive(Debug, Clone)]
pub struct NewReview {
    /// Drawn before the transaction.
    pub id: ReviewId,
    /// What people call it.
    pub name: DisplayName,
    /// The member who is asked to decide, by id or email; whoever starts it if absent.
    pub reviewer: Option<String>,
    /// What becomes of those whom nobody decides on.
    pub undecided: Verdict,
    /// What a revoked membership comes to.
    pub on_revoke: Remedy,
    /// Until when it is to be completed.
    pub due_at: Timestamp,
    /// How often it is held again.
    pub recurrence: Option<Recurrence>,
}

/// How often a review is to be held again from now on.
#[derive(Debug, Clone, Copy)]
pub enum RecurrenceChange {
    /// So often.
    To(Recurrence),
    /// Not at all.
    ToNone,
}

/// What to change of a review; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ReviewChange {
    /// Another name.
    pub name: Option<DisplayName>,
    /// Somebody else to decide, by id or email.
    pub reviewer: Option<String>,
    /// Another time until when it is to be completed.
    pub due_at: Option<Timestamp>,
    /// How often it is held again.
    pub recurrence: Option<RecurrenceChange>,
}

/// Starts a review of those in a snapshot, and tells the reviewer.
pub async fn start<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewReview,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    if snapshot.organization != permit.organization() {
        return Err(DirectoryError::NotFound);
    }
    if snapshot.items.is_empty() {
        let pointer = match snapshot.scope {
            Scope::Role(..) => "/role",
            Scope::Everybody | Scope::Group(..) => "/group",
        };
        return Err(DirectoryError::field(pointer, "there is nobody to look at"));
    }
    let reviewer = match (&new.reviewer, permit.person()) {
        (Some(named), _) => reviewer_named(tx, permit, named, now).await?,
        (None, Some(own)) => reviewer_named(tx, permit, &own.to_string(), now).await?,
        (None, None) => return Err(DirectoryError::field("/reviewer", "name a member")),
    };
    is_ahead(new.due_at, now)?;
    let review = Review {
        id: new.id,
        organization: permit.organization(),
        name: new.name.clone(),
        scope: snapshot.scope.clone(),
        reviewer,
        started_by: permit.actor().to_string(),
        undecided: new.undecided,
        on_revoke: new.on_revoke,
        due_at: new.due_at,
        remind_at: Review::reminder(new.due_at, now),
        repeats: new.recurrence.map(|every| Repeats::from(every, now, now)),
        created_at: now,
        state: State::Open,
    };
    begin(
        tx,
        keyring,
        &review,
        snapshot,
        permit.event("access_review.created"),
        now,
    )
    .await
}

/// Stores a review with who is in it, and tells the reviewer.
async fn begin(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    review: &Review,
    snapshot: &Snapshot,
    event: Event,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let people = i64::try_from(snapshot.items.len()).unwrap_or(i64::MAX);
    reviews::insert(tx, review, people).await?;
    for item in &snapshot.items {
        review_items::insert(tx, item).await?;
    }
    let event = event
        .on(review.id)
        .made(&told::review(review))
        .with("people", people);
    audit::record(tx, keyring, &event, now).await?;
    letter::post(tx, keyring, review, people, false, now).await
}

/// A page of reviews in a state, or in any if that is empty.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    state: &str,
    page: &Page,
) -> Result<Listed<Entry>, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let organization = permit.organization();
    let rows = reviews::list(tx, organization, state, page).await?;
    Ok(page.of(rows, reviews::count(tx, organization, state)).await?)
}

/// A review of the permit's organization.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, id: ReviewId) -> Result<Entry, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let found = reviews::by_id(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Changes what a review is called, who decides, until when, and how often it is held again. Of one that is over only the
/// last, as long as the next one has not started. A new reviewer is told.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    before: &Entry,
    change: &ReviewChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let review = &before.review;
    let mut after = review.clone();
    if let Some(name) = &change.name {
        after.name = name.clone();
    }
    if let Some(named) = &change.reviewer {
        after.reviewer = reviewer_named(tx, permit, named, now).await?;
    }
    if let Some(due_at) = change.due_at.filter(|due_at| *due_at != review.due_at) {
        is_ahead(due_at, now)?;
        after.due_at = due_at;
        after.remind_at = Review::reminder(due_at, now);
    }
    match change.recurrence {
        None => {}
        Some(RecurrenceChange::ToNone) => after.repeats = None,
        Some(RecurrenceChange::To(every)) if review.repeats.is_some_and(|repeats| repeats.every == every) => {
        }
        Some(RecurrenceChange::To(every)) => {
            after.repeats = Some(Repeats::from(every, review.created_at, now));
        }
    }
    if after == *review {
        return Ok(());
    }
    let only_when = Review {
        repeats: after.repeats,
        ..review.clone()
    };
    if after != only_when || review.repeats.is_none() {
        review.is_open().map_err(over)?;
    }
    reviews::update(tx, &after).await?;
    let event = permit.event("access_review.updated").on(after.id);
    let event = event.changed(&told::review(review), &told::review(&after));
    audit::record(tx, keyring, &event, now).await?;
    if after.reviewer != review.reviewer {
        letter::post(tx, keyring, &after, before.tally.people, false, now).await?;
    }
    Ok(())
}

/// Calls a review off, and those that were to come: nothing comes of its verdicts.
pub async fn cancel<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: Entry,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let before = told::review(&found.review);
    let by = permit.actor().to_string();
    let cancelled = found.review.cancel(by, now).map_err(over)?;
    reviews::end(tx, &cancelled).await?;
    let event = permit.event("access_review.cancelled").on(cancelled.id);
    let event = event.changed(&before, &told::review(&cancelled));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// A member who may decide, by id or email.
async fn reviewer_named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    named: &str,
    now: Timestamp,
) -> Result<UserId, DirectoryError> {
    let nobody = || DirectoryError::field("/reviewer", "the reviewer is a member who holds member:write");
    let member = match members::find(tx, permit, named).await {
        Err(DirectoryError::NotFound) => return Err(nobody()),
        found => found?,
    };
    if may_review(tx, permit.organization(), member.user, now).await? {
        Ok(member.user)
    } else {
        Err(nobody())
    }
}

/// Whether somebody could decide in a review.
async fn may_review(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
) -> Result<bool, DirectoryError> {
    match require_still(tx, Actor::User(user), organization, Permission::MemberWrite, now).await {
        Ok(_) => Ok(true),
        Err(DirectoryError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

fn is_ahead(due_at: Timestamp, now: Timestamp) -> Result<(), DirectoryError> {
    if now < due_at && due_at <= now.plus(LONGEST) {
        return Ok(());
    }
    Err(DirectoryError::field(
        "/due_at",
        "a review is due within a year from now",
    ))
}

fn over(over: Over) -> DirectoryError {
    DirectoryError::Unmet(vec![("review_over", over.to_string())])
}
