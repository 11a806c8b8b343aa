//! Signing keys: the private half sealed, the public half as a JWK.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::signing_key::{SigningAlgorithm, SigningKeyState};
use crate::domain::time::Timestamp;

/// A signing key as stored.
#[derive(Debug, Clone)]
pub struct StoredSigningKey {
    /// `kid`.
    pub id: String,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where in its life it is.
    pub state: SigningKeyState,
    /// The PKCS #8 private key, sealed by the master key.
    pub sealed_private: Vec<u8>,
    /// The public key as a JWK (RFC 7517).
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub signing_from: Option<Timestamp>,
    /// When it stopped signing.
    pub retired_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct SigningKeyRow {
    id: String,
    algorithm: String,
    state: String,
    sealed_private: Vec<u8>,
    public_jwk: String,
    created_at: i64,
    signing_from: Option<i64>,
    retired_at: Option<i64>,
}

impl TryFrom<SigningKeyRow> for StoredSigningKey {
    type Error = StorageError;

    fn try_from(columns: SigningKeyRow) -> Result<Self, StorageError> {
        let row = Row::of("signing_keys", &columns.id);
        Ok(Self {
            algorithm: row.parse("algorithm", &columns.algorithm)?,
            state: row.parse("state", &columns.state)?,
            sealed_private: columns.sealed_private,
            public_jwk: columns.public_jwk,
            created_at: Timestamp::from_millis(columns.created_at),
            signing_from: timestamp(columns.signing_from),
            retired_at: timestamp(columns.retired_at),
            id: columns.id,
        })
    }
}

/// Stores a new key.
pub async fn insert(tx: &mut Tx<'_>, key: &StoredSigningKey) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO signing_keys \
         (id, algorithm, state, sealed_private, public_jwk, created_at, signing_from, retired_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &key.id,
        key.algorithm.name(),
        key.state.name(),
        &key.sealed_private,
        &key.public_jwk,
        key.created_at.millis(),
        key.signing_from.map(Timestamp::millis),
        key.retired_at.map(Timestamp::millis),
    )?;
    Ok(())
}

/// Every key, oldest first.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<StoredSigningKey>, StorageError> {
    let rows = fetch!(
        fetch_all as SigningKeyRow,
        tx,
        "SELECT id, algorithm, state, sealed_private, public_jwk, created_at, signing_from, retired_at \
         FROM signing_keys ORDER BY created_at, id",
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The key of an algorithm that was waiting begins to sign, the one that signed retires.
pub async fn promote(
    tx: &mut Tx<'_>,
    algorithm: SigningAlgorithm,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE signing_keys SET state = 'retired', retired_at = $2 WHERE algorithm = $1 AND state = 'signing'",
        algorithm.name(),
        now.millis(),
    )?;
    execute!(
        tx,
        "UPDATE signing_keys SET state = 'signing', signing_from = $2 WHERE algorithm = $1 AND state = 'next'",
        algorithm.name(),
        now.millis(),
    )?;
    Ok(())
}
