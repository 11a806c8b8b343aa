//! The ladder: what is next for somebody who showed something, decided afresh at each rung from what they showed in this
//! very sign-in. Nobody opens a session by another way than this.

use std::time::Duration;

use super::{Draft, Visitor, open_session, strengthen};
use crate::domain::email::Email;
use crate::domain::id::{SessionId, UserId};
use crate::domain::session::{Assurance, Method, Proof};
use crate::domain::sign_in::{SignIn, Step};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, known_devices, passwords, second_factors, sign_ins, users};

/// The longest that a device is trusted, by a person whose organizations leave it to them.
const TRUSTED_DEVICE_DAYS: i64 = 30;

/// Where somebody has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Climbed {
    /// To the next question.
    Next,
    /// Into their session.
    Opened,
    /// Nowhere: the sign-in went on elsewhere, or is over.
    Over,
}

/// Goes on with a sign-in by all that was shown in it. A first factor opens a session; a second one alone makes one that
/// is open already surer, and nothing else.
pub async fn climb(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    visitor: &Visitor,
    draft: &Draft,
    sign_in: &SignIn,
    user: UserId,
    mut proofs: Vec<Proof>,
) -> Result<Climbed, StorageError> {
    if !has_first_factor(&proofs) {
        let done = sign_ins::consume(tx, sign_in).await?
            && strengthen(tx, keyring, visitor, draft, user, &proofs).await?;
        return Ok(if done { Climbed::Opened } else { Climbed::Over });
    }
    if is_outdated(tx, user, &proofs).await? {
        return Ok(Climbed::Over);
    }
    let Some(email) = email_of(tx, sign_in, user).await? else {
        return Ok(Climbed::Over);
    };
    if let Some(step) = next(tx, visitor, (user, email), &mut proofs, draft.at).await? {
        let advanced = sign_ins::advance(tx, sign_in, &step).await?;
        return Ok(if advanced { Climbed::Next } else { Climbed::Over });
    }
    if !sign_ins::consume(tx, sign_in).await? {
        return Ok(Climbed::Over);
    }
    open_session(tx, keyring, visitor, draft, user, &proofs).await?;
    Ok(Climbed::Opened)
}

/// Lets somebody in by a connection's word. The caller took the request that this answers, or the answer itself where
/// there was none, in this very transaction, so nobody comes in by it twice. Their own second factor isn't asked for:
/// the word counts in the connection's organization alone, and that asks for what it wants. Answers their session.
pub async fn let_in(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    visitor: &Visitor,
    draft: &Draft,
    user: UserId,
    proof: Proof,
) -> Result<SessionId, StorageError> {
    open_session(tx, keyring, visitor, draft, user, &[proof]).await
}

/// How many days a person may trust a device; none where an organization of theirs wants to be asked each time.
pub async fn trusted_device_days(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StorageError> {
    let days = second_factors::trusted_device_days(tx, user).await?;
    Ok(days.map_or(TRUSTED_DEVICE_DAYS, |days| days.min(TRUSTED_DEVICE_DAYS)))
}

/// The address that somebody came with; of a passkey, which names nobody, its person's own.
async fn email_of(tx: &mut Tx<'_>, sign_in: &SignIn, user: UserId) -> Result<Option<Email>, StorageError> {
    match &sign_in.step {
        Step::Password { email } | Step::SecondFactor { email, .. } | Step::NewPassword { email, .. } => {
            Ok(Some(email.clone()))
        }
        Step::Passkey => Ok(users::by_id(tx, user).await?.map(|user| user.email)),
    }
}

/// What is still to be asked. What is remembered of a trusted device goes to the proofs.
async fn next(
    tx: &mut Tx<'_>,
    visitor: &Visitor,
    (user, email): (UserId, Email),
    proofs: &mut Vec<Proof>,
    now: Timestamp,
) -> Result<Option<Step>, StorageError> {
    let methods: Vec<Method> = proofs.iter().map(|proof| proof.method).collect();
    let surer = Assurance::of(&methods) < Assurance::Two && second_factors::of_user(tx, user).await?.any();
    if surer {
        match remembered(tx, visitor, user, now).await? {
            Some(earlier) => proofs.push(earlier),
            None => {
                return Ok(Some(Step::SecondFactor {
                    user,
                    email,
                    proofs: proofs.clone(),
                }));
            }
        }
    }
    if methods.contains(&Method::Password) && passwords::must_change(tx, user).await? {
        return Ok(Some(Step::NewPassword {
            user,
            email,
            proofs: proofs.clone(),
        }));
    }
    Ok(None)
}

/// The second factor that was shown when the person trusted this device, while that is still good.
async fn remembered(
    tx: &mut Tx<'_>,
    visitor: &Visitor,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Proof>, StorageError> {
    let Some(device) = &visitor.device else {
        return Ok(None);
    };
    let days = u64::try_from(trusted_device_days(tx, user).await?).unwrap_or(0);
    let trusted = known_devices::trusted(tx, user, device).await?;
    let lasts = Duration::from_hours(24 * days);
    Ok(trusted.filter(|proof| now.since(proof.at) < lasts))
}

/// Whether a password was shown that is another one meanwhile: whoever changed it may have done so because of this one.
async fn is_outdated(tx: &mut Tx<'_>, user: UserId, proofs: &[Proof]) -> Result<bool, StorageError> {
    let shown = proofs.iter().filter(|proof| proof.method == Method::Password);
    let Some(shown) = shown.map(|proof| proof.at).min() else {
        return Ok(false);
    };
    let changed = passwords::changed_at(tx, user).await?;
    Ok(changed.is_none_or(|changed| shown < changed))
}

fn has_first_factor(proofs: &[Proof]) -> bool {
    let first = |proof: &Proof| proof.method == Method::Password || proof.method.is_whole();
    proofs.iter().any(|proof| !proof.remembered && first(proof))
}
