//! Refresh tokens: stored by hash, spent once, each for its successor.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::id::FamilyId;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A refresh token as found.
#[derive(Debug, Clone)]
pub struct StoredRefreshToken {
    /// What it descends from.
    pub family: FamilyId,
    /// When it is worth nothing, spent or not.
    pub expires_at: Timestamp,
    /// What came after it, if it was spent.
    pub spent: Option<Spent>,
}

/// What came after a refresh token.
#[derive(Debug, Clone)]
pub struct Spent {
    /// When.
    pub at: Timestamp,
    /// The one that came.
    pub successor: SecretHash,
    /// Its plain text, sealed under a key that only its predecessor's holder can derive; gone after a while.
    pub sealed_successor: Option<Vec<u8>>,
}

/// A refresh token's successor, as it is stored.
#[derive(Debug, Clone)]
pub struct Successor {
    /// Of its plain text.
    pub hash: SecretHash,
    /// Its plain text, sealed.
    pub sealed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct RefreshTokenRow {
    family_id: String,
    expires_at: i64,
    spent_at: Option<i64>,
    successor_hash: Option<Vec<u8>>,
    sealed_successor: Option<Vec<u8>>,
}

impl TryFrom<RefreshTokenRow> for StoredRefreshToken {
    type Error = StorageError;

    fn try_from(columns: RefreshTokenRow) -> Result<Self, StorageError> {
        let row = Row::of("refresh_tokens", &columns.family_id);
        let spent = match (timestamp(columns.spent_at), &columns.successor_hash) {
            (Some(at), Some(successor)) => Some(Spent {
                at,
                successor: row.hash("successor_hash", successor)?,
                sealed_successor: columns.sealed_successor,
            }),
            (None, None) => None,
            _ => return Err(row.corrupt("successor_hash")),
        };
        Ok(Self {
            family: row.parse("family_id", &columns.family_id)?,
            expires_at: Timestamp::from_millis(columns.expires_at),
            spent,
        })
    }
}

/// Stores a new refresh token.
pub async fn insert(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    family: FamilyId,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO refresh_tokens (token_hash, family_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        hash.as_bytes(),
        family.to_string(),
        now.millis(),
        expires_at.millis(),
    )?;
    Ok(())
}

/// The refresh token of a hash, spent or not.
pub async fn find(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<StoredRefreshToken>, StorageError> {
    let row = fetch!(
        fetch_optional as RefreshTokenRow,
        tx,
        "SELECT family_id, expires_at, spent_at, successor_hash, sealed_successor \
         FROM refresh_tokens WHERE token_hash = $1",
        hash.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Spends a refresh token for its successor. Of many who try, one is answered `true`.
pub async fn spend(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    successor: &Successor,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let spent = execute!(
        tx,
        "UPDATE refresh_tokens SET spent_at = $2, successor_hash = $3, sealed_successor = $4 \
         WHERE token_hash = $1 AND spent_at IS NULL",
        hash.as_bytes(),
        now.millis(),
        successor.hash.as_bytes(),
        &successor.sealed,
    )?;
    Ok(spent == 1)
}

/// Forgets the sealed plain texts of successors that came before `before`.
pub async fn forget_sealed(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "UPDATE refresh_tokens SET sealed_successor = NULL WHERE sealed_successor IS NOT NULL AND spent_at < $1",
        before.millis()
    )
}
