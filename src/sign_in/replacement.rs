//! Giving an account another password: the one place where that happens, whoever asked for it.

use super::PasswordRules;
use crate::domain::id::{CredentialId, UserId};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::passwords::StoredPassword;
use crate::storage::{StorageError, Tx, password_history, password_resets, passwords};

/// A password to be, hashed and held against the rules.
#[derive(Clone)]
pub struct Replacement {
    hash: String,
    /// The credential it becomes, if the account has no password yet.
    id: CredentialId,
    /// What it replaces.
    present: Option<StoredPassword>,
    /// How many earlier ones are kept.
    remembered: i64,
}

impl Replacement {
    /// Of a hash that [`PasswordHasher::take`](super::PasswordHasher::take) made by these rules.
    pub fn draw(
        hash: String,
        rules: &PasswordRules,
        present: Option<StoredPassword>,
        now: Timestamp,
    ) -> Self {
        Self {
            hash,
            id: random::id(now),
            present,
            remembered: rules.remembered(),
        }
    }

    /// Puts it in its place; answers `false`, and does nothing, if the account has another password meanwhile than when
    /// this was drawn. No link that gives the account a password is good any more.
    pub async fn put(&self, tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<bool, StorageError> {
        if let Some(present) = &self.present {
            if !passwords::replace(tx, present.id, &present.hash, &self.hash, now).await? {
                return Ok(false);
            }
            password_history::insert(tx, user, &present.hash, now).await?;
            password_history::keep_newest(tx, user, self.remembered).await?;
        } else {
            if passwords::of_user(tx, user).await?.is_some() {
                return Ok(false);
            }
            let password = StoredPassword {
                id: self.id,
                hash: self.hash.clone(),
            };
            passwords::insert(tx, user, &password, now).await?;
        }
        password_resets::end_of_user(tx, user).await?;
        Ok(true)
    }
}
