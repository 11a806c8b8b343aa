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
pub(super) struct Counters(Vec<(SecretHash, Allowance)>);

impl Counters {
    /// A device that the account knows has a counter of its own and stands on no other, so strangers can't lock it out,
    /// not even from the same network. Everybody else stands on the account's and on the network's. `user` is asked
    /// about whether or not there is one, so that both take the same.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        email: &Email,
        user: UserId,
        device: Option<&SecretHash>,
        network: Network,
    ) -> Result<Self, StorageError> {
        if let Some(device) = device
            && known_devices::is_known(tx, user, device).await?
        {
            let device = digest::digest(&digest::SHA256, device.as_bytes());
            let own = subject("password from", &format!("{user} {device:?}"));
            return Ok(Self(vec![(own, Allowance::DEVICE)]));
        }
        let account = subject("password of", &email.comparable());
        let network = subject("password over", &network.to_string());
        Ok(Self(vec![
            (account, Allowance::ACCOUNT),
            (network, Allowance::NETWORK),
        ]))
    }

    /// One kind of second factor of one person. No device is known here, and starting over starts nothing anew (LG5).
    pub(super) fn of_second_factor(user: UserId, kind: &str) -> Self {
        Self(vec![(
            subject("second factor", &format!("{user} {kind}")),
            Allowance::CODE,
        )])
    }

    /// Counts one more try on each, or says how long to wait. Nothing is counted for a try that must wait.
    pub(super) async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
    ) -> Result<Result<(), Duration>, StorageError> {
        let mut counted = Vec::new();
        for (subject, allowance) in &self.0 {
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

    /// The try was right: the person's own counter starts anew, the network's takes back this one.
    pub(super) async fn settle(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        for (subject, allowance) in &self.0 {
            if *allowance == Allowance::NETWORK {
                attempts::forgive_one(tx, subject).await?;
            } else {
                attempts::clear(tx, subject).await?;
            }
        }
        Ok(())
    }

    /// The try was never made.
    pub(super) async fn take_back(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        for (subject, _) in &self.0 {
            attempts::forgive_one(tx, subject).await?;
        }
        Ok(())
    }
}

fn subject(kind: &str, whose: &str) -> SecretHash {
    let hash = digest::digest(&digest::SHA256, format!("{kind}\0{whose}").as_bytes());
    SecretHash::from_stored(hash.as_ref()).expect("SHA-256 has 32 bytes")
}
