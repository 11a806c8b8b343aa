//! Passkeys and security keys: several a user. What the authenticator said of itself is kept as the text that
//! `webauthn` writes and reads.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::{CredentialId, UserId};
use crate::domain::passkey::{Passkey, PasskeyKind};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// A passkey as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPasskey {
    /// What people and policies know of it.
    pub passkey: Passkey,
    /// The id by which authenticators know it, unique over all users.
    pub webauthn_id: Vec<u8>,
    /// Public key, counter and the like.
    pub credential: String,
}

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: String,
    user_id: String,
    webauthn_id: Vec<u8>,
    credential: String,
    kind: String,
    synced: bool,
    name: String,
    created_at: i64,
    last_used_at: Option<i64>,
    clone_seen_at: Option<i64>,
}

impl TryFrom<PasskeyRow> for StoredPasskey {
    type Error = StorageError;

    fn try_from(columns: PasskeyRow) -> Result<Self, StorageError> {
        let row = Row::of("passkeys", &columns.id);
        Ok(Self {
            passkey: Passkey {
                id: row.parse("id", &columns.id)?,
                user: row.parse("user_id", &columns.user_id)?,
                kind: row.some("kind", PasskeyKind::parse(&columns.kind))?,
                synced: columns.synced,
                name: row.some("name", DisplayName::parse(&columns.name).ok())?,
                created_at: Timestamp::from_millis(columns.created_at),
                last_used_at: timestamp(columns.last_used_at),
                clone_seen_at: timestamp(columns.clone_seen_at),
            },
            webauthn_id: columns.webauthn_id,
            credential: columns.credential,
        })
    }
}

/// Stores a new one; answers `false` if anybody has one of that WebAuthn id already.
pub async fn insert(tx: &mut Tx<'_>, stored: &StoredPasskey) -> Result<bool, StorageError> {
    let passkey = &stored.passkey;
    let inserted = execute!(
        tx,
        "INSERT INTO passkeys (id, user_id, webauthn_id, credential, kind, synced, name, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (webauthn_id) DO NOTHING",
        passkey.id.to_string(),
        passkey.user.to_string(),
        &stored.webauthn_id,
        &stored.credential,
        passkey.kind.as_str(),
        passkey.synced,
        passkey.name.as_str(),
        passkey.created_at.millis(),
    )?;
    Ok(inserted == 1)
}

/// A user's, the oldest first.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId, page: &Page) -> Result<Vec<StoredPasskey>, StorageError> {
    let rows = fetch!(
        fetch_all as PasskeyRow,
        tx,
        "SELECT id, user_id, webauthn_id, credential, kind, synced, name, created_at, last_used_at, clone_seen_at \
         FROM passkeys WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many a user has.
pub async fn count_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM passkeys WHERE user_id = $1",
        user.to_string(),
    )?;
    Ok(count)
}

/// The one of an id, if it is that user's.
pub async fn find(
    tx: &mut Tx<'_>,
    user: UserId,
    id: CredentialId,
) -> Result<Option<StoredPasskey>, StorageError> {
    let row = fetch!(
        fetch_optional as PasskeyRow,
        tx,
        "SELECT id, user_id, webauthn_id, credential, kind, synced, name, created_at, last_used_at, clone_seen_at \
         FROM passkeys WHERE id = $1 AND user_id = $2",
        id.to_string(),
        user.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The one that an authenticator knows by this id, whosever it is.
pub async fn by_webauthn_id(
    tx: &mut Tx<'_>,
    webauthn_id: &[u8],
) -> Result<Option<StoredPasskey>, StorageError> {
    let row = fetch!(
        fetch_optional as PasskeyRow,
        tx,
        "SELECT id, user_id, webauthn_id, credential, kind, synced, name, created_at, last_used_at, clone_seen_at \
         FROM passkeys WHERE webauthn_id = $1",
        webauthn_id,
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Notes that one was used, and what its authenticator said of itself then.
pub async fn used(
    tx: &mut Tx<'_>,
    id: CredentialId,
    credential: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE passkeys SET credential = $2, last_used_at = $3 WHERE id = $1",
        id.to_string(),
        credential,
        now.millis(),
    )?;
    Ok(())
}

/// Notes that there may be a copy of one.
pub async fn clone_seen(tx: &mut Tx<'_>, id: CredentialId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE passkeys SET clone_seen_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// Gives one another name.
pub async fn rename(tx: &mut Tx<'_>, id: CredentialId, name: &DisplayName) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE passkeys SET name = $2 WHERE id = $1",
        id.to_string(),
        name.as_str(),
    )?;
    Ok(())
}

/// Forgets one.
pub async fn delete(tx: &mut Tx<'_>, id: CredentialId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM passkeys WHERE id = $1", id.to_string())?;
    Ok(())
}

/// Forgets all of a user's; answers how many there were.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM passkeys WHERE user_id = $1", user.to_string())
}
