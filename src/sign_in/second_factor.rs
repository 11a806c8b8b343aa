//! The second factor: whatever it is, one try is counted, held against what the person has, and spent, in one
//! transaction.

use std::sync::Arc;

use super::ladder::{Climbed, climb, trusted_device_days};
use super::session::in_log_of;
use super::throttle::Counters;
use super::{Draft, Outcome, Prover, Visitor, recovery_code, sms, totp};
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::id::{SignInId, UserId};
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::sign_in::{Onward, SignIn, Step};
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::{Lane, StorageError, Tx, known_devices, sign_ins, users};
use crate::webauthn::{self, Answer, RelyingParty};

/// What somebody shows as their second factor.
#[derive(Clone)]
pub enum Shown {
    /// A code of an authenticator app.
    Totp(String),
    /// A recovery code.
    Recovery(String),
    /// A code by text message.
    Sms(String),
    /// What a security key or a passkey answered, as JSON.
    Webauthn(String),
}

impl Shown {
    /// What failures are counted by, one counter each: who guesses at one kind has not used up another.
    fn kind(&self) -> &'static str {
        match self {
            Self::Totp(_) => "totp",
            Self::Recovery(_) => "recovery",
            Self::Sms(_) => "sms",
            Self::Webauthn(_) => "webauthn",
        }
    }
}

impl Prover {
    /// Takes a sign-in on from its second factor. `trust`: the person says that the device is theirs, and need not show a
    /// second factor on it for a while.
    pub async fn prove_second(
        &self,
        visitor: &Visitor,
        id: SignInId,
        shown: Shown,
        trust: bool,
        now: Timestamp,
    ) -> Result<Outcome, StorageError> {
        let (keyring, relying_party) = (self.keyring.clone(), self.relying_party.clone());
        let (draft, opened) = Draft::draw(visitor, now);
        let visitor = visitor.clone();
        let work = self.db.write(Lane::Free, move |tx| {
            let (keyring, visitor) = (keyring.clone(), visitor.clone());
            let relying_party = relying_party.clone();
            let (draft, shown) = (draft.clone(), shown.clone());
            Box::pin(async move {
                let Some(sign_in) = sign_ins::find(tx, id, &visitor.browser, now).await? else {
                    return Ok(Tried::Over);
                };
                let held = Try {
                    keyring,
                    relying_party,
                    visitor,
                    draft,
                    shown,
                    trust,
                    now,
                };
                held.make(tx, &sign_in).await
            })
        });
        let tried: Result<Tried, StorageError> = work.await;
        Ok(match tried? {
            Tried::Over => Outcome::Over,
            Tried::Wrong => Outcome::Wrong,
            Tried::TooSoon(wait) => Outcome::TooSoon(wait),
            Tried::Next => Outcome::Next,
            Tried::Opened(onward) => Outcome::SignedIn(opened, onward),
        })
    }

    /// Begins to make an open session surer: what is asked is a second factor alone. Nothing if there is no such person.
    pub async fn ask_second(
        &self,
        visitor: &Visitor,
        user: UserId,
        onward: Onward,
        now: Timestamp,
    ) -> Result<Option<SignInId>, StorageError> {
        let (id, network) = (random::id(now), visitor.network());
        let browser = visitor.browser.clone();
        let work = self.db.write(Lane::Network(network), move |tx| {
            let browser = browser.clone();
            Box::pin(async move {
                let Some(user) = users::by_id(tx, user).await? else {
                    return Ok(false);
                };
                let sign_in = SignIn {
                    id,
                    browser,
                    step: Step::SecondFactor {
                        user: user.id,
                        email: user.email,
                        proofs: Vec::new(),
                    },
                    onward,
                    expires_at: now.plus(SignIn::LIFETIME),
                };
                sign_ins::insert(tx, &sign_in, network, now).await
            })
        });
        let stored: Result<bool, StorageError> = work.await;
        Ok(stored?.then_some(id))
    }
}

/// One try.
struct Try {
    keyring: Keyring,
    relying_party: Option<Arc<RelyingParty>>,
    visitor: Visitor,
    draft: Draft,
    shown: Shown,
    trust: bool,
    now: Timestamp,
}

