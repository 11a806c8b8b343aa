//! Invitations, and the groups that each leads into.

use super::query::{execute, fetch};
use super::roles::role_from;
use super::row::{Row, timestamp};
use super::{StorageError, Tx};
use crate::domain::access::GroupName;
use crate::domain::email::Email;
use crate::domain::id::{GroupId, InvitationId, OrganizationId};
use crate::domain::invitation::{Invitation, LIFETIME, Message, State};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// An invitation's link, as it is kept.
#[derive(Clone)]
pub struct StoredLink {
    /// What the secret in it is found by.
    pub hash: SecretHash,
    /// The secret, sealed, for the reminder.
    pub sealed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(super) struct InvitationRow {
    id: String,
    organization_id: String,
    email: String,
    role_id: Option<String>,
    role_name: Option<String>,
    role_permissions: Option<String>,
    message: String,
    invited_by: String,
    state: String,
    created_at: i64,
    sent_at: i64,
    expires_at: i64,
    reminded_at: Option<i64>,
    ended_at: Option<i64>,
    accepted_by: Option<String>,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StorageError;

    fn try_from(columns: InvitationRow) -> Result<Self, StorageError> {
        let row = Row::of("invitations", &columns.id);
        let role = match (&columns.role_id, columns.role_name, &columns.role_permissions) {
            (Some(id), Some(name), Some(permissions)) => Some(role_from(id, name, permissions)?),
            (None, None, None) => None,
            _ => return Err(row.corrupt("role_id")),
        };
        let ended = timestamp(columns.ended_at);
        let state = match (columns.state.as_str(), ended, &columns.accepted_by) {
            ("pending", None, None) => State::Pending {
                expires_at: Timestamp::from_millis(columns.expires_at),
            },
            ("accepted", Some(at), Some(by)) => State::Accepted {
                by: row.parse("accepted_by", by)?,
                at,
            },
            ("cancelled", Some(at), None) => State::Cancelled { at },
            ("expired", Some(at), None) => State::Expired { at },
            _ => return Err(row.corrupt("state")),
        };
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            email: row.parse("email", &columns.email)?,
            role,
            message: row.some("message", Message::parse(&columns.message).ok())?,
            invited_by: columns.invited_by,
            created_at: Timestamp::from_millis(columns.created_at),
            sent_at: Timestamp::from_millis(columns.sent_at),
            reminded_at: timestamp(columns.reminded_at),
            state,
        })
    }
}

/// Stores a new, pending invitation; answers `false` if the address has one already.
pub async fn insert(
    tx: &mut Tx<'_>,
    new: &Invitation,
    link: &StoredLink,
    groups: &[GroupId],
) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO invitations (id, organization_id, email, email_comparable, role_id, message, invited_by, \
         secret_hash, sealed_secret, state, created_at, sent_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $10, $11) \
         ON CONFLICT (organization_id, email_comparable) WHERE state = 'pending' DO NOTHING",
        new.id.to_string(),
        new.organization.to_string(),
        new.email.as_str(),
        new.email.comparable(),
        new.role.as_ref().map(|role| role.id.to_string()),
        new.message.as_str(),
        &new.invited_by,
        link.hash.as_bytes(),
        &link.sealed,
        new.created_at.millis(),
        new.created_at.plus(LIFETIME).millis(),
    )?;
    if inserted == 0 {
        return Ok(false);
    }
    for group in groups {
        execute!(
            tx,
            "INSERT INTO invitation_groups (organization_id, invitation_id, group_id) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
            new.organization.to_string(),
            new.id.to_string(),
            group.to_string(),
        )?;
    }
    Ok(true)
}

