//! One write in line: what it does, and who waits to hear of it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::sync::oneshot;

use crate::storage::db::Statements;
use crate::storage::{StorageError, Tx, Work};

/// A write of whatever type.
pub(super) trait Waiting: Send {
    /// Does it, and says whether what it did may stand. It does not panic, whatever the work does.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    /// Tells its caller what came of it: what it answered itself, unless `fate` is an error.
    fn answer(self: Box<Self>, fate: Result<(), StorageError>);
}

pub(super) struct Write<T, E, F> {
    work: F,
    answer: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Write<T, E, F> {
    /// A write, and where its answer comes.
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        let write = Self {
            work,
            answer: None,
            caller,
        };
        (write, answer)
    }
}

impl<T, E, F> Waiting for Write<T, E, F>
where
    T: Send,
    E: From<StorageError> + Send,
    F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Work<'a, T, E> + Send + Sync,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            let answer = caught(async { (self.work)(tx).await }).await;
            let answer = match answer {
                Some(Ok(_)) if tx.statements() != Statements::Fine => Err(StorageError::Unheeded.into()),
                Some(answer) => answer,
                None => Err(StorageError::Panicked.into()),
            };
            let stands = answer.is_ok();
            self.answer = Some(answer);
            stands
        })
    }

    fn answer(self: Box<Self>, fate: Result<(), StorageError>) {
        let answer = match (fate, self.answer) {
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(StorageError::Panicked.into()),
            (Err(error), _) => Err(error.into()),
        };
        // Who asked may have gone.
        let _gone = self.caller.send(answer);
    }
}

/// What comes of some work; nothing if it panics. What it borrows is rolled back or dropped by whoever called, so that
/// nobody sees it half done.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}
