//! Codes that were sent to phones: one for each purpose of a user, so that a new one kills the old. Each is bound to its
//! purpose and number, and good for a few tries.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::UserId;
use crate::domain::phone::PhoneNumber;
use crate::domain::secret::SecretHash;
use crate::domain::sms::{SmsCode, SmsPurpose};
use crate::domain::time::Timestamp;

/// A code as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// To whom.
    pub user: UserId,
    /// What for.
    pub purpose: SmsPurpose,
    /// To which number.
    pub number: PhoneNumber,
    /// Its keyed hash.
    pub hash: SecretHash,
}

/// Makes a code good, in place of the one of the same kind of purpose.
pub async fn put(tx: &mut Tx<'_>, code: &Sent, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sms_codes (user_id, purpose, sign_in_id, number, code_hash, tries, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $6, $7) \
         ON CONFLICT (user_id, purpose) DO UPDATE SET sign_in_id = excluded.sign_in_id, number = excluded.number, \
         code_hash = excluded.code_hash, tries = 0, created_at = excluded.created_at, \
         expires_at = excluded.expires_at",
        code.user.to_string(),
        code.purpose.name(),
        code.purpose.sign_in(),
        code.number.as_str(),
        code.hash.as_bytes(),
        now.millis(),
        now.plus(SmsCode::LIFETIME).millis(),
    )?;
    Ok(())
}

/// Counts one try at a code, and answers what it is tried at and which number it went to; nothing if there is none, or
/// it was tried too often.
pub async fn count_try(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: SmsPurpose,
    now: Timestamp,
) -> Result<Option<(SecretHash, PhoneNumber)>, StorageError> {
    let id = user.to_string();
    let row = fetch!(
        fetch_optional as (Vec<u8>, String),
        tx,
        "UPDATE sms_codes SET tries = tries + 1 WHERE user_id = $1 AND purpose = $2 AND sign_in_id = $3 \
         AND expires_at > $4 AND tries < $5 RETURNING code_hash, number",
        &id,
        purpose.name(),
        purpose.sign_in(),
        now.millis(),
        SmsCode::MOST_TRIES,
    )?;
    row.map(|(hash, number)| {
        let row = Row::of("sms_codes", &id);
        Ok((row.hash("code_hash", &hash)?, row.parse("number", &number)?))
    })
    .transpose()
}

/// The number that a code waits to come back from.
pub async fn number(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: SmsPurpose,
    now: Timestamp,
) -> Result<Option<PhoneNumber>, StorageError> {
    let id = user.to_string();
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT number FROM sms_codes WHERE user_id = $1 AND purpose = $2 AND sign_in_id = $3 AND expires_at > $4 \
         AND tries < $5",
        &id,
        purpose.name(),
        purpose.sign_in(),
        now.millis(),
        SmsCode::MOST_TRIES,
    )?;
    row.map(|(number,)| Row::of("sms_codes", &id).parse("number", &number))
        .transpose()
}

/// A code is spent; answers whether it was there: of many who spend it, one is told yes.
pub async fn spend(
    tx: &mut Tx<'_>,
    user: UserId,
    purpose: SmsPurpose,
    hash: &SecretHash,
) -> Result<bool, StorageError> {
    let spent = execute!(
        tx,
        "DELETE FROM sms_codes WHERE user_id = $1 AND purpose = $2 AND code_hash = $3",
        user.to_string(),
        purpose.name(),
        hash.as_bytes(),
    )?;
    Ok(spent == 1)
}

/// Forgets every code of a user.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM sms_codes WHERE user_id = $1", user.to_string())?;
    Ok(())
}

/// Forgets codes that went bad before `before`.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM sms_codes WHERE expires_at < $1", before.millis())
}
