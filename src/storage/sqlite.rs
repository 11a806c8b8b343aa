//! SQLite: one file, many readers, and one writer that commits for everybody who waits.

use std::fs::File;
use std::sync::Arc;

use sqlx::{Sqlite, SqlitePool, Transaction};

use super::changes::Changes;
use super::stats::Stats;
use super::writer::Writer;
use super::{StorageError, Tx, Work};

/// SQLite: a pool of readers and the one writing connection.
#[derive(Clone)]
pub struct SqliteDb {
    pub(super) readers: SqlitePool,
    pub(super) writing: SqlitePool,
    pub(super) changes: Changes,
    writer: Writer,
    /// Held as long as the database is open; gone with the process, however that ends.
    _lock: Arc<File>,
}

impl SqliteDb {
    /// `writing` is a pool of one connection; `lock` is the data folder's.
    pub(super) fn of(readers: SqlitePool, writing: SqlitePool, lock: File) -> Self {
        let (changes, lock) = (Changes::default(), Arc::new(lock));
        let writer = Writer::start(writing.clone(), changes.clone(), Arc::clone(&lock));
        Self {
            readers,
            writing,
            changes,
            writer,
            _lock: lock,
        }
    }

    pub(super) async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>, StorageError> {
        Ok(self.readers.begin().await?)
    }

    pub(super) async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync + 'static,
    {
        self.writer.write(f).await
    }

    pub(super) fn stats(&self) -> Stats {
        let pools = [&self.readers, &self.writing].map(|pool| (pool.size(), pool.num_idle()));
        self.writer.stats(&pools)
    }

    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
        self.writing.close().await;
    }
}
