//! Signing in with a passkey alone: nobody says who they are, the passkey does. And the question to a security key or
//! passkey that is asked as second factor.

use std::sync::Arc;

use super::session::in_log_of;
use super::{Climbed, Draft, Outcome, Prover, Visitor, climb};
use crate::audit::{self, Actor, Event};
use crate::domain::id::UserId;
use crate::domain::sign_in::{Onward, SignIn, Step};
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::{Lane, StorageError, Tx, sign_ins, users};
use crate::webauthn::{self, Answer, Question, Refused, RelyingParty, script};

impl Prover {
    /// What the script of a page is told to ask for any passkey, the same for everybody. Nothing where there are no
    /// passkeys, or when this network has left too many such questions unanswered.
    pub async fn ask_passkey(
        &self,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let Some(party) = self.relying_party.clone() else {
            return Ok(None);
        };
        let network = visitor.network();
        let (question, secret) = Question::draw(visitor.browser.clone(), network);
        let work = self.db.write(Lane::Network(network), move |tx| {
            let (party, question) = (Arc::clone(&party), question.clone());
            Box::pin(async move { webauthn::begin_sign_in(tx, &party, &question, now).await })
        });
        let asked: Result<_, StorageError> = work.await;
        Ok(asked?.map(|options| script(&secret, &options)))
    }

    /// Signs in whoever's passkey the browser showed. Whatever is wrong with it, nobody is told.
    pub async fn prove_passkey(
        &self,
        visitor: &Visitor,
        answer: &str,
        onward: Onward,
        now: Timestamp,
    ) -> Result<Outcome, StorageError> {
        let answer = Answer::read(answer, visitor.browser.clone(), visitor.origin.clone());
        let (Some(party), Some(answer)) = (self.relying_party.clone(), answer) else {
            return Ok(Outcome::Wrong);
        };
        let sign_in = SignIn {
            id: random::id(now),
            browser: visitor.browser.clone(),
            step: Step::Passkey,
            onward,
            expires_at: now.plus(SignIn::LIFETIME),
        };
        let (draft, opened) = Draft::draw(visitor, now);
        let (visitor, keyring) = (visitor.clone(), self.keyring.clone());
        let work = self.db.write(Lane::Network(visitor.network()), move |tx| {
            let attempt = Attempt {
                party: Arc::clone(&party),
                keyring: keyring.clone(),
                visitor: visitor.clone(),
                draft: draft.clone(),
                sign_in: sign_in.clone(),
                now,
            };
            let answer = answer.clone();
            Box::pin(async move { attempt.make(tx, &answer).await })
        });
        let climbed: Result<Option<Climbed>, StorageError> = work.await;
        Ok(match climbed? {
            Some(Climbed::Opened) => Outcome::SignedIn(opened, onward),
            Some(Climbed::Next) => Outcome::Next,
            Some(Climbed::Over) => Outcome::Over,
            None => Outcome::Wrong,
        })
    }

    /// What the script of a page is told to ask for a passkey or security key of whoever is at their second factor.
    /// Nothing where there are none, or when this network has left too many such questions unanswered.
    pub async fn ask_security_key(
        &self,
        visitor: &Visitor,
        sign_in: &SignIn,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let (Some(party), Step::SecondFactor { user, .. }) = (self.relying_party.clone(), &sign_in.step)
        else {
            return Ok(None);
        };
        let (network, whose) = (visitor.network(), (*user, sign_in.id));
        let (question, secret) = Question::draw(visitor.browser.clone(), network);
        let work = self.db.write(Lane::Network(network), move |tx| {
            let (party, question) = (Arc::clone(&party), question.clone());
            Box::pin(async move { webauthn::begin_second_factor(tx, &party, &question, whose, now).await })
        });
        let asked: Result<_, StorageError> = work.await;
        Ok(asked?.map(|options| script(&secret, &options)))
    }
}

/// One try to sign in with a passkey.
struct Attempt {
    party: Arc<RelyingParty>,
    keyring: Keyring,
    visitor: Visitor,
    draft: Draft,
    sign_in: SignIn,
    now: Timestamp,
}

impl Attempt {
    /// Nothing if it was refused.
    async fn make(&self, tx: &mut Tx<'_>, answer: &Answer) -> Result<Option<Climbed>, StorageError> {
        let keys = (self.party.as_ref(), &self.keyring);
        let (user, proof) = match webauthn::finish_sign_in(tx, keys, answer, self.now).await? {
            Ok(shown) => shown,
            // Nothing was tried: nobody was asked, or it was answered before.
            Err((Refused::Over, _)) => return Ok(None),
            Err((refused, user)) => {
                self.tell(tx, user, refused.word()).await?;
                return Ok(None);
            }
        };
        let found = users::by_id(tx, user).await?;
        if found.is_none_or(|found| found.status != UserStatus::Active) {
            self.tell(tx, Some(user), "suspended").await?;
            return Ok(None);
        }
        if !sign_ins::insert(tx, &self.sign_in, self.visitor.network(), self.now).await? {
            return Ok(Some(Climbed::Over));
        }
        let (keyring, sign_in) = (&self.keyring, &self.sign_in);
        climb(
            tx,
            keyring,
            &self.visitor,
            &self.draft,
            sign_in,
            user,
            vec![proof],
        )
        .await
        .map(Some)
    }

    async fn tell(&self, tx: &mut Tx<'_>, user: Option<UserId>, why: &str) -> Result<(), StorageError> {
        let event = Event::of("user.sign_in_failed", Actor::Nobody)
            .refused()
            .from(&self.visitor.origin)
            .with("method", "passkey")
            .with("reason", why);
        let event = match user {
            Some(user) => in_log_of(tx, user, event.on(user)).await?,
            None => event,
        };
        audit::record(tx, &self.keyring, &event, self.now).await
    }
}
