//! Consents: what a person lets an application know, for an organization.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{ApplicationId, OrganizationId, UserId};
use crate::domain::oauth::Scope;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

/// What a consent is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentKey {
    /// Who agreed.
    pub user: UserId,
    /// To whom.
    pub application: ApplicationId,
    /// For which organization.
    pub organization: OrganizationId,
}

/// What was agreed to, if anything.
pub async fn scope_of(tx: &mut Tx<'_>, key: ConsentKey) -> Result<Option<Scope>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT scope FROM consents WHERE user_id = $1 AND application_id = $2 AND organization_id = $3",
        key.user.to_string(),
        key.application.to_string(),
        key.organization.to_string(),
    )?;
    row.map(|(scope,)| Row::of("consents", &key.application.to_string()).parse("scope", &scope))
        .transpose()
}

/// Replaces what was agreed to.
pub async fn put(
    tx: &mut Tx<'_>,
    key: ConsentKey,
    scope: &Scope,
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO consents (user_id, application_id, organization_id, scope, agreed_at) \
         VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id, application_id, organization_id) \
         DO UPDATE SET scope = excluded.scope, agreed_at = excluded.agreed_at",
        key.user.to_string(),
        key.application.to_string(),
        key.organization.to_string(),
        scope.to_string(),
        now.millis(),
    )?;
    Ok(())
}

/// A consent as its person is shown it.
#[derive(Debug, Clone)]
pub struct Consent {
    /// What it is about.
    pub key: ConsentKey,
    /// What the application is called.
    pub application_name: DisplayName,
    /// The organization's slug.
    pub organization_name: OrganizationName,
    /// What was agreed to.
    pub scope: Scope,
    /// When.
    pub agreed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ConsentRow {
    application_id: String,
    organization_id: String,
    application_name: String,
    organization_name: String,
    scope: String,
    agreed_at: i64,
}

/// A person's consents, for one organization or all, by application and organization; a page begins after the two ids
/// with a space between.
pub async fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
    page: &Page,
) -> Result<Vec<Consent>, StorageError> {
    let rows = fetch!(
        fetch_all as ConsentRow,
        tx,
        "SELECT c.application_id, c.organization_id, a.name AS application_name, o.name AS organization_name, \
         c.scope, c.agreed_at FROM consents c JOIN applications a ON a.id = c.application_id \
         JOIN organizations o ON o.id = c.organization_id \
         WHERE c.user_id = $1 AND c.application_id || ' ' || c.organization_id > $2 \
         AND ($4 = '' OR c.organization_id = $4) ORDER BY c.application_id, c.organization_id LIMIT $3",
        user.to_string(),
        &page.after,
        page.limit,
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    rows.into_iter()
        .map(|columns| {
            let row = Row::of("consents", &columns.application_id);
            Ok(Consent {
                key: ConsentKey {
                    user,
                    application: row.parse("application_id", &columns.application_id)?,
                    organization: row.parse("organization_id", &columns.organization_id)?,
                },
                application_name: row.some("name", DisplayName::parse(&columns.application_name).ok())?,
                organization_name: row.parse("name", &columns.organization_name)?,
                scope: row.parse("scope", &columns.scope)?,
                agreed_at: Timestamp::from_millis(columns.agreed_at),
            })
        })
        .collect()
}

/// How many consents a person has given, for one organization or all.
pub async fn count_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    place: Option<OrganizationId>,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM consents WHERE user_id = $1 AND ($2 = '' OR organization_id = $2)",
        user.to_string(),
        place.map_or_else(String::new, |id| id.to_string()),
    )?;
    Ok(count)
}

/// Takes a consent back; answers `false` if there was none.
pub async fn delete(tx: &mut Tx<'_>, key: ConsentKey) -> Result<bool, StorageError> {
    let deleted = execute!(
        tx,
        "DELETE FROM consents WHERE user_id = $1 AND application_id = $2 AND organization_id = $3",
        key.user.to_string(),
        key.application.to_string(),
        key.organization.to_string(),
    )?;
    Ok(deleted == 1)
}

/// Takes back everything that a person agreed to.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM consents WHERE user_id = $1", user.to_string())?;
    Ok(())
}
