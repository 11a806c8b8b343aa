//! Who is in a review: what they held when it started, and what was decided about them.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::id::{ItemId, ReviewId};
use crate::domain::review::{Decision, Ended, Item, Outcome, Verdict};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// Somebody in a review, as they are called now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was found and decided.
    pub item: Item,
    /// Where they are written to.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
}

/// Which of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of this verdict, or `undecided`; of any if empty.
    pub verdict: &'static str,
    /// What came of it; any if empty.
    pub outcome: &'static str,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    id: String,
    review_id: String,
    user_id: String,
    held: String,
    verdict: Option<String>,
    note: String,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    outcome: Option<String>,
    refusal_code: Option<String>,
    refusal_detail: Option<String>,
    email: String,
    name: String,
}

impl ItemRow {
    fn outcome(&self, row: Row<'_>) -> Result<Option<Outcome>, StorageError> {
        let outcome = match (self.outcome.as_deref(), &self.refusal_code, &self.refusal_detail) {
            (None, None, None) => return Ok(None),
            (Some("kept"), None, None) => Outcome::Kept,
            (Some("removed"), None, None) => Outcome::Removed,
            (Some("suspended"), None, None) => Outcome::Suspended,
            (Some("already"), None, None) => Outcome::Already,
            (Some("refused"), Some(code), Some(detail)) => Outcome::Refused {
                code: code.clone(),
                detail: detail.clone(),
            },
            _ => return Err(row.corrupt("outcome")),
        };
        Ok(Some(outcome))
    }
}

impl TryFrom<ItemRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: ItemRow) -> Result<Self, StorageError> {
        let row = Row::of("review_items", &columns.id);
        let verdict: Option<Verdict> = row.parse_optional("verdict", columns.verdict.as_deref())?;
        let decision = match verdict {
            None => None,
            Some(verdict) => Some(Decision {
                verdict,
                note: row.some("note", Description::parse(&columns.note).ok())?,
                by: columns
                    .decided_at
                    .zip(columns.decided_by.clone())
                    .map(|(at, by)| Ended {
                        at: Timestamp::from_millis(at),
                        by,
                    }),
            }),
        };
        let item = Item {
            id: row.parse("id", &columns.id)?,
            review: row.parse("review_id", &columns.review_id)?,
            user: row.parse("user_id", &columns.user_id)?,
            held: row.some("held", serde_json::from_str(&columns.held).ok())?,
            decision,
            outcome: columns.outcome(row)?,
        };
        Ok(Self {
            item,
            email: row.parse("user_id", &columns.email)?,
            name: row.some("user_id", DisplayName::parse(&columns.name).ok())?,
        })
    }
}

/// Puts somebody into a review that starts: nothing is decided about them yet.
pub async fn insert(tx: &mut Tx<'_>, item: &Item) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO review_items (id, review_id, user_id, held) VALUES ($1, $2, $3, $4)",
        item.id.to_string(),
        item.review.to_string(),
        item.user.to_string(),
        serde_json::to_string(&item.held).expect("what is held is made of strings"),
    )?;
    Ok(())
}

