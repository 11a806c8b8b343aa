//! Sign-outs on their way from one application or provider to the next. Each belongs to a browser.

use std::time::Duration;

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::secret::SecretHash;
use crate::domain::sign_out::SignOut;
use crate::domain::time::Timestamp;

/// How long one may take, through however many.
pub const LIFETIME: Duration = Duration::from_mins(10);

/// Stores one.
pub async fn insert(
    tx: &mut Tx<'_>,
    handle: &SecretHash,
    browser: &SecretHash,
    state: &SignOut,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO sign_outs (handle_hash, browser_hash, state, expires_at) VALUES ($1, $2, $3, $4)",
        handle.as_bytes(),
        browser.as_bytes(),
        written(state),
        now.plus(LIFETIME).millis(),
    )?;
    Ok(())
}

/// The one of a handle, in its browser, unless it is forgotten.
pub async fn find(
    tx: &mut Tx<'_>,
    handle: &SecretHash,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<SignOut>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT state FROM sign_outs WHERE handle_hash = $1 AND browser_hash = $2 AND expires_at > $3",
        handle.as_bytes(),
        browser.as_bytes(),
        now.millis(),
    )?;
    row.map(|(state,)| Row::of("sign_outs", "one").some("state", serde_json::from_str(&state).ok()))
        .transpose()
}

/// Keeps how far one has come.
pub async fn update(tx: &mut Tx<'_>, handle: &SecretHash, state: &SignOut) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE sign_outs SET state = $2 WHERE handle_hash = $1",
        handle.as_bytes(),
        written(state),
    )?;
    Ok(())
}

/// Forgets one that is done.
pub async fn remove(tx: &mut Tx<'_>, handle: &SecretHash) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM sign_outs WHERE handle_hash = $1",
        handle.as_bytes()
    )?;
    Ok(())
}

/// Forgets what nobody went on with.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM sign_outs WHERE expires_at <= $1", now.millis())
}

fn written(state: &SignOut) -> String {
    serde_json::to_string(state).expect("a sign-out is made of strings and numbers")
}
