//! What is looked after of connections by itself: metadata that is read again, and certificates that end.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::ConnectionId;
use crate::domain::time::Timestamp;

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Looks after a connection as it is now. Whoever was warned of certificates that end at another moment was not warned.
pub async fn put(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    refresh_at: Option<Timestamp>,
    certificates_end_at: Option<Timestamp>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO connection_watches (connection_id, refresh_at, certificates_end_at) VALUES ($1, $2, $3) \
         ON CONFLICT (connection_id) DO UPDATE SET refresh_at = excluded.refresh_at, failures = 0, \
         warned_days = CASE WHEN connection_watches.certificates_end_at = excluded.certificates_end_at \
         THEN connection_watches.warned_days END, certificates_end_at = excluded.certificates_end_at",
        id.to_string(),
        refresh_at.map(Timestamp::millis),
        certificates_end_at.map(Timestamp::millis),
    )?;
    Ok(())
}

/// So many whose metadata is due to be read again, the longest first.
pub async fn due(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<ConnectionId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT connection_id FROM connection_watches WHERE refresh_at IS NOT NULL AND refresh_at <= $1 \
         ORDER BY refresh_at LIMIT $2",
        now.millis(),
        most,
    )?;
    ids(rows)
}

/// Takes one that is due, until another moment; answers `false` if somebody else did meanwhile.
pub async fn take(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let taken = execute!(
        tx,
        "UPDATE connection_watches SET refresh_at = $2 WHERE connection_id = $1 AND refresh_at <= $3",
        id.to_string(),
        until.millis(),
        now.millis(),
    )?;
    Ok(taken == 1)
}

/// Its metadata could be read.
pub async fn refreshed(tx: &mut Tx<'_>, id: ConnectionId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE connection_watches SET refreshed_at = $2, failures = 0 WHERE connection_id = $1",
        id.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Its metadata could not be read; answers how often in a row.
pub async fn failed(tx: &mut Tx<'_>, id: ConnectionId) -> Result<i64, StorageError> {
    let row = fetch!(
        fetch_optional as (i64,),
        tx,
        "UPDATE connection_watches SET failures = failures + 1 WHERE connection_id = $1 RETURNING failures",
        id.to_string(),
    )?;
    Ok(row.map_or(0, |(failures,)| failures))
}

/// Some whose last certificate ends within so many days, and nobody was warned of that.
pub async fn ending_within(
    tx: &mut Tx<'_>,
    days: i64,
    now: Timestamp,
) -> Result<Vec<ConnectionId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT connection_id FROM connection_watches \
         WHERE certificates_end_at IS NOT NULL AND certificates_end_at > $1 AND certificates_end_at <= $2 \
         AND (warned_days IS NULL OR warned_days > $3) ORDER BY certificates_end_at LIMIT 100",
        now.millis(),
        now.millis() + days * DAY,
        days,
    )?;
    ids(rows)
}

/// Notes that somebody was warned so many days before; answers `false` if that was done already.
pub async fn warned(tx: &mut Tx<'_>, id: ConnectionId, days: i64) -> Result<bool, StorageError> {
    let noted = execute!(
        tx,
        "UPDATE connection_watches SET warned_days = $2 \
         WHERE connection_id = $1 AND (warned_days IS NULL OR warned_days > $2)",
        id.to_string(),
        days,
    )?;
    Ok(noted == 1)
}

fn ids(rows: Vec<(String,)>) -> Result<Vec<ConnectionId>, StorageError> {
    let read = rows
        .into_iter()
        .map(|(id,)| Row::of("connection_watches", &id).parse("connection_id", &id));
    read.collect()
}
