//! Reviews of who holds what. Who is in one is `review_items`.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, ReviewId};
use crate::domain::review::{Ended, Recurrence, Repeats, Review, Scope, State};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// How far a review is: how many people are in it, and what was decided and done about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Tally {
    /// Who is in it.
    pub people: i64,
    /// Who keeps what they hold.
    pub kept: i64,
    /// Who does not.
    pub revoked: i64,
    /// Of those, whose membership was dealt with.
    pub done: i64,
    /// Of those, whose membership could not be.
    pub refused: i64,
}

/// A review, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The review itself.
    pub review: Review,
    /// How far it is.
    pub tally: Tally,
}

#[derive(sqlx::FromRow)]
struct ReviewRow {
    id: String,
    organization_id: String,
    name: String,
    scope: String,
    scope_id: Option<String>,
    scope_name: String,
    reviewer_id: String,
    started_by: String,
    undecided: String,
    on_revoke: String,
    due_at: i64,
    remind_at: Option<i64>,
    every: Option<i64>,
    unit: Option<String>,
    repeats_from: Option<i64>,
    next_at: Option<i64>,
    state: String,
    created_at: i64,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    #[sqlx(flatten)]
    tally: Tally,
}

impl ReviewRow {
    fn scope(&self, row: Row<'_>) -> Result<Scope, StorageError> {
        match (self.scope.as_str(), &self.scope_id) {
            ("everybody", None) => Ok(Scope::Everybody),
            ("group", Some(id)) => Ok(Scope::Group(row.parse("scope_id", id)?, self.scope_name.clone())),
            ("role", Some(id)) => Ok(Scope::Role(row.parse("scope_id", id)?, self.scope_name.clone())),
            _ => Err(row.corrupt("scope")),
        }
    }

    fn repeats(&self, row: Row<'_>) -> Result<Option<Repeats>, StorageError> {
        match (self.every, &self.unit, self.repeats_from, self.next_at) {
            (None, None, None, None) => Ok(None),
            (Some(every), Some(unit), Some(from), Some(next)) => {
                let every = u16::try_from(every).map_err(|_| row.corrupt("every"))?;
                let every = Recurrence::of(every, row.parse("unit", unit)?);
                Ok(Some(Repeats {
                    every: row.some("every", every.ok())?,
                    from: Timestamp::from_millis(from),
                    next_at: Timestamp::from_millis(next),
                }))
            }
            _ => Err(row.corrupt("next_at")),
        }
    }

    fn state(&self, row: Row<'_>) -> Result<State, StorageError> {
        let ended = self.ended_at.zip(self.ended_by.clone()).map(|(at, by)| Ended {
            at: Timestamp::from_millis(at),
            by,
        });
        match (self.state.as_str(), ended) {
            ("open", None) => Ok(State::Open),
            ("completed", Some(ended)) => Ok(State::Completed(ended)),
            ("cancelled", Some(ended)) => Ok(State::Cancelled(ended)),
            _ => Err(row.corrupt("state")),
        }
    }
}

impl TryFrom<ReviewRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: ReviewRow) -> Result<Self, StorageError> {
        let row = Row::of("reviews", &columns.id);
        let review = Review {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            scope: columns.scope(row)?,
            reviewer: row.parse("reviewer_id", &columns.reviewer_id)?,
            started_by: columns.started_by.clone(),
            undecided: row.parse("undecided", &columns.undecided)?,
            on_revoke: row.parse("on_revoke", &columns.on_revoke)?,
            due_at: Timestamp::from_millis(columns.due_at),
            remind_at: timestamp(columns.remind_at),
            repeats: columns.repeats(row)?,
            created_at: Timestamp::from_millis(columns.created_at),
            state: columns.state(row)?,
        };
        Ok(Self {
            review,
            tally: columns.tally,
        })
    }
}

/// Stores a review that starts with so many people in it.
pub async fn insert(tx: &mut Tx<'_>, new: &Review, people: i64) -> Result<(), StorageError> {
    let (scope, scope_id, scope_name) = match &new.scope {
        Scope::Everybody => ("everybody", None, ""),
        Scope::Group(id, name) => ("group", Some(id.to_string()), name.as_str()),
        Scope::Role(id, name) => ("role", Some(id.to_string()), name.as_str()),
    };
    let repeats = new.repeats.as_ref();
    execute!(
        tx,
        "INSERT INTO reviews (id, organization_id, name, scope, scope_id, scope_name, reviewer_id, started_by, \
         undecided, on_revoke, due_at, remind_at, every, unit, repeats_from, next_at, state, created_at, people) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'open', $17, $18)",
        new.id.to_string(),
        new.organization.to_string(),
        new.name.as_str(),
        scope,
        scope_id,
        scope_name,
        new.reviewer.to_string(),
        &new.started_by,
        new.undecided.as_str(),
        new.on_revoke.as_str(),
        new.due_at.millis(),
        new.remind_at.map(Timestamp::millis),
        repeats.map(|repeats| i64::from(repeats.every.every())),
        repeats.map(|repeats| repeats.every.unit().as_str()),
        repeats.map(|repeats| repeats.from.millis()),
        repeats.map(|repeats| repeats.next_at.millis()),
        new.created_at.millis(),
        people,
    )?;
    Ok(())
}

