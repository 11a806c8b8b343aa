//! PostgreSQL: shared with other nodes, serializable, tried again after a conflict.

use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::changes::Changes;
use super::db::{Connection, Statements};
use super::lane::Lanes;
use super::stats::{Stats, Tally};
use super::{Lane, StorageError, Tx, Work};

/// How often a transaction that lost against another is tried again.
const TRIES: u32 = 12;

/// PostgreSQL: a pool of connections that write, one of those that only read, and the lanes of this process.
#[derive(Clone)]
pub struct PostgresDb {
    pub(super) pool: PgPool,
    pub(super) readers: PgPool,
    pub(super) changes: Changes,
    lanes: Arc<Lanes>,
    /// Held by the one transaction that is tried again.
    retry: Arc<tokio::sync::Mutex<()>>,
    tally: Arc<Tally>,
}

impl PostgresDb {
    pub(super) fn of(pool: PgPool, readers: PgPool) -> Self {
        Self {
            pool,
            readers,
            changes: Changes::default(),
            lanes: Arc::default(),
            retry: Arc::default(),
            tally: Arc::default(),
        }
    }

    pub(super) async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, StorageError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(self.readers.begin_with(begin).await?)
    }

    pub(super) fn stats(&self) -> Stats {
        let pools = [&self.pool, &self.readers].map(|pool| (pool.size(), pool.num_idle()));
        self.tally.stats(&pools)
    }

    /// `SERIALIZABLE` unless it guards itself, in its lane, tried again as long as it loses against others. Those that lost go one after the
    /// other: among twenty that all lose to one another, retrying together, some would lose every time.
    pub(super) async fn write<T, E, F>(&self, lane: Lane, f: &F) -> Result<T, E>
    where
        E: From<StorageError>,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E>,
    {
        let in_line = self.tally.wait();
        let _turn = self.lanes.enter(lane).await;
        let mut connection = LaneConnection::acquire(&self.pool, lane).await?;
        drop(in_line);
        let mut turn = None;
        for tried in 0..TRIES {
            if tried == 1 {
                turn = Some(self.retry.lock().await);
            }
            back_off(tried).await;
            let begin = match lane {
                Lane::Guarded => "BEGIN ISOLATION LEVEL READ COMMITTED",
                _ => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            };
            let mut open = sqlx::Connection::begin_with(&mut **connection.get(), begin)
                .await
                .map_err(StorageError::from)?;
            let mut tx = Tx::on(Connection::Postgres(&mut open));
            let answer = f(&mut tx).await;
            let (statements, changed) = (tx.statements(), tx.into_changed());
            match (answer, statements) {
                (Ok(done), Statements::Fine) => {
                    let committed = open.commit().await;
                    // An error leaves it open whether it did commit.
                    self.changes.moved(&changed);
                    match committed {
                        Ok(()) => {
                            self.tally.committed(1);
                            connection.release().await?;
                            return Ok(done);
                        }
                        Err(error) if StorageError::is_conflict(&error) => {}
                        Err(error) => return Err(StorageError::from(error).into()),
                    }
                }
                (_, Statements::Conflicted) => open.rollback().await.map_err(StorageError::from)?,
                (answer, _) => {
                    open.rollback().await.map_err(StorageError::from)?;
                    connection.release().await?;
                    return answer.and_then(|_| Err(StorageError::Unheeded.into()));
                }
            }
        }
        drop(turn);
        connection.release().await?;
        Err(StorageError::Contended(TRIES).into())
    }
}

/// Waits before the third and each further try, which can only have lost against other nodes: up to 64 ms, and up to as
/// much again, so that losers don't meet once more.
#[expect(
    clippy::disallowed_methods,
    reason = "a transaction that lost waits for others to finish"
)]
async fn back_off(attempt: u32) {
    if attempt > 1 {
        let millis = 1 << attempt.min(6);
        let jitter = u64::from(crate::random::bytes::<1>()[0]) * millis / 256;
        tokio::time::sleep(Duration::from_millis(millis + jitter)).await;
    }
}

/// When the oldest transaction began that is still open, in milliseconds and rounded down. Those of other databases don't
/// count, and those of other roles are not shown.
pub(super) async fn oldest_transaction(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let sql = "SELECT FLOOR(EXTRACT(EPOCH FROM LEAST(MIN(xact_start), CLOCK_TIMESTAMP())) * 1000)::BIGINT \
               FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND backend_type = 'client backend'";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// The moment, in milliseconds and rounded up.
pub(super) async fn moment(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let sql = "SELECT CEIL(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000)::BIGINT";
    sqlx::query_scalar(sql).fetch_one(connection).await
}

/// A connection that holds its lane's advisory lock, taken before any transaction begins. If it is dropped before
/// it was released, by a panic or an error, it is closed, and the lock with it.
struct LaneConnection {
    connection: PoolConnection<Postgres>,
    lock_key: Option<i64>,
}

impl LaneConnection {
    async fn acquire(pool: &PgPool, lane: Lane) -> Result<Self, StorageError> {
        let mut connection = pool.acquire().await?;
        let lock_key = lane.lock_key();
        if let Some(key) = lock_key {
            sqlx::query("SELECT pg_advisory_lock($1)")
                .bind(key)
                .execute(&mut *connection)
                .await?;
        }
        Ok(Self { connection, lock_key })
    }

    fn get(&mut self) -> &mut PoolConnection<Postgres> {
        &mut self.connection
    }

    async fn release(mut self) -> Result<(), StorageError> {
        if let Some(key) = self.lock_key {
            sqlx::query("SELECT pg_advisory_unlock($1)")
                .bind(key)
                .execute(&mut *self.connection)
                .await?;
            self.lock_key = None;
        }
        Ok(())
    }
}

impl Drop for LaneConnection {
    fn drop(&mut self) {
        if self.lock_key.is_some() {
            self.connection.close_on_drop();
        }
    }
}
