//! Cuts: where chains begin that were longer once, and the removal of what was before.

use sqlx::QueryBuilder;

use super::audit_reading::StoredCut;
use super::db::Connection;
use super::query::execute;
use super::{StorageError, Tx};

/// Moves the beginning of a chain, if it is still where it was. Answers whether it was.
pub async fn advance(tx: &mut Tx<'_>, before: Option<i64>, after: &StoredCut) -> Result<bool, StorageError> {
    let changed = match before {
        None => execute!(
            tx,
            "INSERT INTO audit_cuts (chain, sequence, events, digest, keep_days, at, signature) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (chain) DO NOTHING",
            &after.chain,
            after.sequence,
            after.events,
            &after.digest,
            after.keep_days,
            after.at,
            &after.signature,
        )?,
        Some(before) => execute!(
            tx,
            "UPDATE audit_cuts SET sequence = $2, events = $3, digest = $4, keep_days = $5, at = $6, \
             signature = $7 WHERE chain = $1 AND sequence = $8",
            &after.chain,
            after.sequence,
            after.events,
            &after.digest,
            after.keep_days,
            after.at,
            &after.signature,
            before,
        )?,
    };
    Ok(changed == 1)
}

/// Removes the seals of a chain up to one.
pub async fn remove_seals(tx: &mut Tx<'_>, chain: &str, sequence: i64) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM audit_seals WHERE chain = $1 AND sequence <= $2",
        chain,
        sequence,
    )?;
    Ok(())
}

/// How many events one statement removes.
const TOGETHER: usize = 500;

/// Removes the events at some positions.
pub async fn remove_events(tx: &mut Tx<'_>, positions: &[i64]) -> Result<(), StorageError> {
    for some in positions.chunks(TOGETHER) {
        let answer = match tx.connection() {
            Connection::Sqlite(connection) => {
                let mut statement = remove_at::<sqlx::Sqlite>(some);
                statement.build().execute(&mut **connection).await.map(drop)
            }
            Connection::Postgres(connection) => {
                let mut statement = remove_at::<sqlx::Postgres>(some);
                statement.build().execute(&mut **connection).await.map(drop)
            }
        };
        tx.settle(answer)?;
    }
    Ok(())
}

fn remove_at<DB>(positions: &[i64]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new("DELETE FROM audit_events WHERE position IN (");
    let mut list = statement.separated(", ");
    for position in positions {
        list.push_bind(*position);
    }
    statement.push(")");
    statement
}
