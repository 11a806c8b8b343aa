//! The words that people are found by: the email address and each word of the name, kept by `users` alone.

use super::query::execute;
use super::{StorageError, Tx};
use crate::domain::id::UserId;

/// Puts a person's words in place of those that were there.
pub(super) async fn put(tx: &mut Tx<'_>, user: UserId, words: &[String]) -> Result<(), StorageError> {
    let user = user.to_string();
    execute!(tx, "DELETE FROM user_words WHERE user_id = $1", &user)?;
    for word in words {
        execute!(
            tx,
            "INSERT INTO user_words (word, user_id) VALUES ($1, $2)",
            word,
            &user
        )?;
    }
    Ok(())
}