/// An organization's invitation.
pub async fn by_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Option<Invitation>, StorageError> {
    let row = fetch!(
        fetch_optional as InvitationRow,
        tx,
        "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, i.expires_at, \
         i.reminded_at, i.ended_at, i.accepted_by FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
         WHERE i.organization_id = $1 AND i.id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The invitation that a link leads to, whatever became of it.
pub async fn by_secret(tx: &mut Tx<'_>, hash: &SecretHash) -> Result<Option<Invitation>, StorageError> {
    let row = fetch!(
        fetch_optional as InvitationRow,
        tx,
        "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, i.expires_at, \
         i.reminded_at, i.ended_at, i.accepted_by FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
         WHERE i.secret_hash = $1",
        hash.as_bytes(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The invitation of an address that nobody noted the end of.
pub async fn pending_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    email: &Email,
) -> Result<Option<Invitation>, StorageError> {
    let row = fetch!(
        fetch_optional as InvitationRow,
        tx,
        "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, i.expires_at, \
         i.reminded_at, i.ended_at, i.accepted_by FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
         WHERE i.organization_id = $1 AND i.email_comparable = $2 AND i.state = 'pending'",
        organization.to_string(),
        email.comparable(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The groups that an invitation leads into, by name.
pub async fn groups(tx: &mut Tx<'_>, id: InvitationId) -> Result<Vec<GroupName>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT g.id, g.name FROM invitation_groups i JOIN groups g ON g.id = i.group_id \
         WHERE i.invitation_id = $1 ORDER BY g.name",
        id.to_string(),
    )?;
    rows.into_iter()
        .map(|(id, name)| {
            Ok(GroupName {
                id: Row::of("groups", &id).parse("id", &id)?,
                name,
            })
        })
        .collect()
}

/// Stores what became of an invitation that can still be accepted; answers `false` if something else did meanwhile. The
/// link is kept no longer.
pub async fn end(tx: &mut Tx<'_>, ended: &Invitation) -> Result<bool, StorageError> {
    let (at, by) = match ended.state {
        State::Pending { .. } => return Ok(false),
        State::Accepted { by, at } => (at, Some(by.to_string())),
        State::Cancelled { at } | State::Expired { at } => (at, None),
    };
    let ended = execute!(
        tx,
        "UPDATE invitations SET state = $3, ended_at = $4, accepted_by = $5, sealed_secret = NULL \
         WHERE organization_id = $1 AND id = $2 AND state IN ('pending', 'expired')",
        ended.organization.to_string(),
        ended.id.to_string(),
        ended.state.as_str(),
        at.millis(),
        by,
    )?;
    Ok(ended == 1)
}

/// Gives an invitation that was not accepted another link: the old one dies.
pub async fn renew(tx: &mut Tx<'_>, renewed: &Invitation, link: &StoredLink) -> Result<bool, StorageError> {
    let renewed = execute!(
        tx,
        "UPDATE invitations SET state = 'pending', ended_at = NULL, reminded_at = NULL, invited_by = $3, sent_at = $4, \
         expires_at = $5, secret_hash = $6, sealed_secret = $7 \
         WHERE organization_id = $1 AND id = $2 AND state IN ('pending', 'expired')",
        renewed.organization.to_string(),
        renewed.id.to_string(),
        &renewed.invited_by,
        renewed.sent_at.millis(),
        renewed.sent_at.plus(LIFETIME).millis(),
        link.hash.as_bytes(),
        &link.sealed,
    )?;
    Ok(renewed == 1)
}

/// Some of the invitations that were sent before a moment, and nobody was reminded of.
pub async fn unreminded(
    tx: &mut Tx<'_>,
    sent_before: Timestamp,
    limit: i64,
) -> Result<Vec<(OrganizationId, InvitationId)>, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT organization_id, id FROM invitations WHERE state = 'pending' AND reminded_at IS NULL AND sent_at <= $1 \
         ORDER BY sent_at LIMIT $2",
        sent_before.millis(),
        limit,
    )?;
    rows.into_iter()
        .map(|(organization, id)| {
            let row = Row::of("invitations", &id);
            Ok((
                row.parse("organization_id", &organization)?,
                row.parse("id", &id)?,
            ))
        })
        .collect()
}

/// Notes that somebody is reminded, and hands out the sealed secret for it, once. Nothing if that is over, or was done.
pub async fn remind(
    tx: &mut Tx<'_>,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row = fetch!(
        fetch_optional as (Option<Vec<u8>>,),
        tx,
        "SELECT sealed_secret FROM invitations WHERE id = $1 AND state = 'pending' AND reminded_at IS NULL",
        id.to_string(),
    )?;
    execute!(
        tx,
        "UPDATE invitations SET reminded_at = $2, sealed_secret = NULL \
         WHERE id = $1 AND state = 'pending' AND reminded_at IS NULL",
        id.to_string(),
        now.millis(),
    )?;
    Ok(row.and_then(|(sealed,)| sealed))
}

/// Notes the end of those whose time is up, and keeps their links no longer.
pub async fn expire(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE invitations SET state = 'expired', ended_at = expires_at, sealed_secret = NULL \
         WHERE state = 'pending' AND expires_at <= $1",
        now.millis(),
    )?;
    Ok(())
}
