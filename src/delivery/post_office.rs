//! The post office: takes letters out of the outbox and hands them over, until each is delivered or given up.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::message::Unaddressable;
use super::{Addressed, Carrier, Composer, Kept, Shelf, outbox as sealed};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::metrics::{LetterOutcome, Metrics};
use crate::storage::outbox::TakenLetter;
use crate::storage::{Db, Lane, StorageError, outbox};

/// So many letters are on their way at once.
const AT_ONCE: usize = 8;

/// A letter that was taken is nobody else's for so long; longer than a carrier may take over it.
const LEASE: Duration = Duration::from_mins(5);

/// How long after its first failure a letter is tried again; then twice as long each time, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(30);

/// The longest between two tries.
const LONGEST: Duration = Duration::from_hours(1);

/// A letter that could not be delivered for so long never is.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(3 * 24);

/// Takes letters out of the outbox and hands them over. Cheap to copy.
#[derive(Clone)]
pub struct PostOffice(Arc<Inner>);

struct Inner {
    db: Db,
    keyring: Keyring,
    clock: Clock,
    metrics: Arc<Metrics>,
    composer: Composer,
    carrier: Carrier,
    shelf: Option<Shelf>,
}

impl PostOffice {
    /// Opens one; what it delivers is put on the shelf too, if there is one.
    pub fn of(
        db: Db,
        keyring: Keyring,
        clock: Clock,
        metrics: Arc<Metrics>,
        composer: Composer,
        carrier: Carrier,
        shelf: Option<Shelf>,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            keyring,
            clock,
            metrics,
            composer,
            carrier,
            shelf,
        }))
    }

    /// Resolves once this node has posted a letter.
    pub async fn posted(&self) {
        self.0.db.changes().posted().await;
    }

    /// Tries every letter that is due, some at once, until none is left or `closed` says so; those that are on their
    /// way then still arrive.
    pub async fn deliver(&self, closed: impl Fn() -> bool) -> Result<(), StorageError> {
        let mut on_their_way = JoinSet::new();
        let mut trouble = None;
        loop {
            if trouble.is_none() && !closed() {
                match self.0.take_due(AT_ONCE - on_their_way.len()).await {
                    Ok(taken) => taken.into_iter().for_each(|(letter, lease)| {
                        let office = Arc::clone(&self.0);
                        on_their_way.spawn(async move { office.deliver(letter, lease).await });
                    }),
                    Err(error) => trouble = Some(error),
                }
            }
            match on_their_way.join_next().await {
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => trouble = Some(error),
                Some(Err(_)) => tracing::error!("delivering a letter panicked"),
                None => break,
            }
        }
        if let Some(error) = trouble {
            return Err(error);
        }
        let mut glance = self.0.db.glance().await?;
        let waiting = outbox::count_waiting(&mut glance.tx()).await?;
        self.0.metrics.letters_wait(waiting);
        Ok(())
    }
}

impl Inner {
    async fn take_due(&self, room: usize) -> Result<Vec<(TakenLetter, Timestamp)>, StorageError> {
        let now = self.clock.now();
        let (lease, room) = (now.plus(LEASE), i64::try_from(room).unwrap_or(0));
        let work = self.db.write(Lane::Guarded, move |tx| {
            Box::pin(async move { outbox::take_due(tx, room, lease, now).await })
        });
        let taken: Result<_, StorageError> = work.await;
        Ok(taken?.into_iter().map(|letter| (letter, lease)).collect())
    }

    /// Hands over one letter, and notes how that went.
    async fn deliver(&self, letter: TakenLetter, lease: Timestamp) -> Result<(), StorageError> {
        let id = letter.id;
        let handed_over = match self.open(&letter) {
            Ok((addressed, message)) => {
                let handed_over = self.carrier.take(id, letter.created_at, message).await;
                if let (Ok(()), Some(shelf)) = (&handed_over, &self.shelf) {
                    shelf.put(Kept {
                        id,
                        to: addressed.to.to_string(),
                        posted_at: letter.created_at,
                        written: self.composer.write(&addressed),
                    });
                }
                handed_over.map_err(Why::Carrier)
            }
            Err(why) => Err(why),
        };
        let (now, tried) = (self.clock.now(), letter.attempts);
        let outcome = match handed_over {
            Ok(()) => Outcome::Delivered,
            Err(why) if why.is_for_good() || now.since(letter.created_at) >= GIVEN_UP_AFTER => {
                Outcome::GivenUp(why.to_string())
            }
            Err(why) => Outcome::Postponed(now.plus(pause(tried)), why.to_string()),
        };
        self.metrics.letters.count(match &outcome {
            Outcome::Delivered => {
                tracing::info!(%id, "a letter was delivered");
                LetterOutcome::Delivered
            }
            Outcome::Postponed(due_at, why) => {
                tracing::warn!(%id, tried, why, again = %due_at, "a letter could not be delivered yet");
                LetterOutcome::Postponed
            }
            Outcome::GivenUp(why) => {
                tracing::error!(%id, tried, why, "a letter can't be delivered");
                LetterOutcome::GivenUp
            }
        });
        let work = self.db.write(Lane::Guarded, move |tx| {
            let outcome = outcome.clone();
            Box::pin(async move {
                match outcome {
                    Outcome::Delivered => outbox::delete(tx, id).await,
                    Outcome::Postponed(due_at, why) => outbox::postpone(tx, id, lease, due_at, &why).await,
                    Outcome::GivenUp(why) => outbox::give_up(tx, id, lease, &why, now).await,
                }
            })
        });
        work.await
    }

    fn open(&self, letter: &TakenLetter) -> Result<(Addressed, lettre::Message), Why> {
        let addressed = sealed::open(&self.keyring, letter.id, &letter.sealed_letter).ok_or(Why::Sealed)?;
        let composed = self.composer.compose(letter.id, &addressed, letter.created_at);
        let message = composed.map_err(Why::Unaddressable)?;
        Ok((addressed, message))
    }
}

/// What became of a letter that was taken.
#[derive(Clone)]
enum Outcome {
    Delivered,
    Postponed(Timestamp, String),
    GivenUp(String),
}

/// Why a letter was not handed over.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("the letter can't be unsealed")]
    Sealed,
    #[error(transparent)]
    Unaddressable(Unaddressable),
    #[error("{0}")]
    Carrier(String),
}

impl Why {
    /// Whether trying again would help nobody. A relay's refusal is not for good, whatever its code: it can be the
    /// relay's own settings that are wrong, and put right.
    fn is_for_good(&self) -> bool {
        !matches!(self, Self::Carrier(_))
    }
}

/// How long to wait after so many tries.
fn pause(tried: i64) -> Duration {
    let doublings = u32::try_from(tried.clamp(1, 8) - 1).unwrap_or(0);
    (SHORTEST * 2_u32.pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let minutes = [1, 2, 3, 7, 8, 9, 1_000].map(|tried| pause(tried).as_secs());
        assert_eq!(minutes, [30, 60, 120, 1_920, 3_600, 3_600, 3_600]);
    }
}
