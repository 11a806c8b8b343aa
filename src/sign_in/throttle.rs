//! Counting tries before they are made, so that many at once count as many.

use std::time::Duration;

use aws_lc_rs::digest;

use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;
use crate::domain::throttle::{Allowance, Failures};
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx, attempts, known_devices};

/// The counters that one try at a password stands on.
#[derive(Debug, Clone)]
pub(super) struct Counters {
    /// The account's as strangers see it, or the one of a device it knows.
    own: (SecretHash, Allowance),
    network: (SecretHash, Allowance),
}

impl Counters {
    /// A device that the account knows has its own counter, so strangers can't lock it out.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        email: &Email,
        user: Option<UserId>,
        device: Option<&SecretHash>,
        network: Network,
    ) -> Result<Self, StorageError> {
        let account = (subject("password of", &email.comparable()), Allowance::ACCOUNT);
        let own = match (user, device) {
            (Some(user), Some(device)) if known_devices::is_known(tx, user, device).await? => {
                let device = digest::digest(&digest::SHA256, device.as_bytes());
                (
                    subject("password from", &format!("{user} {device:?}")),
                    Allowance::DEVICE,
                )
            }
            _ => account,
        };
        Ok(Self {
            own,
            network: (subject("password over", &network.to_string()), Allowance::NETWORK),
        })
    }

    /// Counts one more try on each, or says how long to wait. Nothing is counted for a try that must wait.
    pub(super) async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
    ) -> Result<Result<(), Duration>, StorageError> {
        let mut counted = Vec::new();
        for (subject, allowance) in [&self.own, &self.network] {
            match Failures::one_more(attempts::of(tx, subject).await?, *allowance, now) {
                Ok(failures) => counted.push((subject, failures)),
                Err(wait) => return Ok(Err(wait)),
            }
        }
        for (subject, failures) in counted {
            attempts::put(tx, subject, failures).await?;
        }
        Ok(Ok(()))
    }

    /// The try was right.
    pub(super) async fn settle(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        attempts::clear(tx, &self.own.0).await?;
        attempts::forgive_one(tx, &self.network.0).await
    }
}

fn subject(kind: &str, whose: &str) -> SecretHash {
    let hash = digest::digest(&digest::SHA256, format!("{kind}\0{whose}").as_bytes());
    SecretHash::from_stored(hash.as_ref()).expect("SHA-256 has 32 bytes")
}
