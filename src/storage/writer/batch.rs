//! One batch: `BEGIN IMMEDIATE`, each write behind a savepoint, one `COMMIT`, and only then the answers.

use std::sync::Arc;

use sqlx::{Acquire, Sqlite, SqliteConnection, Transaction};

use super::write::Waiting;
use super::{LINE, WriterTask};
use crate::storage::changes::Slot;
use crate::storage::db::Connection;
use crate::storage::{StorageError, Tx};

/// Writes in one commit at most: the first of them waits for the last.
const MOST: usize = 128;

/// The writes that stand in the open transaction, and what they changed.
#[derive(Default)]
struct Batch {
    writes: Vec<Box<dyn Waiting>>,
    changed: Vec<Slot>,
}

impl WriterTask {
    /// Runs a write and those that wait behind it. An error of the database that leaves it open what is in the
    /// transaction ends the batch for all of them, and the connection.
    pub(super) async fn batch(&mut self, first: Box<dyn Waiting>) {
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self.pool.acquire().await,
        };
        let mut connection = match connection {
            Ok(connection) => connection,
            Err(error) => return self.refuse_all(first, error),
        };
        let whole = match sqlx::Connection::begin_with(&mut *connection, "BEGIN IMMEDIATE").await {
            Ok(open) => self.run_and_commit(open, first).await,
            Err(error) => {
                self.refuse_all(first, error);
                false
            }
        };
        if whole {
            self.connection = Some(connection);
        } else if let Err(error) = connection.close().await {
            tracing::warn!(%error, "the writing connection closed badly");
        }
    }

    /// Answers whether the connection is as good as new.
    async fn run_and_commit(&mut self, mut open: Transaction<'_, Sqlite>, first: Box<dyn Waiting>) -> bool {
        let mut batch = Batch::default();
        // The first needs no savepoint: there is nothing else that its failure could take along.
        if let Some(refused) = self.attempt(first, &mut open, &mut batch).await {
            let rolled_back = open.rollback().await;
            refused.answer(Ok(()));
            return rolled_back.is_ok();
        }
        let mut ran = Ok(());
        for _ in 1..MOST {
            let (Ok(()), Some(next)) = (&ran, self.next()) else {
                break;
            };
            ran = self.run_behind_savepoint(next, &mut open, &mut batch).await;
        }
        let committed = match ran {
            Ok(()) => open.commit().await,
            Err(error) => Err(error),
        };
        // An error leaves it open whether it did commit.
        self.changes.moved(&batch.changed);
        match committed {
            Ok(()) => {
                self.tally.committed(batch.writes.len());
                batch.writes.into_iter().for_each(|write| write.answer(Ok(())));
                true
            }
            Err(error) => {
                refuse(batch.writes, &Arc::new(error));
                false
            }
        }
    }

    async fn run_behind_savepoint(
        &self,
        next: Box<dyn Waiting>,
        open: &mut Transaction<'_, Sqlite>,
        batch: &mut Batch,
    ) -> Result<(), sqlx::Error> {
        let mut savepoint = match open.begin().await {
            Ok(savepoint) => savepoint,
            Err(error) => {
                batch.writes.push(next);
                return Err(error);
            }
        };
        match self.attempt(next, &mut savepoint, batch).await {
            None => savepoint.commit().await,
            Some(refused) => {
                let rolled_back = savepoint.rollback().await;
                refused.answer(Ok(()));
                rolled_back
            }
        }
    }

    /// Runs one write. If it is refused it comes back, to be told so once what it did is undone.
    async fn attempt(
        &self,
        mut write: Box<dyn Waiting>,
        connection: &mut SqliteConnection,
        batch: &mut Batch,
    ) -> Option<Box<dyn Waiting>> {
        let mut tx = Tx::on(Connection::Sqlite(connection));
        if !write.run(&mut tx).await {
            return Some(write);
        }
        let changed = tx.into_changed();
        // The next in this batch already must not believe what it kept.
        self.changes.moved(&changed);
        batch.changed.extend(changed);
        batch.writes.push(write);
        None
    }

    /// The database is not to be had: whoever waits for it now hears so.
    fn refuse_all(&mut self, first: Box<dyn Waiting>, error: sqlx::Error) {
        let waiting = std::iter::from_fn(|| self.next()).take(LINE);
        refuse(std::iter::once(first).chain(waiting), &Arc::new(error));
    }
}

fn refuse(writes: impl IntoIterator<Item = Box<dyn Waiting>>, error: &Arc<sqlx::Error>) {
    for write in writes {
        write.answer(Err(StorageError::Uncommitted(Arc::clone(error))));
    }
}
