//! The audit log as it is read: newest first, by the index that finds the fewest.
//!
//! An event's id begins with its time, so a stretch of time is a stretch of ids, and so is a page.

use super::audit_events::StoredEvent;
use super::query::fetch;
use super::{StorageError, Tx};
use crate::domain::audit::Category;
use crate::domain::id::{OrganizationId, UserId};

/// Which events.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose log; the instance's own if it is nobody's.
    pub organization: Option<OrganizationId>,
    /// By whom, in whose place, or to whom.
    pub user: Option<UserId>,
    /// Of this id or a later one.
    pub from: String,
    /// Of an earlier id than this.
    pub before: String,
    /// `noun.verb`; empty for all.
    pub action: String,
    /// `success` or `refused`; empty for both.
    pub result: String,
    /// To what; empty for all.
    pub target: String,
    /// At most so many.
    pub limit: i64,
}

impl Filter {
    fn chain(&self) -> String {
        self.organization.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// The newest events that a filter lets through, newest first.
pub async fn list(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    if let Some(user) = filter.user {
        by_or_on(tx, user, filter).await
    } else if !filter.target.is_empty() {
        on(tx, filter).await
    } else if filter.result == "refused" {
        refused(tx, filter).await
    } else if !filter.action.is_empty() && Category::of(&filter.action) != Category::Token {
        of_action(tx, filter).await
    } else {
        every(tx, filter).await
    }
}

/// Events of tokens are so many that none is far from the next, and so have no index of their own.
async fn every(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM audit_events WHERE COALESCE(organization_id, '') = $1 AND id >= $2 AND id < $3 \
         AND ($4 = '' OR result = $4) AND ($5 = '' OR action = $5) ORDER BY id DESC LIMIT $6",
        filter.chain(),
        &filter.from,
        &filter.before,
        &filter.result,
        &filter.action,
        filter.limit,
    )
}

async fn by_or_on(tx: &mut Tx<'_>, user: UserId, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM (SELECT * FROM audit_events WHERE COALESCE(on_behalf_of, actor) = $1 \
          AND COALESCE(organization_id, '') = $2 AND id >= $3 AND id < $4 AND ($5 = '' OR action = $5) \
          AND ($6 = '' OR result = $6) AND ($7 = '' OR target = $7) ORDER BY id DESC LIMIT $8) AS by_them \
         UNION SELECT * FROM (SELECT * FROM audit_events WHERE target = $1 AND COALESCE(organization_id, '') = $2 \
          AND id >= $3 AND id < $4 AND ($5 = '' OR action = $5) AND ($6 = '' OR result = $6) \
          AND ($7 = '' OR target = $7) ORDER BY id DESC LIMIT $8) AS on_them \
         ORDER BY id DESC LIMIT $8",
        user.to_string(),
        filter.chain(),
        &filter.from,
        &filter.before,
        &filter.action,
        &filter.result,
        &filter.target,
        filter.limit,
    )
}

async fn on(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM audit_events WHERE target = $1 AND COALESCE(organization_id, '') = $2 AND id >= $3 AND id < $4 \
         AND ($5 = '' OR action = $5) AND ($6 = '' OR result = $6) ORDER BY id DESC LIMIT $7",
        &filter.target,
        filter.chain(),
        &filter.from,
        &filter.before,
        &filter.action,
        &filter.result,
        filter.limit,
    )
}

async fn refused(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM audit_events WHERE COALESCE(organization_id, '') = $1 AND result = 'refused' \
         AND id >= $2 AND id < $3 AND ($4 = '' OR action = $4) ORDER BY id DESC LIMIT $5",
        filter.chain(),
        &filter.from,
        &filter.before,
        &filter.action,
        filter.limit,
    )
}

async fn of_action(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM audit_events WHERE COALESCE(organization_id, '') = $1 AND action = $2 \
         AND category <> 'token' AND id >= $3 AND id < $4 AND ($5 = '' OR result = $5) ORDER BY id DESC LIMIT $6",
        filter.chain(),
        &filter.action,
        &filter.from,
        &filter.before,
        &filter.result,
        filter.limit,
    )
}

/// What changed who may do what, newest first.
pub async fn permission_changes(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM audit_events WHERE COALESCE(organization_id, '') = $1 AND category = 'access' \
         AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        filter.chain(),
        &filter.from,
        &filter.before,
        filter.limit,
    )
}

/// A person's sign-ins, failed ones among them, newest first: in one organization's log, or wherever they are.
pub async fn sign_ins(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<StoredEvent>, StorageError> {
    fetch!(
        fetch_all as StoredEvent,
        tx,
        "SELECT * FROM (SELECT * FROM audit_events WHERE COALESCE(on_behalf_of, actor) = $1 \
          AND category = 'sign_in' AND id >= $2 AND id < $3 AND ($4 = '' OR organization_id = $4) \
          ORDER BY id DESC LIMIT $5) AS by_them \
         UNION SELECT * FROM (SELECT * FROM audit_events WHERE target = $1 AND category = 'sign_in' \
          AND id >= $2 AND id < $3 AND ($4 = '' OR organization_id = $4) ORDER BY id DESC LIMIT $5) AS on_them \
         ORDER BY id DESC LIMIT $5",
        user.to_string(),
        &filter.from,
        &filter.before,
        filter.chain(),
        filter.limit,
    )
}
