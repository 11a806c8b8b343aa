//! Our own keys at SAML providers.

use super::query::{execute, fetch};
use super::{StorageError, Tx};
use crate::domain::time::Timestamp;

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSamlKey {
    /// What it is used for.
    pub name: String,
    /// PKCS #8, sealed.
    pub sealed_private: Vec<u8>,
    /// DER in base64.
    pub certificate: String,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct SamlKeyRow {
    name: String,
    sealed_private: Vec<u8>,
    certificate: String,
    created_at: i64,
}

impl From<SamlKeyRow> for StoredSamlKey {
    fn from(columns: SamlKeyRow) -> Self {
        Self {
            name: columns.name,
            sealed_private: columns.sealed_private,
            certificate: columns.certificate,
            created_at: Timestamp::from_millis(columns.created_at),
        }
    }
}

/// The one of this name.
pub async fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<StoredSamlKey>, StorageError> {
    let row = fetch!(
        fetch_optional as SamlKeyRow,
        tx,
        "SELECT name, sealed_private, certificate, created_at FROM saml_keys WHERE name = $1",
        name,
    )?;
    Ok(row.map(Into::into))
}

/// Stores one, unless there is one of its name already: of many who try, one's is kept.
pub async fn insert(tx: &mut Tx<'_>, key: &StoredSamlKey) -> Result<bool, StorageError> {
    let stored = execute!(
        tx,
        "INSERT INTO saml_keys (name, sealed_private, certificate, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO NOTHING",
        &key.name,
        key.sealed_private.as_slice(),
        &key.certificate,
        key.created_at.millis(),
    )?;
    Ok(stored == 1)
}
