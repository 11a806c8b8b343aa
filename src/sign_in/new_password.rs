//! The rung on which somebody chooses another password, because theirs opens nothing until they do.

use super::ends::{end_everything, tell_of_password};
use super::password_hasher::NotTaken;
use super::session::in_log_of;
use super::{BadPassword, Climbed, Draft, Outcome, PasswordRules, Prover, Replacement, Visitor, climb};
use crate::audit::{self, Actor, Event};
use crate::domain::id::{SignInId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::session::{Method, Proof};
use crate::domain::sign_in::{SignIn, Step};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::storage::passwords::StoredPassword;
use crate::storage::{Db, Lane, StorageError, Tx, passwords, sign_ins, users};

/// What a newly chosen password led to.
pub enum NewlyChosen {
    /// On, or nowhere.
    Went(Outcome),
    /// It is not good enough.
    Bad(BadPassword),
}

/// Somebody who has to choose, and what is asked of their choice.
struct Chooser {
    user: User,
    proofs: Vec<Proof>,
    rules: PasswordRules,
    present: StoredPassword,
}

/// Everything that a choice changes.
#[derive(Clone)]
struct Choice {
    keyring: Keyring,
    visitor: Visitor,
    draft: Draft,
    sign_in: SignInId,
    user: UserId,
    replacement: Replacement,
}

impl Prover {
    /// What a password that is to be chosen in a sign-in has to be at least; nothing if none is.
    pub async fn least_for(
        &self,
        browser: &SecretHash,
        sign_in: SignInId,
        now: Timestamp,
    ) -> Result<Option<usize>, StorageError> {
        let found = chooser(&self.db, browser, sign_in, now).await?;
        Ok(found.map(|chooser| chooser.rules.least()))
    }

    /// Takes a sign-in from its new password on. Whatever was signed in by the old one ends.
    pub async fn choose_new(
        &self,
        visitor: &Visitor,
        sign_in: SignInId,
        chosen: &str,
        now: Timestamp,
    ) -> Result<NewlyChosen, StorageError> {
        let Some(chooser) = chooser(&self.db, &visitor.browser, sign_in, now).await? else {
            return Ok(NewlyChosen::Went(Outcome::Over));
        };
        let hash = match self.hasher.take(chosen, &chooser.rules).await {
            Ok(hash) => hash,
            Err(NotTaken::Bad(bad)) => return Ok(NewlyChosen::Bad(bad)),
            Err(NotTaken::Busy(_)) => return Ok(NewlyChosen::Went(Outcome::Busy)),
        };
        let (draft, opened) = Draft::draw(visitor, now);
        let choice = Choice {
            keyring: self.keyring.clone(),
            visitor: visitor.clone(),
            draft,
            sign_in,
            user: chooser.user.id,
            replacement: Replacement::draw(hash, &chooser.rules, Some(chooser.present), now),
        };
        let proofs = chooser.proofs;
        let work = self.db.write(Lane::User(chooser.user.id), move |tx| {
            let (choice, proofs) = (choice.clone(), proofs.clone());
            Box::pin(async move { choice.put(tx, proofs, now).await })
        });
        let went: Result<Option<(Climbed, SignIn)>, StorageError> = work.await;
        Ok(NewlyChosen::Went(match went? {
            Some((Climbed::Opened, sign_in)) => Outcome::SignedIn(opened, sign_in.onward),
            Some((Climbed::Next, _)) => Outcome::Next,
            Some((Climbed::Over, _)) | None => Outcome::Over,
        }))
    }
}

impl Choice {
    async fn put(
        self,
        tx: &mut Tx<'_>,
        proofs: Vec<Proof>,
        now: Timestamp,
    ) -> Result<Option<(Climbed, SignIn)>, StorageError> {
        let Some(sign_in) = sign_ins::find(tx, self.sign_in, &self.visitor.browser, now).await? else {
            return Ok(None);
        };
        let still = matches!(sign_in.step, Step::NewPassword { user, .. } if user == self.user)
            && passwords::must_change(tx, self.user).await?;
        if !still || !self.replacement.put(tx, self.user, now).await? {
            return Ok(None);
        }
        end_everything(tx, self.user, now).await?;
        let event = Event::of("user.password_changed", Actor::User(self.user)).on(self.user);
        let event = in_log_of(tx, self.user, event.from(&self.visitor.origin)).await?;
        audit::record(tx, &self.keyring, &event.with("forced", true), now).await?;
        let origin = Some(&self.visitor.origin);
        tell_of_password(tx, &self.keyring, self.user, origin, now).await?;
        let proofs = proofs.into_iter().map(|proof| renewed(proof, now)).collect();
        let (keyring, visitor, draft) = (&self.keyring, &self.visitor, &self.draft);
        let climbed = climb(tx, keyring, visitor, draft, &sign_in, self.user, proofs).await?;
        Ok(Some((climbed, sign_in)))
    }
}

/// Whoever chose the password knows it.
fn renewed(proof: Proof, now: Timestamp) -> Proof {
    match proof.method {
        Method::Password => Proof { at: now, ..proof },
        _ => proof,
    }
}

async fn chooser(
    db: &Db,
    browser: &SecretHash,
    sign_in: SignInId,
    now: Timestamp,
) -> Result<Option<Chooser>, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let Some(sign_in) = sign_ins::find(tx, sign_in, browser, now).await? else {
        return Ok(None);
    };
    let Step::NewPassword { user, proofs, .. } = sign_in.step else {
        return Ok(None);
    };
    let user = users::by_id(tx, user).await?;
    let Some(user) = user.filter(|user| user.status == UserStatus::Active) else {
        return Ok(None);
    };
    let Some(present) = passwords::of_user(tx, user.id).await? else {
        return Ok(None);
    };
    Ok(Some(Chooser {
        rules: PasswordRules::of(tx, &user).await?,
        present,
        proofs,
        user,
    }))
}
