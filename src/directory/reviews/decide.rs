//! What is decided about somebody in a review. Nobody decides about themselves, nor revokes what they don't hold.

use super::over;
use crate::audit;
use crate::directory::members::keep;
use crate::directory::{DirectoryError, Permit, told};
use crate::domain::access::Permission;
use crate::domain::description::Description;
use crate::domain::id::{ItemId, OrganizationId, UserId};
use crate::domain::review::{Decision, Ended, Held, Item, Review, Verdict};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::review_items::{self, Entry, Filter};
use crate::storage::reviews::{self, Tally};
use crate::storage::{Listed, Page, StorageError, Tx, memberships};

/// Somebody in a review, beside what they hold now.
#[derive(Debug)]
pub struct Seen {
    /// What was found and decided.
    pub entry: Entry,
    /// What they hold now; nothing if they are no member any more.
    pub now: Option<Held>,
}

/// What becomes of a verdict.
#[derive(Debug, Clone, Copy)]
pub enum VerdictChange {
    /// It is this now.
    To(Verdict),
    /// Nothing is decided any more.
    ToNone,
}

/// What to change of a decision; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct DecisionChange {
    /// Another verdict.
    pub verdict: Option<VerdictChange>,
    /// Why, in the reviewer's words.
    pub note: Option<Description>,
}

/// A page of the people in a review.
pub async fn items<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    review: &Review,
    filter: Filter,
    page: &Page,
    now: Timestamp,
) -> Result<Listed<Seen>, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let mut rows = Vec::new();
    for entry in review_items::list(tx, review.id, filter, page).await? {
        rows.push(seen(tx, permit.organization(), entry, now).await?);
    }
    Ok(page.of(rows, review_items::count(tx, review.id, filter)).await?)
}

/// Somebody in a review.
pub async fn find_item<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    review: &Review,
    id: ItemId,
    now: Timestamp,
) -> Result<Seen, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let entry = review_items::by_id(tx, review.id, id).await?;
    let entry = entry.ok_or(DirectoryError::NotFound)?;
    Ok(seen(tx, permit.organization(), entry, now).await?)
}

async fn seen(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    entry: Entry,
    now: Timestamp,
) -> Result<Seen, StorageError> {
    let member = memberships::member(tx, entry.item.user, organization).await?;
    let now = member.and_then(|member| Held::by(&member, now));
    Ok(Seen { entry, now })
}

/// Decides about somebody, or decides anew, as long as the review is open.
pub async fn decide<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    review: &Review,
    item: &Item,
    change: &DecisionChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    review.is_open().map_err(over)?;
    let decision = decided(permit, item.decision.as_ref(), change, now)?;
    let said = |decision: &Option<Decision>| {
        let decision = decision.as_ref();
        decision.map(|decision| (decision.verdict, decision.note.clone()))
    };
    if said(&decision) == said(&item.decision) {
        return Ok(());
    }
    is_not_own(permit, item.user)?;
    let verdict = decision.as_ref().map(|decision| decision.verdict);
    let earlier = item.decision.as_ref().map(|decision| decision.verdict);
    if verdict == Some(Verdict::Revoke) && earlier != verdict {
        match keep::holds_no_more(tx, permit, item.user, now).await {
            // There is nothing left to revoke, which is no reason not to say so.
            Err(DirectoryError::NotFound) => {}
            checked => checked?,
        }
    }
    let decided = Item {
        decision,
        ..item.clone()
    };
    review_items::decide(tx, &decided).await?;
    let count = |verdict: Option<Verdict>, which| i64::from(verdict == Some(which));
    let more = |which| count(verdict, which) - count(earlier, which);
    let more = Tally {
        kept: more(Verdict::Keep),
        revoked: more(Verdict::Revoke),
        ..Tally::default()
    };
    reviews::tally(tx, review.id, more).await?;
    let event = permit.event("access_review.decided").on(item.user);
    let event = event.with("review", review.id.to_string()).changed(
        &told::decision(item.decision.as_ref()),
        &told::decision(decided.decision.as_ref()),
    );
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// What a change comes to.
fn decided(
    permit: &Permit<'_>,
    earlier: Option<&Decision>,
    change: &DecisionChange,
    now: Timestamp,
) -> Result<Option<Decision>, DirectoryError> {
    let verdict = match change.verdict {
        Some(VerdictChange::To(verdict)) => Some(verdict),
        Some(VerdictChange::ToNone) => None,
        None => earlier.map(|earlier| earlier.verdict),
    };
    let Some(verdict) = verdict else {
        return match &change.note {
            Some(note) if !note.as_str().is_empty() => {
                Err(DirectoryError::field("/note", "a note comes with a verdict"))
            }
            _ => Ok(None),
        };
    };
    let note = change
        .note
        .clone()
        .or_else(|| earlier.map(|earlier| earlier.note.clone()));
    Ok(Some(Decision {
        verdict,
        note: note.unwrap_or_default(),
        by: Some(Ended {
            at: now,
            by: permit.actor().to_string(),
        }),
    }))
}

/// Nobody reviews their own membership.
fn is_not_own(permit: &Permit<'_>, user: UserId) -> Result<(), DirectoryError> {
    if permit.person() != Some(user) {
        return Ok(());
    }
    let told = "nobody decides about themselves; somebody else who holds member:write does";
    Err(DirectoryError::Unmet(vec![("own_membership", told.to_owned())]))
}
