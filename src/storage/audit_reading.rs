//! The audit log read whole, in order and in pages, for who proves or exports it.

use sqlx::QueryBuilder;

use super::audit_events::StoredEvent;
use super::audit_seals::{StoredHead, StoredSeal};
use super::db::Connection;
use super::query::fetch;
use super::{StorageError, Tx};

/// An event and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Placed {
    /// Where.
    pub position: i64,
    /// What.
    #[sqlx(flatten)]
    pub event: StoredEvent,
}

/// Where a chain begins, if what was older is gone.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredCut {
    /// Whose log.
    pub chain: String,
    /// The last seal that is gone.
    pub sequence: i64,
    /// How many events are.
    pub events: i64,
    /// The hash of that seal.
    pub digest: Vec<u8>,
    /// What the setting was.
    pub keep_days: i64,
    /// When, Unix milliseconds.
    pub at: i64,
    /// Ed25519 over all of the above.
    pub signature: Vec<u8>,
}

/// That what is of a person is erased.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredErasure {
    /// `usr_…`
    pub user_id: String,
    /// Since when; what was logged later is not touched.
    pub at: i64,
    /// Every event until then is done.
    pub through: i64,
    /// When all were.
    pub finished_at: Option<i64>,
    /// Ed25519 over all of the above.
    pub signature: Vec<u8>,
}

/// Seals after one, in order of chain and sequence, so many at most.
pub async fn seals_after(
    tx: &mut Tx<'_>,
    chain: &str,
    sequence: i64,
    most: i64,
) -> Result<Vec<StoredSeal>, StorageError> {
    fetch!(
        fetch_all as StoredSeal,
        tx,
        "SELECT chain, sequence, at, leaves, root, previous, signature FROM audit_seals \
         WHERE (chain, sequence) > ($1, $2) ORDER BY chain, sequence LIMIT $3",
        chain,
        sequence,
        most,
    )
}

/// The newest seals of chains after one, so many at most.
pub async fn heads_after(tx: &mut Tx<'_>, chain: &str, most: i64) -> Result<Vec<StoredHead>, StorageError> {
    fetch!(
        fetch_all as StoredHead,
        tx,
        "SELECT chain, sequence, digest, mac FROM audit_heads WHERE chain > $1 ORDER BY chain LIMIT $2",
        chain,
        most,
    )
}

/// Where chains after one begin, so many at most.
pub async fn cuts_after(tx: &mut Tx<'_>, chain: &str, most: i64) -> Result<Vec<StoredCut>, StorageError> {
    fetch!(
        fetch_all as StoredCut,
        tx,
        "SELECT chain, sequence, events, digest, keep_days, at, signature FROM audit_cuts \
         WHERE chain > $1 ORDER BY chain LIMIT $2",
        chain,
        most,
    )
}

/// Where a chain begins, if it was ever cut.
pub async fn cut_of(tx: &mut Tx<'_>, chain: &str) -> Result<Option<StoredCut>, StorageError> {
    fetch!(
        fetch_optional as StoredCut,
        tx,
        "SELECT chain, sequence, events, digest, keep_days, at, signature FROM audit_cuts WHERE chain = $1",
        chain,
    )
}

/// Erasures of users after one, so many at most.
pub async fn erasures_after(
    tx: &mut Tx<'_>,
    user: &str,
    most: i64,
) -> Result<Vec<StoredErasure>, StorageError> {
    fetch!(
        fetch_all as StoredErasure,
        tx,
        "SELECT user_id, at, through, finished_at, signature FROM audit_erasures \
         WHERE user_id > $1 ORDER BY user_id LIMIT $2",
        user,
        most,
    )
}

/// The erasure of a user, if there was one.
pub async fn erasure_of(tx: &mut Tx<'_>, user: &str) -> Result<Option<StoredErasure>, StorageError> {
    fetch!(
        fetch_optional as StoredErasure,
        tx,
        "SELECT user_id, at, through, finished_at, signature FROM audit_erasures WHERE user_id = $1",
        user,
    )
}

/// Positions after one, in order, so many at most.
pub async fn positions_after(tx: &mut Tx<'_>, position: i64, most: i64) -> Result<Vec<i64>, StorageError> {
    let found: Vec<(i64,)> = fetch!(
        fetch_all as (i64,),
        tx,
        "SELECT position FROM audit_events WHERE position > $1 ORDER BY position LIMIT $2",
        position,
        most,
    )?;
    Ok(found.into_iter().map(|(position,)| position).collect())
}

/// The events at some positions.
pub async fn at_positions(tx: &mut Tx<'_>, positions: &[i64]) -> Result<Vec<Placed>, StorageError> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let answer = match tx.connection() {
        Connection::Sqlite(connection) => {
            let mut statement = at::<sqlx::Sqlite>(positions);
            statement.build_query_as().fetch_all(&mut **connection).await
        }
        Connection::Postgres(connection) => {
            let mut statement = at::<sqlx::Postgres>(positions);
            statement.build_query_as().fetch_all(&mut **connection).await
        }
    };
    tx.settle(answer)
}

fn at<DB>(positions: &[i64]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new(
        "SELECT position, id, organization_id, action, category, actor, on_behalf_of, target, result, detail, personal, \
         salt, binding, at, digest, mac FROM audit_events WHERE position IN (",
    );
    let mut list = statement.separated(", ");
    for position in positions {
        list.push_bind(*position);
    }
    statement.push(")");
    statement
}