/// An organization's review.
pub async fn by_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReviewId,
) -> Result<Option<Entry>, StorageError> {
    let row = fetch!(
        fetch_optional as ReviewRow,
        tx,
        "SELECT id, organization_id, name, scope, scope_id, scope_name, reviewer_id, started_by, undecided, on_revoke, \
         due_at, remind_at, every, unit, repeats_from, next_at, state, created_at, ended_at, ended_by, people, kept, \
         revoked, done, refused FROM reviews WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's reviews in a state, or in any if that is empty, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    state: &str,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let rows = fetch!(
        fetch_all as ReviewRow,
        tx,
        "SELECT id, organization_id, name, scope, scope_id, scope_name, reviewer_id, started_by, undecided, on_revoke, \
         due_at, remind_at, every, unit, repeats_from, next_at, state, created_at, ended_at, ended_by, people, kept, \
         revoked, done, refused FROM reviews \
         WHERE organization_id = $1 AND id > $2 AND ($4 = '' OR state = $4) ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        state,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many reviews in that state an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId, state: &str) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM reviews WHERE organization_id = $1 AND ($2 = '' OR state = $2)",
        organization.to_string(),
        state,
    )?;
    Ok(count)
}

/// Changes what a review is called, who decides, until when, and when it is held again.
pub async fn update(tx: &mut Tx<'_>, review: &Review) -> Result<(), StorageError> {
    let repeats = review.repeats.as_ref();
    execute!(
        tx,
        "UPDATE reviews SET name = $3, reviewer_id = $4, due_at = $5, remind_at = $6, every = $7, unit = $8, \
         repeats_from = $9, next_at = $10 WHERE organization_id = $1 AND id = $2",
        review.organization.to_string(),
        review.id.to_string(),
        review.name.as_str(),
        review.reviewer.to_string(),
        review.due_at.millis(),
        review.remind_at.map(Timestamp::millis),
        repeats.map(|repeats| i64::from(repeats.every.every())),
        repeats.map(|repeats| repeats.every.unit().as_str()),
        repeats.map(|repeats| repeats.from.millis()),
        repeats.map(|repeats| repeats.next_at.millis()),
    )?;
    Ok(())
}

/// Stores how an open review ended; answers `false` if it had ended before.
pub async fn end(tx: &mut Tx<'_>, review: &Review) -> Result<bool, StorageError> {
    let Some(ended) = review.state.ended() else {
        return Ok(false);
    };
    let closed = execute!(
        tx,
        "UPDATE reviews SET state = $3, ended_at = $4, ended_by = $5, remind_at = NULL \
         WHERE organization_id = $1 AND id = $2 AND state = 'open'",
        review.organization.to_string(),
        review.id.to_string(),
        review.state.as_str(),
        ended.at.millis(),
        &ended.by,
    )?;
    if closed == 1 {
        update(tx, review).await?;
    }
    Ok(closed == 1)
}

/// Adds to how far a review is, or takes away from it. Nobody is added to one.
pub async fn tally(tx: &mut Tx<'_>, id: ReviewId, more: Tally) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE reviews SET kept = kept + $2, revoked = revoked + $3, done = done + $4, refused = refused + $5 \
         WHERE id = $1",
        id.to_string(),
        more.kept,
        more.revoked,
        more.done,
        more.refused,
    )?;
    Ok(())
}

/// Some of the open reviews whose reviewer is to be reminded by now.
pub async fn to_remind(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(OrganizationId, ReviewId)>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT organization_id, id FROM reviews WHERE remind_at <= $1 ORDER BY remind_at LIMIT $2",
        now.millis(),
        limit,
    )?;
    rows.iter()
        .map(|(organization, id)| place(organization, id))
        .collect()
}

/// Notes that the reviewer is reminded; answers `false` if they were, or need not be any more.
pub async fn remind(tx: &mut Tx<'_>, id: ReviewId, now: Timestamp) -> Result<bool, StorageError> {
    let noted = execute!(
        tx,
        "UPDATE reviews SET remind_at = NULL WHERE id = $1 AND remind_at <= $2",
        id.to_string(),
        now.millis(),
    )?;
    Ok(noted == 1)
}

/// Some of the reviews that are to be held again by now.
pub async fn to_repeat(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(OrganizationId, ReviewId)>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT organization_id, id FROM reviews WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
        now.millis(),
        limit,
    )?;
    rows.iter()
        .map(|(organization, id)| place(organization, id))
        .collect()
}

/// Notes that the review of that time is held, by another that repeats from now on; answers `false` if it was.
pub async fn hand_on(tx: &mut Tx<'_>, id: ReviewId, next_at: Timestamp) -> Result<bool, StorageError> {
    let noted = execute!(
        tx,
        "UPDATE reviews SET every = NULL, unit = NULL, repeats_from = NULL, next_at = NULL \
         WHERE id = $1 AND next_at = $2",
        id.to_string(),
        next_at.millis(),
    )?;
    Ok(noted == 1)
}

fn place(organization: &str, id: &str) -> Result<(OrganizationId, ReviewId), StorageError> {
    let row = Row::of("reviews", id);
    Ok((row.parse("organization_id", organization)?, row.parse("id", id)?))
}
