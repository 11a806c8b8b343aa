//! Consents: what a person lets an application know, for an organization.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{ApplicationId, OrganizationId, UserId};
use crate::domain::oauth::Scope;
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
