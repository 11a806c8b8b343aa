//! The two databases behind one handle, and the transaction all storage functions take.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::changes::{Changes, Slot, Topic};
use super::lane::Lanes;
use super::{Lane, StorageError};

/// How often a transaction that lost against another is tried again.
const TRIES: u32 = 12;

/// SQLite or PostgreSQL. Cheap to copy.
#[derive(Clone)]
pub enum Db {
    /// One file: many readers, one writer.
    Sqlite(SqliteDb),
    /// A server, shared with other nodes.
    Postgres(PostgresDb),
}

/// SQLite: a pool of readers and the one writing connection.
#[derive(Clone)]
pub struct SqliteDb {
    pub(super) readers: SqlitePool,
    pub(super) writer: SqlitePool,
    pub(super) changes: Changes,
    /// Held as long as the database is open; gone with the process, however that ends.
    pub(super) _lock: Option<Arc<std::fs::File>>,
}

/// PostgreSQL: a pool, and the lanes of this process.
#[derive(Clone)]
pub struct PostgresDb {
    pub(super) pool: PgPool,
    pub(super) lanes: Arc<Lanes>,
    pub(super) changes: Changes,
    /// Held by the one transaction that is tried again.
    pub(super) retry: Arc<tokio::sync::Mutex<()>>,
}

/// What runs inside a transaction: the future that a write's closure answers.
pub type Work<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A transaction. `'t` names this one and no other: what is proven in it can't be used in the next.
pub struct Tx<'t> {
    connection: Connection<'t>,
    conflicted: bool,
    changed: Vec<Slot>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// The open connection of a transaction.
pub(super) enum Connection<'t> {
    Sqlite(&'t mut SqliteConnection),
    Postgres(&'t mut PgConnection),
}

/// A consistent view for reading; what it sees does not move.
pub enum Snapshot {
    /// A deferred transaction on one of the readers.
    Sqlite(Transaction<'static, Sqlite>),
    /// `REPEATABLE READ READ ONLY`.
    Postgres(Transaction<'static, Postgres>),
}

impl<'t> Tx<'t> {
    fn on(connection: Connection<'t>) -> Self {
        Self {
            connection,
            conflicted: false,
            changed: Vec::new(),
            brand: PhantomData,
        }
    }

    pub(super) fn connection(&mut self) -> &mut Connection<'t> {
        &mut self.connection
    }

    /// Notes that this transaction changes something that others may have read and kept: the feed tells them right
    /// after the commit, before anybody hears of it.
    pub(super) fn changed(&mut self, topic: Topic) {
        self.changed.push(topic.into());
    }

    /// Takes a statement's answer and notes whether the whole transaction must be tried again.
    pub(super) fn settle<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, StorageError> {
        answer.map_err(|error| {
            self.conflicted |= StorageError::is_conflict(&error);
            StorageError::Database(error)
        })
    }
}

impl Snapshot {
    /// The transaction to read in.
    pub fn tx(&mut self) -> Tx<'_> {
        match self {
            Self::Sqlite(tx) => Tx::on(Connection::Sqlite(tx)),
            Self::Postgres(tx) => Tx::on(Connection::Postgres(tx)),
        }
    }
}

impl Db {
    /// Opens a view for reading only. On SQLite a write in it fails.
    pub async fn snapshot(&self) -> Result<Snapshot, StorageError> {
        Ok(match self {
            Self::Sqlite(db) => Snapshot::Sqlite(db.readers.begin().await?),
            Self::Postgres(db) => Snapshot::Postgres(
                db.pool
                    .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Runs `f` as if alone in the database, and commits what it did; if it answers an error, nothing was done.
    ///
    /// `f` can run more than once, so it draws no ids, time or secrets and talks to nobody but the database. It is
    /// not cancelled when the caller goes away: a transaction is whole or absent, and no connection is left inside
    /// one.
    pub async fn write<T, E, F>(&self, lane: Lane, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync + 'static,
    {
        let db = self.clone();
        let task = tokio::spawn(async move {
            match db {
                Self::Sqlite(db) => db.write(&f).await,
                Self::Postgres(db) => db.write(lane, &f).await,
            }
        });
        task.await.map_err(|_| E::from(StorageError::Panicked))?
    }

    /// What the writes of this node change.
    pub fn changes(&self) -> &Changes {
        match self {
            Self::Sqlite(db) => &db.changes,
            Self::Postgres(db) => &db.changes,
        }
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => {
                db.readers.close().await;
                db.writer.close().await;
            }
            Self::Postgres(db) => db.pool.close().await,
        }
    }
}

impl SqliteDb {
    /// One after the other: the writer is a pool of one connection, and `BEGIN IMMEDIATE` takes the file's lock.
    async fn write<T, E, F>(&self, f: &F) -> Result<T, E>
    where
        E: From<StorageError>,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E>,
    {
        let mut open = self
            .writer
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(StorageError::from)?;
        let mut tx = Tx::on(Connection::Sqlite(&mut open));
        let done = f(&mut tx).await?;
        let changed = tx.changed;
        let committed = open.commit().await;
        // An error leaves it open whether it did commit.
        self.changes.moved(&changed);
        committed.map_err(StorageError::from)?;
        Ok(done)
    }
}

impl PostgresDb {
    /// `SERIALIZABLE`, in its lane, tried again as long as it loses against others. Those that lost go one after the
    /// other: among twenty that all lose to one another, retrying together, some would lose every time.
    async fn write<T, E, F>(&self, lane: Lane, f: &F) -> Result<T, E>
    where
        E: From<StorageError>,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E>,
    {
        let _turn = self.lanes.enter(lane).await;
        let mut connection = LaneConnection::acquire(&self.pool, lane).await?;
        let mut turn = None;
        for tried in 0..TRIES {
            if tried == 1 {
                turn = Some(self.retry.lock().await);
            }
            back_off(tried).await;
            let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
            let mut open = sqlx::Connection::begin_with(&mut **connection.get(), begin)
                .await
                .map_err(StorageError::from)?;
            let mut tx = Tx::on(Connection::Postgres(&mut open));
            let answer = f(&mut tx).await;
            let (conflicted, changed) = (tx.conflicted, tx.changed);
            match answer {
                Ok(done) => {
                    let committed = open.commit().await;
                    // An error leaves it open whether it did commit.
                    self.changes.moved(&changed);
                    match committed {
                        Ok(()) => {
                            connection.release().await?;
                            return Ok(done);
                        }
                        Err(error) if StorageError::is_conflict(&error) => {}
                        Err(error) => return Err(StorageError::from(error).into()),
                    }
                }
                Err(_) if conflicted => open.rollback().await.map_err(StorageError::from)?,
                Err(refused) => {
                    open.rollback().await.map_err(StorageError::from)?;
                    connection.release().await?;
                    return Err(refused);
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