/// Somebody in a review.
pub async fn by_id(tx: &mut Tx<'_>, review: ReviewId, id: ItemId) -> Result<Option<Entry>, StorageError> {
    let row = fetch!(
        fetch_optional as ItemRow,
        tx,
        "SELECT i.id, i.review_id, i.user_id, i.held, i.verdict, i.note, i.decided_by, i.decided_at, i.outcome, \
         i.refusal_code, i.refusal_detail, u.email, u.name FROM review_items i JOIN users u ON u.id = i.user_id \
         WHERE i.review_id = $1 AND i.id = $2",
        review.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The people in a review, by the person's id.
pub async fn list(
    tx: &mut Tx<'_>,
    review: ReviewId,
    filter: Filter,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let rows = fetch!(
        fetch_all as ItemRow,
        tx,
        "SELECT i.id, i.review_id, i.user_id, i.held, i.verdict, i.note, i.decided_by, i.decided_at, i.outcome, \
         i.refusal_code, i.refusal_detail, u.email, u.name FROM review_items i JOIN users u ON u.id = i.user_id \
         WHERE i.review_id = $1 AND i.user_id > $2 AND ($4 = '' OR COALESCE(i.verdict, 'undecided') = $4) \
         AND ($5 = '' OR i.outcome = $5) ORDER BY i.user_id LIMIT $3",
        review.to_string(),
        &page.after,
        page.limit,
        filter.verdict,
        filter.outcome,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many of them there are in a review.
pub async fn count(tx: &mut Tx<'_>, review: ReviewId, filter: Filter) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM review_items WHERE review_id = $1 \
         AND ($2 = '' OR COALESCE(verdict, 'undecided') = $2) AND ($3 = '' OR outcome = $3)",
        review.to_string(),
        filter.verdict,
        filter.outcome,
    )?;
    Ok(count)
}

/// Stores what was decided about somebody, or that nothing is decided any more.
pub async fn decide(tx: &mut Tx<'_>, item: &Item) -> Result<(), StorageError> {
    let decision = item.decision.as_ref();
    let by = decision.and_then(|decision| decision.by.as_ref());
    execute!(
        tx,
        "UPDATE review_items SET verdict = $3, note = $4, decided_by = $5, decided_at = $6 \
         WHERE review_id = $1 AND id = $2",
        item.review.to_string(),
        item.id.to_string(),
        decision.map(|decision| decision.verdict.as_str()),
        decision.map_or("", |decision| decision.note.as_str()),
        by.map(|by| by.by.as_str()),
        by.map(|by| by.at.millis()),
    )?;
    Ok(())
}

/// Gives those whom nobody decided on a verdict, and tells how many they are; and notes that whoever keeps what they hold
/// keeps it.
pub async fn settle(tx: &mut Tx<'_>, review: ReviewId, undecided: Verdict) -> Result<u64, StorageError> {
    let settled = execute!(
        tx,
        "UPDATE review_items SET verdict = $2 WHERE review_id = $1 AND verdict IS NULL",
        review.to_string(),
        undecided.as_str(),
    )?;
    execute!(
        tx,
        "UPDATE review_items SET outcome = 'kept' WHERE review_id = $1 AND verdict = 'keep'",
        review.to_string(),
    )?;
    Ok(settled)
}

/// Some of those, by the person's id after one, whose verdict is still to be carried out, or could not be.
pub async fn to_carry_out(
    tx: &mut Tx<'_>,
    review: ReviewId,
    after: &str,
    limit: i64,
) -> Result<Vec<Entry>, StorageError> {
    let rows = fetch!(
        fetch_all as ItemRow,
        tx,
        "SELECT i.id, i.review_id, i.user_id, i.held, i.verdict, i.note, i.decided_by, i.decided_at, i.outcome, \
         i.refusal_code, i.refusal_detail, u.email, u.name FROM review_items i JOIN users u ON u.id = i.user_id \
         WHERE i.review_id = $1 AND i.verdict = 'revoke' AND i.user_id > $2 \
         AND (i.outcome IS NULL OR i.outcome = 'refused') ORDER BY i.user_id LIMIT $3",
        review.to_string(),
        after,
        limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores what came of a verdict.
pub async fn set_outcome(tx: &mut Tx<'_>, item: &Item) -> Result<(), StorageError> {
    let (code, detail) = match &item.outcome {
        Some(Outcome::Refused { code, detail }) => (Some(code), Some(detail)),
        _ => (None, None),
    };
    execute!(
        tx,
        "UPDATE review_items SET outcome = $3, refusal_code = $4, refusal_detail = $5 \
         WHERE review_id = $1 AND id = $2",
        item.review.to_string(),
        item.id.to_string(),
        item.outcome.as_ref().map(Outcome::as_str),
        code,
        detail,
    )?;
    Ok(())
}
