//! Sign-ins under way. Reading one needs the browser it belongs to.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::SignInId;
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;
use crate::domain::sign_in::{AccountPage, Onward, SignIn, Step};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct SignInRow {
    id: String,
    browser_hash: Vec<u8>,
    step: String,
    authorization_request_id: Option<String>,
    page: Option<String>,
    expires_at: i64,
}

impl TryFrom<SignInRow> for SignIn {
    type Error = StorageError;

    fn try_from(columns: SignInRow) -> Result<Self, StorageError> {
        let row = Row::of("sign_ins", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            browser: row.hash("browser_hash", &columns.browser_hash)?,
            step: row.some("step", serde_json::from_str(&columns.step).ok())?,
            onward: match (&columns.authorization_request_id, &columns.page) {
                (None, None) => Onward::Home,
                (Some(request), None) => Onward::Request(row.parse("authorization_request_id", request)?),
                (None, Some(page)) => Onward::Account(row.some("page", AccountPage::parse(page))?),
                (Some(_), Some(_)) => return Err(row.corrupt("page")),
            },
            expires_at: Timestamp::from_millis(columns.expires_at),
        })
    }
}

fn text_of(step: &Step) -> String {
    serde_json::to_string(step).expect("a step is made of strings")
}

/// Stores a sign-in that began; answers `false` if its network has too many already.
pub async fn insert(
    tx: &mut Tx<'_>,
    sign_in: &SignIn,
    network: Network,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (unfinished,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM sign_ins WHERE network = $1 AND expires_at > $2",
        network.to_string(),
        now.millis(),
    )?;
    if unfinished >= SignIn::MOST_PER_NETWORK {
        return Ok(false);
    }
    let page = match sign_in.onward {
        Onward::Account(page) => Some(page.as_str()),
        Onward::Home | Onward::Request(_) => None,
    };
    execute!(
        tx,
        "INSERT INTO sign_ins \
         (id, browser_hash, network, step, authorization_request_id, page, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        sign_in.id.to_string(),
        sign_in.browser.as_bytes(),
        network.to_string(),
        text_of(&sign_in.step),
        sign_in.onward.request().map(|id| id.to_string()),
        page,
        now.millis(),
        sign_in.expires_at.millis(),
    )?;
    Ok(true)
}

/// The sign-in of an id, in the browser it belongs to, unless it is forgotten.
pub async fn find(
    tx: &mut Tx<'_>,
    id: SignInId,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<SignIn>, StorageError> {
    let row = fetch!(
        fetch_optional as SignInRow,
        tx,
        "SELECT id, browser_hash, step, authorization_request_id, page, expires_at FROM sign_ins \
         WHERE id = $1 AND browser_hash = $2 AND expires_at > $3",
        id.to_string(),
        browser.as_bytes(),
        now.millis(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Consumes a sign-in at the step it was seen at. Of many who try, one is answered `true`.
pub async fn consume(tx: &mut Tx<'_>, sign_in: &SignIn) -> Result<bool, StorageError> {
    let consumed = execute!(
        tx,
        "DELETE FROM sign_ins WHERE id = $1 AND browser_hash = $2 AND step = $3",
        sign_in.id.to_string(),
        sign_in.browser.as_bytes(),
        text_of(&sign_in.step),
    )?;
    Ok(consumed == 1)
}

/// Goes from the step that a sign-in was seen at to the next. Of many who try, one is answered `true`.
pub async fn advance(tx: &mut Tx<'_>, sign_in: &SignIn, next: &Step) -> Result<bool, StorageError> {
    let advanced = execute!(
        tx,
        "UPDATE sign_ins SET step = $4 WHERE id = $1 AND browser_hash = $2 AND step = $3",
        sign_in.id.to_string(),
        sign_in.browser.as_bytes(),
        text_of(&sign_in.step),
        text_of(next),
    )?;
    Ok(advanced == 1)
}

/// Forgets what has expired.
pub async fn purge(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StorageError> {
    execute!(tx, "DELETE FROM sign_ins WHERE expires_at <= $1", now.millis())
}
