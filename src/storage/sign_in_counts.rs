//! How often people signed in, counted from the audit log.

use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::email::Email;
use crate::domain::id::{EventKind, OrganizationId, UserId, earliest};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A stretch of time, whose end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub before: Timestamp,
}

impl Span {
    /// The stretch of ids that events of that time have.
    fn ids(self) -> [String; 2] {
        [self.from, self.before].map(|at| earliest::<EventKind>(at).to_string())
    }
}

/// Some sign-ins that were alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// On which day, counted from 1970-01-01 in UTC.
    pub day: i64,
    /// Whether they failed.
    pub failed: bool,
    /// What else is told of them, as JSON: the methods.
    pub detail: String,
    /// How many.
    pub times: i64,
    /// When the last of them was.
    pub last_at: Timestamp,
}

/// Some sign-ins of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCount {
    /// Whose.
    pub user: UserId,
    /// What they are called, as long as they are a member.
    pub member: Option<(Email, DisplayName)>,
    /// What there is to count.
    pub count: Count,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    day: i64,
    failed: bool,
    detail: String,
    times: i64,
    last_at: i64,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    who: String,
    email: Option<String>,
    name: Option<String>,
    #[sqlx(flatten)]
    count: CountRow,
}

impl From<CountRow> for Count {
    fn from(columns: CountRow) -> Self {
        Self {
            day: columns.day,
            failed: columns.failed,
            detail: columns.detail,
            times: columns.times,
            last_at: Timestamp::from_millis(columns.last_at),
        }
    }
}

impl TryFrom<PersonRow> for PersonCount {
    type Error = StorageError;

    fn try_from(columns: PersonRow) -> Result<Self, StorageError> {
        let row = Row::of("audit_events", &columns.who);
        let member = match (&columns.email, &columns.name) {
            (Some(email), Some(name)) => {
                let name = row.some("target", DisplayName::parse(name).ok())?;
                Some((row.parse("target", email)?, name))
            }
            _ => None,
        };
        Ok(Self {
            user: row.parse("target", &columns.who)?,
            member,
            count: columns.count.into(),
        })
    }
}

/// What an organization's log tells of sign-ins: each person's on each day, by day and the person's id.
pub async fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    span: Span,
) -> Result<Vec<PersonCount>, StorageError> {
    let [from, before] = span.ids();
    let rows = fetch!(
        fetch_all as PersonRow,
        tx,
        "SELECT c.who, u.email, u.name, c.day, c.failed, c.detail, c.times, c.last_at FROM \
         (SELECT CASE WHEN action = 'user.sign_in_failed' THEN target ELSE COALESCE(on_behalf_of, actor) END AS who, \
          at / 86400000 AS day, action = 'user.sign_in_failed' AS failed, \
          CASE WHEN action = 'user.sign_in_failed' THEN '' ELSE detail END AS detail, \
          COUNT(*) AS times, MAX(at) AS last_at FROM audit_events \
          WHERE COALESCE(organization_id, '') = $1 AND action IN ('session.activated', 'user.sign_in_failed') \
          AND category <> 'token' AND id >= $2 AND id < $3 GROUP BY 1, 2, 3, 4) c \
         LEFT JOIN memberships m ON m.organization_id = $1 AND m.user_id = c.who \
         LEFT JOIN users u ON u.id = m.user_id WHERE c.who IS NOT NULL ORDER BY c.day, c.who",
        organization.to_string(),
        from,
        before,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many sign-ins failed at accounts that no organization manages, or that aren't there; counted up to `most`.
pub async fn failed_at_nobodys(tx: &mut Tx<'_>, span: Span, most: i64) -> Result<i64, StorageError> {
    let [from, before] = span.ids();
    let (failed,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM (SELECT id FROM audit_events \
         WHERE COALESCE(organization_id, '') = '' AND action = 'user.sign_in_failed' AND category <> 'token' \
         AND id >= $1 AND id < $2 LIMIT $3) AS failed",
        from,
        before,
        most,
    )?;
    Ok(failed)
}

/// One's own sign-ins: those of an organization that is named, or to Doorward itself; and those that failed.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: Option<OrganizationId>,
    span: Span,
) -> Result<Vec<Count>, StorageError> {
    let [from, before] = span.ids();
    let rows = fetch!(
        fetch_all as CountRow,
        tx,
        "SELECT day, failed, detail, COUNT(*) AS times, MAX(at) AS last_at FROM \
         (SELECT at / 86400000 AS day, FALSE AS failed, detail, at FROM audit_events \
          WHERE COALESCE(on_behalf_of, actor) = $1 AND category = 'sign_in' AND id >= $2 AND id < $3 \
          AND action = CASE WHEN $4 = '' THEN 'user.signed_in' ELSE 'session.activated' END \
          AND ($4 = '' OR organization_id = $4) \
          UNION ALL \
          SELECT at / 86400000 AS day, TRUE AS failed, '' AS detail, at FROM audit_events \
          WHERE target = $1 AND action = 'user.sign_in_failed' AND id >= $2 AND id < $3 \
          AND ($4 = '' OR organization_id = $4)) AS each_one GROUP BY day, failed, detail ORDER BY day",
        user.to_string(),
        from,
        before,
        organization.map(|id| id.to_string()).unwrap_or_default(),
    )?;
    Ok(rows.into_iter().map(Into::into).collect())
}
