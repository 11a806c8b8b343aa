//! Authorization codes: stored by hash, redeemed once.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::oauth::{AuthorizationCode, CodeChallenge};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A code as found.
#[derive(Debug, Clone)]
pub struct StoredCode {
    /// What it stands for.
    pub code: AuthorizationCode,
    /// When it was redeemed, if it was.
    pub consumed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    family_id: String,
    application_id: String,
    user_id: String,
    organization_id: String,
    activation_id: String,
    redirect_uri: String,
    scope: String,
    resources: String,
    nonce: Option<String>,
    code_challenge: Option<String>,
    created_at: i64,
    expires_at: i64,
    consumed_at: Option<i64>,
}

impl TryFrom<CodeRow> for StoredCode {
    type Error = StorageError;

    fn try_from(columns: CodeRow) -> Result<Self, StorageError> {
        let row = Row::of("authorization_codes", &columns.family_id);
        let challenge = columns.code_challenge.map(CodeChallenge::try_from).transpose();
        Ok(Self {
            code: AuthorizationCode {
                family: row.parse("family_id", &columns.family_id)?,
                application: row.parse("application_id", &columns.application_id)?,
                user: row.parse("user_id", &columns.user_id)?,
                organization: row.parse("organization_id", &columns.organization_id)?,
                activation: row.parse("activation_id", &columns.activation_id)?,
                scope: row.parse("scope", &columns.scope)?,
                resources: row.parse_list("resources", &columns.resources)?,
                code_challenge: challenge.map_err(|_| row.corrupt("code_challenge"))?,
                created_at: Timestamp::from_millis(columns.created_at),
                expires_at: Timestamp::from_millis(columns.expires_at),
                nonce: columns.nonce,
                redirect_uri: columns.redirect_uri,
            },
            consumed_at: columns.consumed_at.map(Timestamp::from_millis),
        })
    }
}

/// Stores a new code.
pub async fn insert(
    tx: &mut Tx<'_>,
    hash: &SecretHash,
    code: &AuthorizationCode,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO authorization_codes (code_hash, family_id, application_id, user_id, organization_id, \
         activation_id, redirect_uri, scope, resources, nonce, code_challenge, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        hash.as_bytes(),
        code.family.to_string(),
        code.application.to_string(),
        code.user.to_string(),
        code.organization.to_string(),
        code.activation.to_string(),
        &code.redirect_uri,
        code.scope.to_string(),
        code.resources.join(" "),
        code.nonce.as_deref(),
        code.code_challenge.clone().map(String::from),
        code.created_at.millis(),
        code.expires_at.millis(),
    )?;
    Ok(())
}

/// The code of a hash, redeemed or not.
pub async fn find(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<StoredCode>, StorageError> {
    let row = fetch!(
        fetch_optional as CodeRow,
        tx,
        "SELECT family_id, application_id, user_id, organization_id, activation_id, redirect_uri, scope, resources, \
         nonce, code_challenge, created_at, expires_at, consumed_at FROM authorization_codes WHERE code_hash = $1",
        hash.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Redeems a code. Of many who try, one is answered `true`.
pub async fn consume(tx: &mut Tx<'_>, hash: &SecretHash, now: Timestamp) -> Result<bool, StorageError> {
    let consumed = execute!(
        tx,
        "UPDATE authorization_codes SET consumed_at = $2 WHERE code_hash = $1 AND consumed_at IS NULL",
        hash.as_bytes(),
        now.millis(),
    )?;
    Ok(consumed == 1)
}

/// Forgets codes that expired before `before`: late enough that a reuse is still seen while their tokens live.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM authorization_codes WHERE expires_at < $1",
        before.millis()
    )
}
