//! Seals of the audit log, how far sealing has come, and what there is to seal.

use sqlx::QueryBuilder;

use super::db::Connection;
use super::query::{execute, fetch};
use super::{StorageError, Tx, postgres};

/// What a seal needs to know of an event.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Unsealed {
    /// Its place in the log.
    pub position: i64,
    /// `evt_…`
    pub id: String,
    /// Whose log it belongs to; none for the instance's own.
    pub organization_id: Option<String>,
    /// Its digest, or in the first form its MAC.
    pub digest: Vec<u8>,
}

/// A seal as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredSeal {
    /// Whose log: an organization's id, or nothing for the instance's own.
    pub chain: String,
    /// 1 for a chain's first.
    pub sequence: i64,
    /// When it was made, Unix milliseconds.
    pub at: i64,
    /// What it seals, 56 bytes for each event.
    pub leaves: Vec<u8>,
    /// The hash of that.
    pub root: Vec<u8>,
    /// The hash of the seal before.
    pub previous: Vec<u8>,
    /// Ed25519 over all but the leaves.
    pub signature: Vec<u8>,
}

/// The newest seal of a chain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredHead {
    /// Whose log.
    pub chain: String,
    /// Which seal.
    pub sequence: i64,
    /// Its hash.
    pub digest: Vec<u8>,
    /// HMAC over all of the above.
    pub mac: Vec<u8>,
}

/// How far sealing has come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredSealing {
    /// Every position before was looked at.
    pub next: i64,
    /// Those of them at which nothing was to be seen yet.
    pub skipped: Vec<u8>,
    /// How many seals were made, ever.
    pub seals: i64,
    /// How many events were sealed, ever.
    pub events: i64,
    /// HMAC over all of the above.
    pub mac: Vec<u8>,
}

/// How far sealing has come; nothing if it has not begun.
pub async fn sealing(tx: &mut Tx<'_>) -> Result<Option<StoredSealing>, StorageError> {
    fetch!(
        fetch_optional as StoredSealing,
        tx,
        "SELECT next, skipped, seals, events, mac FROM audit_sealing WHERE id = 1",
    )
}

/// Whether there is any seal.
pub async fn any(tx: &mut Tx<'_>) -> Result<bool, StorageError> {
    let found: Option<(i64,)> = fetch!(
        fetch_optional as (i64,),
        tx,
        "SELECT sequence FROM audit_seals WHERE chain >= '' ORDER BY chain, sequence LIMIT 1",
    )?;
    Ok(found.is_some())
}

/// Events from a position on, in order, so many at most.
pub async fn unsealed(tx: &mut Tx<'_>, from: i64, most: i64) -> Result<Vec<Unsealed>, StorageError> {
    fetch!(
        fetch_all as Unsealed,
        tx,
        "SELECT position, id, organization_id, COALESCE(digest, mac) AS digest FROM audit_events \
         WHERE position >= $1 ORDER BY position LIMIT $2",
        from,
        most,
    )
}

/// How many ranges one statement looks at.
const RANGES: usize = 100;

/// Events in ranges of positions, both ends included, in order, so many at most.
pub async fn within(
    tx: &mut Tx<'_>,
    ranges: &[(i64, i64)],
    most: usize,
) -> Result<Vec<Unsealed>, StorageError> {
    let mut found: Vec<Unsealed> = Vec::new();
    for some in ranges.chunks(RANGES) {
        let most = i64::try_from(most.saturating_sub(found.len())).unwrap_or(i64::MAX);
        let answer = match tx.connection() {
            Connection::Sqlite(connection) => {
                let mut statement = within_some::<sqlx::Sqlite>(some, most);
                statement.build_query_as().fetch_all(&mut **connection).await
            }
            Connection::Postgres(connection) => {
                let mut statement = within_some::<sqlx::Postgres>(some, most);
                statement.build_query_as().fetch_all(&mut **connection).await
            }
        };
        let rows: Vec<Unsealed> = tx.settle(answer)?;
        found.extend(rows);
    }
    Ok(found)
}

fn within_some<DB>(ranges: &[(i64, i64)], most: i64) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new(
        "SELECT position, id, organization_id, COALESCE(digest, mac) AS digest FROM audit_events \
         WHERE position BETWEEN ",
    );
    for (place, (from, to)) in ranges.iter().enumerate() {
        if place > 0 {
            statement.push(" OR position BETWEEN ");
        }
        statement.push_bind(*from);
        statement.push(" AND ").push_bind(*to);
    }
    statement.push(" ORDER BY position LIMIT ").push_bind(most);
    statement
}

