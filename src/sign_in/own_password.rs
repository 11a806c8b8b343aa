//! Whoever is signed in shows their password once more, before it is changed: counted like a sign-in (LG5).

use std::time::Duration;

use super::Prover;
use super::password_hasher::{Busy, Checked};
use super::session::in_log_of;
use super::throttle::Counters;
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::passwords::StoredPassword;
use crate::storage::{Lane, StorageError};

/// What somebody's own password turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnPassword {
    /// Theirs.
    Right,
    /// Not theirs.
    Wrong,
    /// Not looked at before so long.
    TooSoon(Duration),
    /// Not looked at: the server has too many to check.
    Busy,
}

impl Prover {
    /// Checks the password of somebody who is signed in, on the very counters that signing in has: a session that somebody
    /// left open is no way to guess it.
    pub async fn check_own(
        &self,
        origin: &Origin,
        device: Option<&SecretHash>,
        user: &User,
        stored: &StoredPassword,
        typed: &str,
        now: Timestamp,
    ) -> Result<OwnPassword, StorageError> {
        let (email, id, device) = (user.email.clone(), user.id, device.cloned());
        let network = Network::of(origin.address);
        let reserved = self.db.write(Lane::Network(network), move |tx| {
            let (email, device) = (email.clone(), device.clone());
            Box::pin(async move {
                let counters = Counters::of(tx, &email, device.as_ref(), network).await?;
                Ok(counters.reserve(tx, now).await?.map(|()| counters))
            })
        });
        let reserved: Result<Result<Counters, Duration>, StorageError> = reserved.await;
        let counters = match reserved? {
            Ok(counters) => counters,
            Err(wait) => return Ok(OwnPassword::TooSoon(wait)),
        };
        let found = match self.hasher.check(typed, Some(stored.hash.clone())).await {
            Ok(Checked::Right | Checked::RightButWeak(_)) => OwnPassword::Right,
            Ok(Checked::Wrong) => OwnPassword::Wrong,
            Err(Busy) => OwnPassword::Busy,
        };
        let event = Event::of("user.password_change_failed", Actor::User(id));
        let (event, keyring) = (event.on(id).refused().from(origin), self.keyring.clone());
        let settled = self.db.write(Lane::Free, move |tx| {
            let (event, keyring, counters) = (event.clone(), keyring.clone(), counters.clone());
            Box::pin(async move {
                match found {
                    OwnPassword::Right => counters.settle(tx).await,
                    OwnPassword::Wrong => {
                        let event = in_log_of(tx, id, event).await?;
                        audit::record(tx, &keyring, &event, now).await
                    }
                    OwnPassword::TooSoon(_) | OwnPassword::Busy => counters.take_back(tx).await,
                }
            })
        });
        let settled: Result<(), StorageError> = settled.await;
        settled.map(|()| found)
    }
}
