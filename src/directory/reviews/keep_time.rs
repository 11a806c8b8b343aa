//! What reviews do by themselves: the reviewer is reminded before one is due, and those that recur are held again.

use super::survey::{Snapshot, look};
use super::{begin, letter, may_review};
use crate::audit::{self, Actor, Event};
use crate::directory::DirectoryError;
use crate::domain::id::{OrganizationId, ReviewId, UserId};
use crate::domain::review::{Repeats, Review, State};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::{Db, Lane, Tx, organizations, reviews};

/// How many are looked after in one go.
const AT_ONCE: i64 = 100;

/// Reminds the reviewers of what is due soon, and starts what is to be held again: each once, on one node. What fails
/// keeps nothing else from it.
pub async fn keep_time(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), DirectoryError> {
    let mut snapshot = db.snapshot().await?;
    let to_remind = reviews::to_remind(&mut snapshot.tx(), now, AT_ONCE).await?;
    let to_repeat = reviews::to_repeat(&mut snapshot.tx(), now, AT_ONCE).await?;
    drop(snapshot);
    let mut kept = Ok(());
    for (organization, id) in to_remind {
        let keyring = keyring.clone();
        let work = db.write(Lane::Organization(organization), move |tx| {
            let keyring = keyring.clone();
            Box::pin(async move { remind(tx, &keyring, organization, id, now).await })
        });
        kept = kept.and(work.await);
    }
    for (organization, id) in to_repeat {
        kept = kept.and(repeat(db, keyring, organization, id, now).await);
    }
    kept
}

async fn remind(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    organization: OrganizationId,
    id: ReviewId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if !reviews::remind(tx, id, now).await? {
        return Ok(());
    }
    let Some(found) = reviews::by_id(tx, organization, id).await? else {
        return Ok(());
    };
    letter::post(tx, keyring, &found.review, found.tally.people, true, now).await?;
    let event = Event::of("access_review.reminded", Actor::Host).within(organization);
    let event = event.on(id).with("reviewer", found.review.reviewer.to_string());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Looks at who is there now, and starts the next review with them.
async fn repeat(
    db: &Db,
    keyring: &Keyring,
    organization: OrganizationId,
    id: ReviewId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let mut snapshot = db.snapshot().await?;
    let mut tx = snapshot.tx();
    let found = reviews::by_id(&mut tx, organization, id).await?;
    let Some((earlier, repeats)) =
        found.and_then(|found| found.review.repeats.map(|when| (found.review, when)))
    else {
        return Ok(());
    };
    let survey = look(&mut tx, organization, earlier.scope.clone(), now).await?;
    drop(snapshot);
    let nobody = survey.is_empty();
    let next = random::id(now);
    let people = survey.drawn(next, now);
    let keyring = keyring.clone();
    let work = db.write(Lane::Organization(organization), move |tx| {
        let (keyring, earlier, people) = (keyring.clone(), earlier.clone(), people.clone());
        Box::pin(async move {
            if !reviews::hand_on(tx, id, repeats.next_at).await? {
                return Ok(());
            }
            let repeats = Repeats::from(repeats.every, repeats.from, now);
            let reviewer = reviewer(tx, &earlier, now).await?;
            let (Some(reviewer), false) = (reviewer, nobody) else {
                return skip(tx, &keyring, earlier, repeats, now).await;
            };
            let due_at = now.plus(earlier.due_at.since(earlier.created_at));
            let review = Review {
                id: next,
                reviewer,
                started_by: Actor::Host.to_string(),
                due_at,
                remind_at: Review::reminder(due_at, now),
                repeats: Some(repeats),
                created_at: now,
                state: State::Open,
                ..earlier
            };
            held_again(tx, &keyring, &review, &people, id, now).await
        })
    });
    work.await
}

async fn held_again(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    review: &Review,
    people: &Snapshot,
    earlier: ReviewId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let event = Event::of("access_review.created", Actor::Host).within(review.organization);
    let event = event.with("after", earlier.to_string());
    begin(tx, keyring, review, people, event, now).await
}

/// There is nobody to look at, or nobody to decide: the next time there may be.
async fn skip(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    earlier: Review,
    repeats: Repeats,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let event = Event::of("access_review.skipped", Actor::Host).within(earlier.organization);
    let event = event.on(earlier.id).with("next_at", repeats.next_at.to_string());
    audit::record(tx, keyring, &event, now).await?;
    let later = Review {
        repeats: Some(repeats),
        ..earlier
    };
    Ok(reviews::update(tx, &later).await?)
}

/// Who decided the last time, or, if they may no longer, an owner.
async fn reviewer(
    tx: &mut Tx<'_>,
    earlier: &Review,
    now: Timestamp,
) -> Result<Option<UserId>, DirectoryError> {
    let owners = organizations::owners(tx, earlier.organization).await?;
    for user in std::iter::once(earlier.reviewer).chain(owners) {
        if may_review(tx, earlier.organization, user, now).await? {
            return Ok(Some(user));
        }
    }
    Ok(None)
}
