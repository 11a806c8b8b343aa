//! Families: the tokens that descend from one authorization live and die together.

use super::consents::ConsentKey;
use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{ActivationId, ApplicationId, FamilyId, OrganizationId, UserId};
use crate::domain::oauth::Scope;
use crate::domain::time::Timestamp;

/// A family as stored.
#[derive(Debug, Clone)]
pub struct Family {
    /// The first part of its tokens' `jti`.
    pub id: FamilyId,
    /// Who got them.
    pub application: ApplicationId,
    /// Whose they are.
    pub user: UserId,
    /// For which organization.
    pub organization: OrganizationId,
    /// The session that acted.
    pub activation: ActivationId,
    /// What was agreed to.
    pub scope: Scope,
    /// When all of them died, if they did.
    pub revoked_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct FamilyRow {
    id: String,
    application_id: String,
    user_id: String,
    organization_id: String,
    activation_id: String,
    scope: String,
    revoked_at: Option<i64>,
}

impl TryFrom<FamilyRow> for Family {
    type Error = StorageError;

    fn try_from(columns: FamilyRow) -> Result<Self, StorageError> {
        let row = Row::of("families", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            application: row.parse("application_id", &columns.application_id)?,
            user: row.parse("user_id", &columns.user_id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            activation: row.parse("activation_id", &columns.activation_id)?,
            scope: row.parse("scope", &columns.scope)?,
            revoked_at: timestamp(columns.revoked_at),
        })
    }
}

/// Stores a new family.
pub async fn insert(tx: &mut Tx<'_>, family: &Family, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO families (id, application_id, user_id, organization_id, activation_id, scope, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        family.id.to_string(),
        family.application.to_string(),
        family.user.to_string(),
        family.organization.to_string(),
        family.activation.to_string(),
        family.scope.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Family(family.id));
    Ok(())
}

/// The family of an id, revoked or not.
pub async fn by_id(tx: &mut Tx<'_>, id: FamilyId) -> Result<Option<Family>, StorageError> {
    let row = fetch!(
        fetch_optional as FamilyRow,
        tx,
        "SELECT id, application_id, user_id, organization_id, activation_id, scope, revoked_at \
         FROM families WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Ends a family; answers `false` if it had ended already.
pub async fn revoke(tx: &mut Tx<'_>, id: FamilyId, now: Timestamp) -> Result<bool, StorageError> {
    let revoked = execute!(
        tx,
        "UPDATE families SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        id.to_string(),
        now.millis(),
    )?;
    tx.changed(Topic::Family(id));
    Ok(revoked == 1)
}

/// Ends every family of a person in an organization.
pub async fn revoke_of_member(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $3 \
         WHERE user_id = $1 AND organization_id = $2 AND revoked_at IS NULL RETURNING id",
        user.to_string(),
        organization.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}

/// Ends every family that an activation began, those that would outlive it too.
pub async fn revoke_of_activation(
    tx: &mut Tx<'_>,
    activation: ActivationId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $2 WHERE activation_id = $1 AND revoked_at IS NULL RETURNING id",
        activation.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}

/// Ends every family that stands on a consent.
pub async fn revoke_of_consent(
    tx: &mut Tx<'_>,
    consent: ConsentKey,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $4 WHERE user_id = $1 AND application_id = $2 AND organization_id = $3 \
         AND revoked_at IS NULL RETURNING id",
        consent.user.to_string(),
        consent.application.to_string(),
        consent.organization.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}
