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
    counted: Vec<(SecretHash, Allowance)>,
    spread: Option<Spread>,
}

/// One password on many accounts: it is counted once for each account that it is tried on.
#[derive(Debug, Clone)]
struct Spread {
    /// The password, among few enough that it can't be told which it was.
    password: SecretHash,
    /// The password on this account.
    here: SecretHash,
}

impl Counters {
    /// A device that the account knows has a counter of its own and stands on no other, so strangers can't lock it out,
    /// not even from the same network. Everybody else stands on the account's and on the network's, and whoever has to
    /// wait is told so before anybody looked whether there is an account.
    pub(super) async fn of(
        tx: &mut Tx<'_>,
        email: &Email,
        device: Option<&SecretHash>,
        network: Network,
    ) -> Result<Self, StorageError> {
        if let Some(device) = device
            && let Some(user) = known_devices::user_of(tx, email, device).await?
        {
            let device = digest::digest(&digest::SHA256, device.as_bytes());
            let own = subject("password from", &format!("{user} {device:?}"));
            return Ok(Self::on(vec![(own, Allowance::DEVICE)]));
        }
        let network = subject("password over", &network.to_string());
        Ok(Self::on(vec![
            (account(email), Allowance::ACCOUNT),
            (network, Allowance::NETWORK),
        ]))
    }

    /// One kind of second factor of one person. No device is known here, and starting over starts nothing anew (LG5).
    pub(super) fn of_second_factor(user: UserId, kind: &str) -> Self {
        let own = subject("second factor", &format!("{user} {kind}"));
        Self::on(vec![(own, Allowance::CODE)])
    }

    fn on(counted: Vec<(SecretHash, Allowance)>) -> Self {
        Self {
            counted,
            spread: None,
        }
    }

    /// The same, standing on the password that is tried as well, unless the device is known. `tried` is what
    /// [`Keyring::tried_password`](crate::keyring::Keyring::tried_password) makes of it.
    pub(super) fn trying(mut self, tried: [u8; 3], email: &Email) -> Self {
        if self
            .counted
            .iter()
            .any(|(_, allowance)| *allowance == Allowance::ACCOUNT)
        {
            self.spread = Some(Spread {
                password: subject("password tried", &format!("{tried:?}")),
                here: subject("password tried on", &format!("{tried:?} {}", email.comparable())),
            });
        }
        self
    }

    /// Counts one more try on each, or says how long to wait. Nothing is counted for a try that must wait.
    pub(super) async fn reserve(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
    ) -> Result<Result<(), Duration>, StorageError> {
        let mut counted = Vec::new();
        for (subject, allowance) in &self.counted {
            match Failures::one_more(attempts::of(tx, subject).await?, *allowance, now) {
                Ok(failures) => counted.push((subject, failures)),
                Err(wait) => return Ok(Err(wait)),
            }
        }
        if let Some(Spread { password, here }) = &self.spread {
            let before = attempts::of(tx, password).await?;
            match Failures::one_more(before, Allowance::SPREAD, now) {
                Ok(failures) => {
                    if attempts::of(tx, here).await?.is_none() {
                        counted.push((password, failures));
                        counted.push((here, Failures::first(now)));
                    }
                }
                Err(wait) => return Ok(Err(wait)),
            }
        }
        for (subject, failures) in counted {
            attempts::put(tx, subject, failures).await?;
        }
        Ok(Ok(()))
    }

    /// Whether somebody failed so often that the person whom it is about is told.
    pub(super) async fn are_many(&self, tx: &mut Tx<'_>) -> Result<bool, StorageError> {
        for (subject, allowance) in &self.counted {
            if let Some(many) = allowance.told_at {
                let failures = attempts::of(tx, subject).await?;
                return Ok(failures.is_some_and(|failures| failures.count >= many));
            }
        }
        Ok(false)
    }

    /// The try was right: the person's own counter starts anew, those that others stand on too take back this one.
    pub(super) async fn settle(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        for (subject, allowance) in &self.counted {
            if *allowance == Allowance::NETWORK {
                attempts::forgive_one(tx, subject).await?;
            } else {
                attempts::clear(tx, subject).await?;
            }
        }
        self.forget_password(tx).await
    }

    /// The try was never made.
    pub(super) async fn take_back(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        for (subject, _) in &self.counted {
            attempts::forgive_one(tx, subject).await?;
        }
        self.forget_password(tx).await
    }

    async fn forget_password(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        if let Some(Spread { password, here }) = &self.spread {
            attempts::forgive_one(tx, password).await?;
            attempts::clear(tx, here).await?;
        }
        Ok(())
    }
}

/// Whether one more letter for another password may go to an address, as this network asks for it. Counts it if so.
pub async fn may_ask_for_reset(
    tx: &mut Tx<'_>,
    email: &Email,
    network: Network,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let counters = Counters::on(vec![
        (subject("reset of", &email.comparable()), Allowance::RESETS_OF_ONE),
        (
            subject("reset over", &network.to_string()),
            Allowance::RESETS_OVER,
        ),
    ]);
    Ok(counters.reserve(tx, now).await?.is_ok())
}

/// Strangers' failures on an account count no more: its password is another one.
pub async fn forgive(tx: &mut Tx<'_>, email: &Email) -> Result<(), StorageError> {
    attempts::clear(tx, &account(email)).await
}

fn account(email: &Email) -> SecretHash {
    subject("password of", &email.comparable())
}

fn subject(kind: &str, whose: &str) -> SecretHash {
    let hash = digest::digest(&digest::SHA256, format!("{kind}\0{whose}").as_bytes());
    SecretHash::from_stored(hash.as_ref()).expect("SHA-256 has 32 bytes")
}
