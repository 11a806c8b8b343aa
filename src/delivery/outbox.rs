//! The outbox: letters wait here, sealed, from the transaction of what they tell of until they are delivered.

use serde::{Deserialize, Serialize};

use super::Letter;
use crate::domain::email::Email;
use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::profiles::Whole;
use crate::storage::{StorageError, Tx, outbox};

/// A letter and whom it is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addressed {
    /// The address.
    pub to: Email,
    /// The reader's language, as a tag such as `en`; empty if nobody knows.
    pub language: String,
    /// What it says.
    pub letter: Letter,
}

impl Addressed {
    /// To a person, where they are written to, in what they read.
    pub fn to(whole: &Whole, letter: Letter) -> Self {
        let language = whole.profile.language.as_ref();
        Self {
            to: whole.user.email.clone(),
            language: language
                .map(|language| language.as_str().to_owned())
                .unwrap_or_default(),
            letter,
        }
    }
}

/// Puts a letter into the outbox: it is sent if this transaction commits, and only then.
pub async fn post(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    letter: &Addressed,
    now: Timestamp,
) -> Result<(), StorageError> {
    let id: LetterId = random::id(now);
    let plain = serde_json::to_vec(letter).expect("a letter is made of strings and numbers");
    outbox::insert(tx, id, &keyring.seal(&context(id), &plain), now).await
}

/// What a sealed letter is bound to.
fn context(id: LetterId) -> String {
    format!("letter {id}")
}

/// Opens a sealed letter; nothing if it was not sealed here, or is not what this version writes.
pub(super) fn open(keyring: &Keyring, id: LetterId, sealed: &[u8]) -> Option<Addressed> {
    let plain = keyring.open_sealed(&context(id), sealed)?;
    serde_json::from_slice(&plain).ok()
}
