//! SQLite's one writer: it takes the writes that wait, runs each as if alone, and commits once for all of them.

mod batch;
mod write;

use std::fs::File;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::changes::Changes;
use super::stats::{Stats, Tally};
use super::{StorageError, Tx, Work};
use write::{Waiting, Write};

/// Writes that can be in line. Whoever comes when it is full waits for a place in it.
const LINE: usize = 1024;

/// The way into the line. Cheap to copy; when the last copy is gone, the writer finishes and goes too.
#[derive(Clone)]
pub(super) struct Writer {
    line: mpsc::Sender<Message>,
    tally: Arc<Tally>,
}

/// What stands in the line.
enum Message {
    Write(Box<dyn Waiting>),
    /// Finish what stands before and behind this, then say so.
    Close(oneshot::Sender<()>),
}

/// The other end: the task that writes.
struct WriterTask {
    pool: SqlitePool,
    /// Held from one batch to the next, unless something went wrong with it.
    connection: Option<PoolConnection<Sqlite>>,
    line: mpsc::Receiver<Message>,
    closing: Vec<oneshot::Sender<()>>,
    changes: Changes,
    tally: Arc<Tally>,
}

impl Writer {
    /// Starts the task. It holds the lock as long as it may write.
    pub(super) fn start(pool: SqlitePool, changes: Changes, lock: Arc<File>) -> Self {
        let (sender, line) = mpsc::channel(LINE);
        let tally = Arc::<Tally>::default();
        let task = WriterTask {
            pool,
            connection: None,
            line,
            closing: Vec::new(),
            changes,
            tally: Arc::clone(&tally),
        };
        tokio::spawn(async move {
            let closing = task.run().await;
            drop(lock);
            for closed in closing {
                // Who waited for it may have gone.
                let _gone = closed.send(());
            }
        });
        Self { line: sender, tally }
    }

    /// Gets in line, and answers once the write is committed or refused.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync + 'static,
    {
        let in_line = self.tally.wait();
        let (write, answer) = Write::new(work);
        let closed = |_| E::from(StorageError::from(sqlx::Error::PoolClosed));
        self.line
            .send(Message::Write(Box::new(write)))
            .await
            .map_err(closed)?;
        let answer = answer.await;
        drop(in_line);
        answer.map_err(|_| E::from(StorageError::from(sqlx::Error::WorkerCrashed)))?
    }

    pub(super) fn stats(&self, pools: &[(u32, usize)]) -> Stats {
        self.tally.stats(pools)
    }

    /// Answers once everything in line is written and nothing more will be.
    pub(super) async fn close(&self) {
        let (closed, done) = oneshot::channel();
        if self.line.send(Message::Close(closed)).await.is_ok() {
            // An error means that the task is gone, which is as good.
            let _closed = done.await;
        }
    }
}

impl WriterTask {
    async fn run(mut self) -> Vec<oneshot::Sender<()>> {
        while let Some(message) = self.line.recv().await {
            match message {
                Message::Write(first) => self.batch(first).await,
                Message::Close(closed) => self.close_behind(closed),
            }
        }
        self.closing
    }

    /// Nobody gets in line any more.
    fn close_behind(&mut self, closed: oneshot::Sender<()>) {
        self.line.close();
        self.closing.push(closed);
    }

    /// The next in line, if there is one.
    fn next(&mut self) -> Option<Box<dyn Waiting>> {
        loop {
            match self.line.try_recv().ok()? {
                Message::Write(write) => return Some(write),
                Message::Close(closed) => self.close_behind(closed),
            }
        }
    }
}
