//! The first factor: a password, checked outside any transaction, between two that are.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::password::normalized;
use super::password_hasher::{Busy, Checked, PasswordHasher};
use super::session::in_log_of;
use super::throttle::Counters;
use super::{Climbed, Draft, Opened, Visitor, climb};
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::email::Email;
use crate::domain::id::{SignInId, UserId};
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::sign_in::{Onward, SignIn, Step};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::storage::passwords::StoredPassword;
use crate::storage::{Db, Lane, StorageError, Tx, passwords, sign_ins, users};
use crate::webauthn::RelyingParty;

/// What a password led to.
pub enum Outcome {
    /// In. What waited for it, if anything, goes on.
    SignedIn(Opened, Onward),
    /// On to the next question.
    Next,
    /// Not this password or code, or no such account, or a suspended one: nobody is told which.
    Wrong,
    /// Not before so long.
    TooSoon(Duration),
    /// The sign-in is over, or belongs to another browser.
    Over,
    /// The server has too many passwords to check.
    Busy,
}

/// Checks passwords for sign-ins.
#[derive(Clone)]
pub struct Prover {
    /// Where accounts are.
    pub db: Db,
    /// What audit events are authenticated with.
    pub keyring: Keyring,
    /// What checks.
    pub hasher: PasswordHasher,
    /// Who asks for passkeys, if anybody can here.
    pub relying_party: Option<Arc<RelyingParty>>,
}

/// A try that may be made.
struct Try {
    sign_in: SignIn,
    counters: Counters,
    account: Option<(User, StoredPassword)>,
}

impl Prover {
    /// Takes a sign-in from its password step to a session.
    pub async fn prove(
        &self,
        visitor: &Visitor,
        sign_in: SignInId,
        password: &str,
        now: Timestamp,
    ) -> Result<Outcome, StorageError> {
        let granted = match self.reserve(visitor.clone(), sign_in, password, now).await? {
            Ok(granted) => granted,
            Err(outcome) => return Ok(outcome),
        };
        let hash = granted
            .account
            .as_ref()
            .map(|(_, password)| password.hash.clone());
        match self.hasher.check(password, hash).await {
            Err(Busy) => self.take_back(granted).await,
            Ok(Checked::Wrong) => self.refuse(visitor.clone(), granted, now).await,
            Ok(Checked::Right) => self.admit(visitor.clone(), granted, None, now).await,
            Ok(Checked::RightButWeak(hash)) => self.admit(visitor.clone(), granted, Some(hash), now).await,
        }
    }

    /// Counts the try and finds what it is about. A try is counted before it is made.
    async fn reserve(
        &self,
        visitor: Visitor,
        id: SignInId,
        password: &str,
        now: Timestamp,
    ) -> Result<Result<Try, Outcome>, StorageError> {
        let tried = self
            .keyring
            .tried_password(&normalized(password).unwrap_or_default());
        let work = self.db.write(Lane::Network(visitor.network()), move |tx| {
            let visitor = visitor.clone();
            Box::pin(async move {
                let Some(sign_in) = sign_ins::find(tx, id, &visitor.browser, now).await? else {
                    return Ok(Err(Outcome::Over));
                };
                let Step::Password { email } = &sign_in.step else {
                    return Ok(Err(Outcome::Over));
                };
                let device = visitor.device.as_ref();
                let counters = Counters::of(tx, email, device, visitor.network()).await?;
                let counters = counters.trying(tried, email);
                if let Err(wait) = counters.reserve(tx, now).await? {
                    return Ok(Err(Outcome::TooSoon(wait)));
                }
                let account = account_of(tx, email).await?;
                Ok(Ok(Try {
                    sign_in,
                    counters,
                    account,
                }))
            })
        });
        work.await
    }

