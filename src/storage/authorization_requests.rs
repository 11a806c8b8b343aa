//! Authorization requests that wait for their person. Reading one needs the browser it came from.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{ApplicationId, AuthorizationRequestId, OrganizationId};
use crate::domain::network::Network;
use crate::domain::oauth::AuthorizationRequest;
use crate::domain::secret::SecretHash;
use crate::domain::sign_in::SignIn;
use crate::domain::time::Timestamp;

/// A request that waits.
#[derive(Debug, Clone)]
pub struct WaitingRequest {
    /// Names it in addresses; opens nothing without the browser's cookie.
    pub id: AuthorizationRequestId,
    /// Who asks.
    pub application: ApplicationId,
    /// What is asked.
    pub request: AuthorizationRequest,
    /// The organization that the person chose, if they were asked.
    pub chosen_organization: Option<OrganizationId>,
    /// Whether they put off setting up a second factor.
    pub put_off: bool,
    /// When it came.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: String,
    application_id: String,
    request: String,
    chosen_organization_id: Option<String>,
    put_off: bool,
    created_at: i64,
}

impl TryFrom<RequestRow> for WaitingRequest {
    type Error = StorageError;

    fn try_from(columns: RequestRow) -> Result<Self, StorageError> {
        let row = Row::of("authorization_requests", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            application: row.parse("application_id", &columns.application_id)?,
            request: row.some("request", serde_json::from_str(&columns.request).ok())?,
            chosen_organization: row.parse_optional(
                "chosen_organization_id",
                columns.chosen_organization_id.as_deref(),
            )?,
            put_off: columns.put_off,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// Stores a request that must wait; answers `false` if its network has too many waiting already.
pub async fn insert(
    tx: &mut Tx<'_>,
    waiting: &WaitingRequest,
    browser: &SecretHash,
    network: Network,
) -> Result<bool, StorageError> {
    let now = waiting.created_at;
    let (unfinished,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM authorization_requests WHERE network = $1 AND expires_at > $2",
        network.to_string(),
        now.millis(),
    )?;
    if unfinished >= SignIn::MOST_PER_NETWORK {
        return Ok(false);
    }
    execute!(
        tx,
        "INSERT INTO authorization_requests \
         (id, browser_hash, application_id, network, request, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        waiting.id.to_string(),
        browser.as_bytes(),
        waiting.application.to_string(),
        network.to_string(),
        serde_json::to_string(&waiting.request).expect("a request is made of strings and numbers"),
        now.millis(),
        now.plus(SignIn::LIFETIME).millis(),
    )?;
    Ok(true)
}

/// The request of an id, in the browser it came from, unless it is forgotten.
pub async fn find(
    tx: &mut Tx<'_>,
    id: AuthorizationRequestId,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<WaitingRequest>, StorageError> {
    let row = fetch!(
        fetch_optional as RequestRow,
        tx,
        "SELECT id, application_id, request, chosen_organization_id, put_off, created_at \
         FROM authorization_requests WHERE id = $1 AND browser_hash = $2 AND expires_at > $3",
        id.to_string(),
        browser.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The newest request that waits in a browser.
pub async fn latest_in(
    tx: &mut Tx<'_>,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<WaitingRequest>, StorageError> {
    let row = fetch!(
        fetch_optional as RequestRow,
        tx,
        "SELECT id, application_id, request, chosen_organization_id, put_off, created_at \
         FROM authorization_requests WHERE browser_hash = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 1",
        browser.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Notes that the person puts off setting up a second factor.
pub async fn put_off(tx: &mut Tx<'_>, id: AuthorizationRequestId) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE authorization_requests SET put_off = TRUE WHERE id = $1",
        id.to_string(),
    )?;
    Ok(())
}

/// Notes which organization the person chose.
pub async fn choose_organization(
    tx: &mut Tx<'_>,
    id: AuthorizationRequestId,
    organization: OrganizationId,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE authorization_requests SET chosen_organization_id = $2 WHERE id = $1",
        id.to_string(),
        organization.to_string(),
    )?;
    Ok(())
}

/// Consumes a request that has its answer. Of many who try, one is answered `true`.
pub async fn consume(tx: &mut Tx<'_>, id: AuthorizationRequestId) -> Result<bool, StorageError> {
    Ok(execute!(
        tx,
        "DELETE FROM authorization_requests WHERE id = $1",
        id.to_string()
    )? == 1)
}

/// Forgets what has expired.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(
        tx,
        "DELETE FROM authorization_requests WHERE expires_at <= $1",
        now.millis()
    )
}
