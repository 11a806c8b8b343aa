//! Families: the tokens that descend from one authorization live and die together.

use super::query::{execute, fetch};
use super::row::{Row, timestamp};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{ActivationId, FamilyId, OrganizationId, SessionId, UserId};
use crate::domain::oauth::Family;
use crate::domain::session::Authentication;
use crate::domain::time::Timestamp;
use crate::storage::consents::ConsentKey;

#[derive(sqlx::FromRow)]
struct FamilyRow {
    id: String,
    application_id: String,
    user_id: String,
    organization_id: String,
    activation_id: String,
    scope: String,
    resources: String,
    authenticated_at: i64,
    acr: String,
    amr: String,
    offline: bool,
    expires_at: i64,
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
            resources: row.parse_list("resources", &columns.resources)?,
            authentication: Authentication {
                at: Timestamp::from_millis(columns.authenticated_at),
                amr: row.parse_list("amr", &columns.amr)?,
                acr: columns.acr,
            },
            offline: columns.offline,
            expires_at: Timestamp::from_millis(columns.expires_at),
            revoked_at: timestamp(columns.revoked_at),
        })
    }
}

/// Stores a new family.
pub async fn insert(tx: &mut Tx<'_>, family: &Family, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO families (id, application_id, user_id, organization_id, activation_id, scope, resources, \
         authenticated_at, acr, amr, offline, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        family.id.to_string(),
        family.application.to_string(),
        family.user.to_string(),
        family.organization.to_string(),
        family.activation.to_string(),
        family.scope.to_string(),
        family.resources.join(" "),
        family.authentication.at.millis(),
        &family.authentication.acr,
        family.authentication.amr.join(" "),
        family.offline,
        family.expires_at.millis(),
        now.millis(),
    )?;
    tx.changed(Topic::Family(family.id));
    Ok(())
}

/// The family of an id, alive or not.
pub async fn by_id(tx: &mut Tx<'_>, id: FamilyId) -> Result<Option<Family>, StorageError> {
    let row = fetch!(
        fetch_optional as FamilyRow,
        tx,
        "SELECT id, application_id, user_id, organization_id, activation_id, scope, resources, authenticated_at, acr, \
         amr, offline, expires_at, revoked_at FROM families WHERE id = $1",
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

/// Ends every family that a session's activations began, those that would outlive it too.
pub async fn revoke_of_session(
    tx: &mut Tx<'_>,
    session: SessionId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $2 WHERE revoked_at IS NULL \
         AND activation_id IN (SELECT id FROM activations WHERE session_id = $1) RETURNING id",
        session.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}

/// Ends every family that hangs on a consent; answers which.
pub async fn revoke_of_consent(
    tx: &mut Tx<'_>,
    key: ConsentKey,
    now: Timestamp,
) -> Result<Vec<FamilyId>, StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $4 WHERE user_id = $1 AND application_id = $2 AND organization_id = $3 \
         AND revoked_at IS NULL RETURNING id",
        key.user.to_string(),
        key.application.to_string(),
        key.organization.to_string(),
        now.millis(),
    )?;
    let mut families = Vec::with_capacity(ended.len());
    for (id,) in ended {
        let family = Row::of("families", &id).parse("id", &id)?;
        tx.changed(Topic::Family(family));
        families.push(family);
    }
    Ok(families)
}

/// Forgets families that ended, either way, before `before`, with their refresh tokens.
pub async fn purge(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StorageError> {
    let gone = fetch!(
        fetch_all as (String,),
        tx,
        "DELETE FROM families WHERE expires_at < $1 OR revoked_at < $1 RETURNING id",
        before.millis()
    )?;
    for (id,) in &gone {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(gone.len() as u64)
}

/// Ends every family of a person, wherever and however long it was to live.
pub async fn revoke_of_user(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id",
        user.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}

/// Ends every family of a person but those of one session.
pub async fn revoke_of_user_but(
    tx: &mut Tx<'_>,
    user: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let ended = fetch!(
        fetch_all as (String,),
        tx,
        "UPDATE families SET revoked_at = $3 WHERE user_id = $1 AND revoked_at IS NULL \
         AND activation_id NOT IN (SELECT id FROM activations WHERE session_id = $2) RETURNING id",
        user.to_string(),
        session.to_string(),
        now.millis(),
    )?;
    for (id,) in &ended {
        tx.changed(Topic::Family(Row::of("families", id).parse("id", id)?));
    }
    Ok(())
}