    async fn admit(
        &self,
        visitor: Visitor,
        granted: Try,
        stronger: Option<String>,
        now: Timestamp,
    ) -> Result<Outcome, StorageError> {
        let Try {
            sign_in,
            counters,
            account: Some((user, password)),
        } = granted
        else {
            return Ok(Outcome::Wrong);
        };
        let onward = sign_in.onward;
        let keyring = self.keyring.clone();
        let (draft, opened) = Draft::draw(&visitor, now);
        let proof = Proof {
            method: Method::Password,
            source: ProofSource::Own(password.id),
            at: now,
            remembered: false,
        };
        let email = user.email.clone();
        let work = self.db.write(Lane::Free, move |tx| {
            let (sign_in, counters, password) = (sign_in.clone(), counters.clone(), password.clone());
            let (visitor, draft, proof) = (visitor.clone(), draft.clone(), proof.clone());
            let (keyring, stronger, email) = (keyring.clone(), stronger.clone(), email.clone());
            Box::pin(async move {
                // Suspended, or with another password, since the check began?
                let unchanged = account_of(tx, &email)
                    .await?
                    .is_some_and(|(_, now)| now.hash == password.hash);
                if !unchanged {
                    return Ok(Climbed::Over);
                }
                counters.settle(tx).await?;
                if let Some(hash) = &stronger {
                    passwords::rehash(tx, password.id, &password.hash, hash).await?;
                }
                climb(tx, &keyring, &visitor, &draft, &sign_in, user.id, vec![proof]).await
            })
        });
        let climbed: Result<Climbed, StorageError> = work.await;
        Ok(match climbed? {
            Climbed::Opened => Outcome::SignedIn(opened, onward),
            Climbed::Next => Outcome::Next,
            Climbed::Over => Outcome::Over,
        })
    }

    /// Nobody loses a try because others keep the server busy.
    async fn take_back(&self, granted: Try) -> Result<Outcome, StorageError> {
        let counters = granted.counters;
        let work = self.db.write(Lane::Free, move |tx| {
            let counters = counters.clone();
            Box::pin(async move { counters.take_back(tx).await })
        });
        let done: Result<(), StorageError> = work.await;
        done.map(|()| Outcome::Busy)
    }

    async fn refuse(&self, visitor: Visitor, granted: Try, now: Timestamp) -> Result<Outcome, StorageError> {
        let keyring = self.keyring.clone();
        let mut event = Event::of("user.sign_in_failed", Actor::Nobody)
            .refused()
            .from(&visitor.origin);
        if let Some((user, _)) = &granted.account {
            event = event.on(user.id);
        }
        let user = granted.account.as_ref().map_or(nobody(), |(user, _)| user.id);
        let counters = granted.counters;
        let work = self.db.write(Lane::Free, move |tx| {
            let (keyring, event, counters) = (keyring.clone(), event.clone(), counters.clone());
            Box::pin(async move {
                let event = in_log_of(tx, user, event).await?;
                audit::record(tx, &keyring, &event, now).await?;
                if counters.are_many(tx).await? {
                    let alert = Alert::of(user, AlertKind::ManyFailures, None);
                    alerts::raise(tx, &keyring, &alert, now).await?;
                }
                Ok(())
            })
        });
        let recorded: Result<(), StorageError> = work.await;
        recorded?;
        Ok(Outcome::Wrong)
    }
}

/// The account that an address and a password can open: active, and with a password here. It takes the same whether or
/// not there is one.
async fn account_of(tx: &mut Tx<'_>, email: &Email) -> Result<Option<(User, StoredPassword)>, StorageError> {
    let user = users::by_email(tx, email)
        .await?
        .filter(|user| user.status == UserStatus::Active);
    let password = passwords::of_user(tx, user.as_ref().map_or(nobody(), |user| user.id)).await?;
    Ok(user.zip(password))
}

/// An id that no user has: look-ups for an account that isn't there are made all the same.
fn nobody() -> UserId {
    UserId::from_uuid(Uuid::nil())
}
