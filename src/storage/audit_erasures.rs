//! Erasures: which people's detail goes from the log, how far that has come, and what is left of it.

use sqlx::QueryBuilder;

use super::audit_reading::StoredErasure;
use super::db::Connection;
use super::query::{execute, fetch};
use super::{StorageError, Tx};

/// An event with something that is of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Told {
    /// Its place in the log.
    pub position: i64,
    /// When it was.
    pub at: i64,
}

/// Notes an erasure, or how far it has come.
pub async fn put(tx: &mut Tx<'_>, erasure: &StoredErasure) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO audit_erasures (user_id, at, through, finished_at, signature) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET through = excluded.through, finished_at = excluded.finished_at, \
         signature = excluded.signature",
        &erasure.user_id,
        erasure.at,
        erasure.through,
        erasure.finished_at,
        &erasure.signature,
    )?;
    Ok(())
}

/// Erasures that are not finished, so many at most.
pub async fn unfinished(tx: &mut Tx<'_>, most: i64) -> Result<Vec<StoredErasure>, StorageError> {
    fetch!(
        fetch_all as StoredErasure,
        tx,
        "SELECT user_id, at, through, finished_at, signature FROM audit_erasures \
         WHERE finished_at IS NULL ORDER BY user_id LIMIT $1",
        most,
    )
}

/// Events of a person, from one id to before another, oldest first and so many at most, with something left that is
/// theirs. Those of the first form keep it: without it nothing of them could be proved.
pub async fn of_person(
    tx: &mut Tx<'_>,
    user: &str,
    from: &str,
    before: &str,
    most: i64,
) -> Result<Vec<Told>, StorageError> {
    fetch!(
        fetch_all as Told,
        tx,
        "SELECT position, at FROM audit_events WHERE COALESCE(on_behalf_of, actor) = $1 AND id >= $2 AND id < $3 \
         AND personal IS NOT NULL AND digest IS NOT NULL ORDER BY id LIMIT $4",
        user,
        from,
        before,
        most,
    )
}

/// The same of events that were on a person.
pub async fn on_person(
    tx: &mut Tx<'_>,
    user: &str,
    from: &str,
    before: &str,
    most: i64,
) -> Result<Vec<Told>, StorageError> {
    fetch!(
        fetch_all as Told,
        tx,
        "SELECT position, at FROM audit_events WHERE target = $1 AND id >= $2 AND id < $3 \
         AND personal IS NOT NULL AND digest IS NOT NULL ORDER BY id LIMIT $4",
        user,
        from,
        before,
        most,
    )
}

/// Takes what is of a person out of some events.
pub async fn erase(tx: &mut Tx<'_>, positions: &[i64]) -> Result<(), StorageError> {
    if positions.is_empty() {
        return Ok(());
    }
    let answer = match tx.connection() {
        Connection::Sqlite(connection) => {
            let mut statement = erase_at::<sqlx::Sqlite>(positions);
            statement.build().execute(&mut **connection).await.map(drop)
        }
        Connection::Postgres(connection) => {
            let mut statement = erase_at::<sqlx::Postgres>(positions);
            statement.build().execute(&mut **connection).await.map(drop)
        }
    };
    tx.settle(answer)
}

fn erase_at<DB>(positions: &[i64]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement =
        QueryBuilder::new("UPDATE audit_events SET personal = NULL, salt = NULL WHERE position IN (");
    let mut list = statement.separated(", ");
    for position in positions {
        list.push_bind(*position);
    }
    statement.push(")");
    statement
}
