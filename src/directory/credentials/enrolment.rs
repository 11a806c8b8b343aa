//! What setting up a second factor brings along: its id, the recovery codes if it is the first, and a session that is
//! surer, as whoever set it up has just shown it.

use super::recovery_codes::NewSet;
use crate::domain::id::{CredentialId, UserId};
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{Draft, Opened, Visitor, strengthen};
use crate::storage::{StorageError, Tx};

/// What has to be drawn before the transaction. Cheap to copy.
#[derive(Clone)]
pub struct Enrolment {
    /// The credential to be.
    pub id: CredentialId,
    /// The recovery codes that come along with the first.
    pub codes: NewSet,
    visitor: Visitor,
    draft: Draft,
}

impl Enrolment {
    /// Draws it for a user in their browser, with the cookie that their session gets.
    pub fn draw(keyring: &Keyring, user: UserId, visitor: Visitor, now: Timestamp) -> (Self, Opened) {
        let (draft, opened) = Draft::draw(&visitor, now);
        let enrolment = Self {
            id: random::id(now),
            codes: NewSet::draw(keyring, user, now),
            visitor,
            draft,
        };
        (enrolment, opened)
    }

    /// Notes in the session what was shown.
    pub(super) async fn prove(
        &self,
        tx: &mut Tx<'_>,
        keyring: &Keyring,
        user: UserId,
        method: Method,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let proof = Proof {
            method,
            source: ProofSource::Own(self.id),
            at: now,
            remembered: false,
        };
        strengthen(tx, keyring, &self.visitor, &self.draft, user, &[proof]).await?;
        Ok(())
    }
}