/// When the oldest transaction began that is still open, by the database's clock in milliseconds; nothing where no
/// transaction can come late, as there is only one at a time.
pub async fn oldest_transaction(tx: &mut Tx<'_>) -> Result<Option<i64>, StorageError> {
    let answer = match tx.connection() {
        Connection::Sqlite(_) => Ok(None),
        Connection::Postgres(connection) => postgres::oldest_transaction(connection).await.map(Some),
    };
    tx.settle(answer)
}

/// The moment by the database's clock, in milliseconds, rounded up; 0 where none is needed.
pub async fn moment(tx: &mut Tx<'_>) -> Result<i64, StorageError> {
    let answer = match tx.connection() {
        Connection::Sqlite(_) => Ok(0),
        Connection::Postgres(connection) => postgres::moment(connection).await,
    };
    tx.settle(answer)
}

/// The newest seal of a chain, if it has any.
pub async fn head(tx: &mut Tx<'_>, chain: &str) -> Result<Option<StoredHead>, StorageError> {
    fetch!(
        fetch_optional as StoredHead,
        tx,
        "SELECT chain, sequence, digest, mac FROM audit_heads WHERE chain = $1",
        chain,
    )
}

/// Notes how far sealing has come, if it is still where it was. Answers whether it was.
pub async fn advance(
    tx: &mut Tx<'_>,
    before: Option<&StoredSealing>,
    after: &StoredSealing,
) -> Result<bool, StorageError> {
    let changed = match before {
        None => execute!(
            tx,
            "INSERT INTO audit_sealing (id, next, skipped, seals, events, mac) VALUES (1, $1, $2, $3, $4, $5) \
             ON CONFLICT (id) DO NOTHING",
            after.next,
            &after.skipped,
            after.seals,
            after.events,
            &after.mac,
        )?,
        Some(before) => execute!(
            tx,
            "UPDATE audit_sealing SET next = $1, skipped = $2, seals = $3, events = $4, mac = $5 \
             WHERE id = 1 AND mac = $6",
            after.next,
            &after.skipped,
            after.seals,
            after.events,
            &after.mac,
            &before.mac,
        )?,
    };
    Ok(changed == 1)
}

/// How many rows one statement stores.
const TOGETHER: usize = 64;

/// Stores seals and, one for each of them, the heads that they are.
pub async fn insert(tx: &mut Tx<'_>, seals: &[StoredSeal], heads: &[StoredHead]) -> Result<(), StorageError> {
    for (seals, heads) in seals.chunks(TOGETHER).zip(heads.chunks(TOGETHER)) {
        let answer = match tx.connection() {
            Connection::Sqlite(connection) => {
                let mut statement = insert_seals::<sqlx::Sqlite>(seals);
                match statement.build().execute(&mut **connection).await {
                    Ok(_) => {
                        let mut statement = put_heads::<sqlx::Sqlite>(heads);
                        statement.build().execute(&mut **connection).await.map(drop)
                    }
                    Err(error) => Err(error),
                }
            }
            Connection::Postgres(connection) => {
                let mut statement = insert_seals::<sqlx::Postgres>(seals);
                match statement.build().execute(&mut **connection).await {
                    Ok(_) => {
                        let mut statement = put_heads::<sqlx::Postgres>(heads);
                        statement.build().execute(&mut **connection).await.map(drop)
                    }
                    Err(error) => Err(error),
                }
            }
        };
        tx.settle(answer)?;
    }
    Ok(())
}

fn insert_seals<DB>(seals: &[StoredSeal]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    for<'a> &'a str: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    for<'a> &'a [u8]: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new(
        "INSERT INTO audit_seals (chain, sequence, at, leaves, root, previous, signature) ",
    );
    statement.push_values(seals, |mut row, seal| {
        row.push_bind(seal.chain.as_str())
            .push_bind(seal.sequence)
            .push_bind(seal.at)
            .push_bind(seal.leaves.as_slice())
            .push_bind(seal.root.as_slice())
            .push_bind(seal.previous.as_slice())
            .push_bind(seal.signature.as_slice());
    });
    statement
}

fn put_heads<DB>(heads: &[StoredHead]) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    for<'a> &'a str: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    for<'a> &'a [u8]: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
    i64: for<'a> sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut statement = QueryBuilder::new("INSERT INTO audit_heads (chain, sequence, digest, mac) ");
    statement.push_values(heads, |mut row, head| {
        row.push_bind(head.chain.as_str())
            .push_bind(head.sequence)
            .push_bind(head.digest.as_slice())
            .push_bind(head.mac.as_slice());
    });
    statement.push(
        " ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest, \
         mac = excluded.mac",
    );
    statement
}
