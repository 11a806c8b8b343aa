//! The two databases behind one handle, and the transaction all storage functions take.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::changes::{Changes, Slot, Topic};
use super::postgres::PostgresDb;
use super::sqlite::SqliteDb;
use super::stats::Stats;
use super::{Lane, StorageError};

/// SQLite or PostgreSQL. Cheap to copy.
#[derive(Clone)]
pub enum Db {
    /// One file: many readers, one writer.
    Sqlite(SqliteDb),
    /// A server, shared with other nodes.
    Postgres(PostgresDb),
}

/// What runs inside a transaction: the future that a write's closure answers.
pub type Work<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// A transaction. `'t` names this one and no other: what is proven in it can't be used in the next.
pub struct Tx<'t> {
    connection: Connection<'t>,
    statements: Statements,
    changed: Vec<Slot>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// How the statements of a transaction went so far. One that failed takes the transaction with it, heeded or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statements {
    Fine,
    Failed,
    /// Lost against another transaction: the whole must be tried again.
    Conflicted,
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
    pub(super) fn on(connection: Connection<'t>) -> Self {
        Self {
            connection,
            statements: Statements::Fine,
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

    /// Takes a statement's answer and notes how it went.
    pub(super) fn settle<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, StorageError> {
        answer.map_err(|error| {
            if StorageError::is_conflict(&error) {
                self.statements = Statements::Conflicted;
            } else if self.statements == Statements::Fine {
                self.statements = Statements::Failed;
            }
            StorageError::Database(error)
        })
    }

    pub(super) fn statements(&self) -> Statements {
        self.statements
    }

    /// What the transaction has changed, once it is over.
    pub(super) fn into_changed(self) -> Vec<Slot> {
        self.changed
    }
}

/// A connection for one statement that reads: as consistent as a [`Snapshot`] of that one, and cheaper, as nothing has to
/// begin or end. Two statements may see two moments.
pub enum Glance {
    /// One of the readers.
    Sqlite(PoolConnection<Sqlite>),
    /// One of those that the server lets only read.
    Postgres(PoolConnection<Postgres>),
}

impl Glance {
    /// What to read with, once.
    pub fn tx(&mut self) -> Tx<'_> {
        match self {
            Self::Sqlite(connection) => Tx::on(Connection::Sqlite(connection)),
            Self::Postgres(connection) => Tx::on(Connection::Postgres(connection)),
        }
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

/// How a rehearsal ends. To the database each is an error, and so nothing stands.
enum Undone<T, E> {
    Done(T),
    Failed(E),
}

impl<T, E: From<StorageError>> From<StorageError> for Undone<T, E> {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

impl Db {
    /// Opens a view for reading only. A write in it fails.
    pub async fn snapshot(&self) -> Result<Snapshot, StorageError> {
        Ok(match self {
            Self::Sqlite(db) => Snapshot::Sqlite(db.snapshot().await?),
            Self::Postgres(db) => Snapshot::Postgres(db.snapshot().await?),
        })
    }

    /// Takes a connection to read with one statement. A write by it fails.
    pub async fn glance(&self) -> Result<Glance, StorageError> {
        Ok(match self {
            Self::Sqlite(db) => Glance::Sqlite(db.readers.acquire().await?),
            Self::Postgres(db) => Glance::Postgres(db.readers.acquire().await?),
        })
    }

    /// Runs `f` as if alone in the database, and commits what it did; if it answers an error, nothing was done.
    ///
    /// `f` can run more than once, so it draws no ids, time or secrets and talks to nobody but the database. Once
    /// begun, or in line to begin, it is not cancelled when the caller goes away: a transaction is whole or absent, and
    /// no connection is left inside one. When very many are in line already, it waits to get into it.
    pub async fn write<T, E, F>(&self, lane: Lane, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(db) => db.write(f).await,
            Self::Postgres(db) => {
                let db = db.clone();
                let task = tokio::spawn(async move { db.write(lane, &f).await });
                task.await.map_err(|_| E::from(StorageError::Panicked))?
            }
        }
    }

    /// Runs `f` like [`Db::write`], in its lane and as if alone, and then undoes all that it did, whatever it answers.
    /// Nobody hears of it: not the change feed, and nobody who waits for the outbox.
    pub async fn rehearse<T, E, F>(&self, lane: Lane, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync + 'static,
    {
        let f = Arc::new(f);
        let rehearsed: Result<Infallible, Undone<T, E>> = self
            .write(lane, move |tx| {
                let f = Arc::clone(&f);
                Box::pin(async move {
                    let done = f(&mut *tx).await.map_err(Undone::Failed)?;
                    if tx.statements() == Statements::Fine {
                        Err(Undone::Done(done))
                    } else {
                        Err(StorageError::Unheeded.into())
                    }
                })
            })
            .await;
        match rehearsed {
            Ok(never) => match never {},
            Err(Undone::Done(done)) => Ok(done),
            Err(Undone::Failed(error)) => Err(error),
        }
    }

    /// What the writes of this node change.
    pub fn changes(&self) -> &Changes {
        match self {
            Self::Sqlite(db) => &db.changes,
            Self::Postgres(db) => &db.changes,
        }
    }

    /// How busy this node keeps the database.
    pub fn stats(&self) -> Stats {
        match self {
            Self::Sqlite(db) => db.stats(),
            Self::Postgres(db) => db.stats(),
        }
    }

    /// Finishes the writes that have begun, on SQLite those in line too, and closes every connection; on SQLite this
    /// also folds the write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(db) => {
                db.readers.close().await;
                db.pool.close().await;
            }
        }
    }
}
