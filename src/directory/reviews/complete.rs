//! How a review is completed: first its verdicts become final, then each is carried out in a transaction of its own.

use super::over;
use crate::audit;
use crate::directory::members::{self, MemberChange, StatusChange};
use crate::directory::{DirectoryError, Permit, told};
use crate::domain::access::Permission;
use crate::domain::description::Description;
use crate::domain::id::ItemId;
use crate::domain::membership::MembershipStatus;
use crate::domain::review::{Item, Outcome, Remedy, Review, State, Verdict};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::review_items::{self, Entry};
use crate::storage::reviews::{self, Tally};
use crate::storage::{Tx, members as stored_members};

/// How many verdicts are found at once.
const AT_ONCE: i64 = 200;

/// Makes the verdicts final, those too that nobody gave. One that is completed already stays so, and what was left of it
/// can be carried out.
pub async fn close<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &reviews::Entry,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let review = &found.review;
    if matches!(review.state, State::Completed(_)) {
        return Ok(());
    }
    let completed = review
        .clone()
        .complete(permit.actor().to_string(), now)
        .map_err(over)?;
    reviews::end(tx, &completed).await?;
    let settled = review_items::settle(tx, review.id, review.undecided).await?;
    let settled = i64::try_from(settled).unwrap_or(i64::MAX);
    let (kept, revoked) = match review.undecided {
        Verdict::Keep => (settled, 0),
        Verdict::Revoke => (0, settled),
    };
    let more = Tally {
        kept,
        revoked,
        ..Tally::default()
    };
    reviews::tally(tx, review.id, more).await?;
    let event = permit.event("access_review.completed").on(review.id);
    let event = event
        .changed(&told::review(review), &told::review(&completed))
        .with("kept", found.tally.kept + kept)
        .with("revoked", found.tally.revoked + revoked)
        .with("undecided", settled);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Some of those, by the person's id after one, whose membership is still to be revoked, or could not be.
pub async fn to_carry_out<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    review: &Review,
    after: &str,
) -> Result<Vec<Entry>, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    Ok(review_items::to_carry_out(tx, review.id, after, AT_ONCE).await?)
}

/// Revokes one membership as if it had been asked alone, and notes what came of it: also that it could not be, and why.
/// What was done before is not done again.
pub async fn carry_out<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    review: &Review,
    id: ItemId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let item = review_items::by_id(tx, review.id, id).await?;
    let item = item.ok_or(DirectoryError::NotFound)?.item;
    let revoked = item
        .decision
        .as_ref()
        .is_some_and(|decision| decision.verdict == Verdict::Revoke);
    let waits = matches!(item.outcome, None | Some(Outcome::Refused { .. }));
    if !matches!(review.state, State::Completed(_)) || !revoked || !waits {
        return Ok(());
    }
    let outcome = match revoke(tx, permit, keyring, review, &item, now).await {
        Ok(outcome) => outcome,
        Err(error) => refusal(error)?,
    };
    let event = permit.event("access_review.revoked").on(item.user);
    let event = event
        .with("review", review.id.to_string())
        .with("outcome", outcome.as_str());
    let event = match &outcome {
        Outcome::Refused { code, .. } => event.with("because", code.as_str()).refused(),
        _ => event,
    };
    audit::record(tx, keyring, &event, now).await?;
    let refused = |outcome: Option<&Outcome>| i64::from(matches!(outcome, Some(Outcome::Refused { .. })));
    let more = Tally {
        done: 1 - refused(Some(&outcome)),
        refused: refused(Some(&outcome)) - refused(item.outcome.as_ref()),
        ..Tally::default()
    };
    reviews::tally(tx, review.id, more).await?;
    let settled = Item {
        outcome: Some(outcome),
        ..item
    };
    Ok(review_items::set_outcome(tx, &settled).await?)
}

async fn revoke<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    review: &Review,
    item: &Item,
    now: Timestamp,
) -> Result<Outcome, DirectoryError> {
    let Some(member) = stored_members::find(tx, permit.organization(), item.user).await? else {
        return Ok(Outcome::Already);
    };
    if permit.person() == Some(item.user) {
        return Ok(Outcome::Refused {
            code: "own_membership".to_owned(),
            detail: "nobody revokes their own membership in a review".to_owned(),
        });
    }
    match review.on_revoke {
        Remedy::Remove => {
            members::remove(tx, permit, keyring, &member, now).await?;
            Ok(Outcome::Removed)
        }
        Remedy::Suspend if member.state.status() != MembershipStatus::Active => Ok(Outcome::Already),
        Remedy::Suspend => {
            let reason = Description::parse(&format!("Access review: {}", review.name));
            let change = MemberChange {
                role: None,
                status: Some(StatusChange {
                    to: MembershipStatus::Suspended,
                    reason: reason.unwrap_or_default(),
                }),
            };
            members::change(tx, permit, keyring, &member, &change, now).await?;
            Ok(Outcome::Suspended)
        }
    }
}

/// What could not be done, if that was refused by a rule of the house. `members` refuses before it writes, so there is
/// nothing to take back.
fn refusal(error: DirectoryError) -> Result<Outcome, DirectoryError> {
    let code = match error {
        DirectoryError::LastOwner => "last_owner",
        DirectoryError::Exceeds(_) => "exceeds_own_permissions",
        other => return Err(other),
    };
    Ok(Outcome::Refused {
        code: code.to_owned(),
        detail: error.to_string(),
    })
}