/// What became of it.
enum Tried {
    Over,
    Wrong,
    TooSoon(std::time::Duration),
    Next,
    Opened(Onward),
}

impl Try {
    async fn make(self, tx: &mut Tx<'_>, sign_in: &SignIn) -> Result<Tried, StorageError> {
        let Step::SecondFactor { user, proofs, .. } = &sign_in.step else {
            return Ok(Tried::Over);
        };
        let user = *user;
        let active = users::by_id(tx, user).await?;
        if active.is_none_or(|user| user.status != UserStatus::Active) {
            return Ok(Tried::Over);
        }
        let counters = Counters::of_second_factor(user, self.shown.kind());
        if let Err(wait) = counters.reserve(tx, self.now).await? {
            return Ok(Tried::TooSoon(wait));
        }
        let Some(proof) = self.spend(tx, sign_in, user).await? else {
            self.tell(tx, user, &counters).await?;
            return Ok(Tried::Wrong);
        };
        counters.settle(tx).await?;
        let mut proofs = proofs.clone();
        proofs.push(proof.clone());
        let climbed = climb(
            tx,
            &self.keyring,
            &self.visitor,
            &self.draft,
            sign_in,
            user,
            proofs,
        )
        .await?;
        if climbed == Climbed::Opened
            && self.trust
            && trusted_device_days(tx, user).await? > 0
            && let Some(device) = self.draft.device(&self.visitor)
        {
            known_devices::trust(tx, user, device, &proof).await?;
        }
        Ok(match climbed {
            Climbed::Opened => Tried::Opened(sign_in.onward),
            Climbed::Next => Tried::Next,
            Climbed::Over => Tried::Over,
        })
    }

    /// Uses up what was shown, if it is what the person has.
    async fn spend(
        &self,
        tx: &mut Tx<'_>,
        sign_in: &SignIn,
        user: UserId,
    ) -> Result<Option<Proof>, StorageError> {
        let (keyring, now) = (&self.keyring, self.now);
        let (method, credential) = match &self.shown {
            Shown::Totp(code) => (Method::Totp, totp::spend(tx, keyring, user, code, now).await?),
            Shown::Recovery(code) => (
                Method::RecoveryCode,
                recovery_code::spend(tx, keyring, user, code, now).await?,
            ),
            Shown::Sms(code) => (
                Method::Sms,
                sms::spend(tx, keyring, user, sign_in.id, code, now).await?,
            ),
            Shown::Webauthn(text) => return self.touched(tx, (user, sign_in.id), text).await,
        };
        Ok(credential.map(|credential| Proof {
            method,
            source: ProofSource::Own(credential),
            at: now,
            remembered: false,
        }))
    }

    /// What a security key or passkey proves, if it is one of theirs.
    async fn touched(
        &self,
        tx: &mut Tx<'_>,
        whose: (UserId, SignInId),
        text: &str,
    ) -> Result<Option<Proof>, StorageError> {
        let (browser, origin) = (self.visitor.browser.clone(), self.visitor.origin.clone());
        let answer = Answer::read(text, browser, origin);
        let (Some(party), Some(answer)) = (&self.relying_party, answer) else {
            return Ok(None);
        };
        let keys = (party.as_ref(), &self.keyring);
        let shown = webauthn::finish_second_factor(tx, keys, whose, &answer, self.now).await?;
        Ok(shown.ok())
    }

    /// It goes to the log; and to the person, who still has a password to change, when it happens often.
    async fn tell(&self, tx: &mut Tx<'_>, user: UserId, counters: &Counters) -> Result<(), StorageError> {
        if counters.are_many(tx).await? {
            let alert = Alert::of(user, AlertKind::SecondFactorFailures, None);
            alerts::raise(tx, &self.keyring, &alert, self.now).await?;
        }
        let event = Event::of("user.second_factor_failed", Actor::Nobody)
            .refused()
            .on(user)
            .from(&self.visitor.origin)
            .with("factor", self.shown.kind());
        let event = in_log_of(tx, user, event).await?;
        audit::record(tx, &self.keyring, &event, self.now).await
    }
}
