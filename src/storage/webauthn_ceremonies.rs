//! What browsers were asked to sign and have not answered yet. Each is answered once, by the browser that was asked, for
//! what it was asked.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::network::Network;
use crate::domain::passkey::Ceremony;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// Which ceremony, and whose.
#[derive(Debug, Clone)]
pub struct CeremonyKey {
    /// Of the secret that its page carries.
    pub secret: SecretHash,
    /// The only browser that can answer.
    pub browser: SecretHash,
    /// What for.
    pub ceremony: Ceremony,
}

/// Stores what was asked; answers `false` if its network has too many unanswered already.
pub async fn insert(
    tx: &mut Tx<'_>,
    key: &CeremonyKey,
    state: &str,
    network: Network,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (unanswered,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM webauthn_ceremonies WHERE network = $1 AND expires_at > $2",
        network.to_string(),
        now.millis(),
    )?;
    if unanswered >= Ceremony::MOST_PER_NETWORK {
        return Ok(false);
    }
    execute!(
        tx,
        "INSERT INTO webauthn_ceremonies (secret_hash, browser_hash, purpose, network, state, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        key.secret.as_bytes(),
        key.browser.as_bytes(),
        key.ceremony.to_string(),
        network.to_string(),
        state,
        now.plus(Ceremony::LIFETIME).millis(),
    )?;
    Ok(true)
}

/// Takes what was asked, to hold the answer against it: of many who try, one gets it.
pub async fn take(
    tx: &mut Tx<'_>,
    key: &CeremonyKey,
    now: Timestamp,
) -> Result<Option<String>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "DELETE FROM webauthn_ceremonies \
         WHERE secret_hash = $1 AND browser_hash = $2 AND purpose = $3 AND expires_at > $4 RETURNING state",
        key.secret.as_bytes(),
        key.browser.as_bytes(),
        key.ceremony.to_string(),
        now.millis(),
    )?;
    Ok(row.map(|(state,)| state))
}

/// Forgets what was not answered in time.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM webauthn_ceremonies WHERE expires_at <= $1",
        now.millis()
    )
}
