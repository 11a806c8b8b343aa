//! The first question: who are you? Its answer begins a sign-in.

use super::Visitor;
use crate::domain::email::Email;
use crate::domain::id::SignInId;
use crate::domain::secret::SecretHash;
use crate::domain::sign_in::{Onward, SignIn, Step};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::{Db, Lane, StorageError, sign_ins};

/// Where an answer leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identified {
    /// To the next step of this sign-in.
    Next(SignInId),
    /// Nowhere: this network has too many unfinished ones.
    TooMany,
}

/// Begins a sign-in for an address, whether or not anybody has it.
pub async fn identify(
    db: &Db,
    visitor: &Visitor,
    email: Email,
    onward: Onward,
    now: Timestamp,
) -> Result<Identified, StorageError> {
    let sign_in = SignIn {
        id: random::id(now),
        browser: visitor.browser.clone(),
        step: Step::identified(email),
        onward,
        expires_at: now.plus(SignIn::LIFETIME),
    };
    let (id, network) = (sign_in.id, visitor.network());
    let stored = db.write(Lane::Network(network), move |tx| {
        let sign_in = sign_in.clone();
        Box::pin(async move { sign_ins::insert(tx, &sign_in, network, now).await })
    });
    let stored: Result<bool, StorageError> = stored.await;
    Ok(if stored? {
        Identified::Next(id)
    } else {
        Identified::TooMany
    })
}

/// The sign-in of an id in the browser it belongs to, unless it is over.
pub async fn find(
    db: &Db,
    id: SignInId,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<SignIn>, StorageError> {
    let mut snapshot = db.snapshot().await?;
    sign_ins::find(&mut snapshot.tx(), id, browser, now).await
}
