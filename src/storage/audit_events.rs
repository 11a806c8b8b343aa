//! Audit events: written with what they tell of, never changed.

use sqlx::QueryBuilder;

use super::db::Connection;
use super::query::{execute, fetch};
use super::{StorageError, Tx};

/// An event in the very words that digest and MAC cover.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredEvent {
    /// `evt_…`
    pub id: String,
    /// Whose log it belongs to; none for the instance's own.
    pub organization_id: Option<String>,
    /// `noun.verb`
    pub action: String,
    /// What it is about, see [`Category`](crate::domain::audit::Category).
    pub category: String,
    /// Who did it: an id, or `host`, `nobody`.
    pub actor: String,
    /// The person in whose place they did it.
    pub on_behalf_of: Option<String>,
    /// To what: an id.
    pub target: Option<String>,
    /// `success` or `refused`.
    pub result: String,
    /// A JSON object, of nobody.
    pub detail: String,
    /// A JSON object of what is of a person; none if nothing is, or once it is erased.
    pub personal: Option<String>,
    /// What is bound with it.
    pub salt: Option<Vec<u8>>,
    /// The hash of both, if there was something to bind.
    pub binding: Option<Vec<u8>>,
    /// Unix milliseconds.
    pub at: i64,
    /// The hash of all of the above but `personal` and `salt`; none in rows of the first form.
    pub digest: Option<Vec<u8>>,
    /// HMAC of the digest.
    pub mac: Vec<u8>,
}

/// Stores an event.
pub async fn insert(tx: &mut Tx<'_>, event: &StoredEvent) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO audit_events \
         (id, organization_id, action, category, actor, on_behalf_of, target, result, detail, personal, salt, \
         binding, at, digest, mac) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &event.id,
        event.organization_id.as_deref(),
        &event.action,
        &event.category,
        &event.actor,
        event.on_behalf_of.as_deref(),
        event.target.as_deref(),
        &event.result,
        &event.detail,
        event.personal.as_deref(),
        event.salt.as_deref(),
        event.binding.as_deref(),
        event.at,
        event.digest.as_deref(),
        &event.mac,
    )?;
    Ok(())
}

/// How many events one statement stores: few different statements, so that each stays prepared.
const TOGETHER: [usize; 3] = [64, 8, 1];

/// Stores events in few statements. One that is stored already is left as it is: who does not know whether a batch was
/// committed stores it again.
pub async fn insert_all(tx: &mut Tx<'_>, events: &[StoredEvent]) -> Result<(), StorageError> {
    let mut rest = events;
    for together in TOGETHER {
        let chunks = rest.chunks_exact(together);
        rest = chunks.remainder();
        for chunk in chunks {
            let answer = match tx.connection() {
                Connection::Sqlite(connection) => {
                    let mut statement = insert_of::<sqlx::Sqlite>(chunk);
                    statement.build().execute(&mut **connection).await.map(drop)
                }
                Connection::Postgres(connection) => {
                    let mut statement = insert_of::<sqlx::Postgres>(chunk);
                    statement.build().execute(&mut **connection).await.map(drop)
                }
            };
            tx.settle(answer)?;
        }
    }
    Ok(())
}

/// One statement for all of these.
fn insert_of<DB>(events: &[StoredEvent]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    for<'a> &'a str: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    for<'a> Option<&'a str>: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    for<'a> &'a [u8]: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    for<'a> Option<&'a [u8]>: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new(
        "INSERT INTO audit_events \
         (id, organization_id, action, category, actor, on_behalf_of, target, result, detail, personal, salt, \
         binding, at, digest, mac) ",
    );
    statement.push_values(events, |mut row, event| {
        row.push_bind(event.id.as_str())
            .push_bind(event.organization_id.as_deref())
            .push_bind(event.action.as_str())
            .push_bind(event.category.as_str())
            .push_bind(event.actor.as_str())
            .push_bind(event.on_behalf_of.as_deref())
            .push_bind(event.target.as_deref())
            .push_bind(event.result.as_str())
            .push_bind(event.detail.as_str())
            .push_bind(event.personal.as_deref())
            .push_bind(event.salt.as_deref())
            .push_bind(event.binding.as_deref())
            .push_bind(event.at)
            .push_bind(event.digest.as_deref())
            .push_bind(event.mac.as_slice());
    });
    statement.push(" ON CONFLICT (id) DO NOTHING");
    statement
}

/// Every event, oldest first.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT id, organization_id, action, category, actor, on_behalf_of, target, result, detail, personal, salt, \
         binding, at, digest, mac FROM audit_events ORDER BY at, id",
    )
}
