//! Invitations as lists show them.

use super::invitations::InvitationRow;
use super::page::Page;
use super::query::fetch;
use super::{StorageError, Tx};
use crate::domain::id::OrganizationId;
use crate::domain::invitation::Invitation;
use crate::domain::time::Timestamp;

/// Which invitations.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state; in any if empty.
    pub state: &'static str,
    /// Whose email begins like this, in comparable form; whoever's if empty.
    pub beginning: String,
    /// Sent before then; whenever if absent.
    pub sent_before: Option<Timestamp>,
}

impl Filter {
    /// The end of time if no other is asked for.
    fn sent_before(&self) -> i64 {
        self.sent_before.map_or(i64::MAX, Timestamp::millis)
    }

    /// What is greater than all that begins like this: both databases compare bytes.
    fn end(&self) -> String {
        format!("{}{}", self.beginning, char::MAX)
    }
}

/// An organization's invitations: by id, or with the beginning of an email, by that; see [`place`].
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Invitation>, StorageError> {
    let organization = organization.to_string();
    let rows = if !filter.beginning.is_empty() {
        let (email, id) = page.after.split_once(' ').unwrap_or_default();
        fetch!(
            fetch_all as InvitationRow,
            tx,
            "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
             r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, \
             i.expires_at, i.reminded_at, i.ended_at, i.accepted_by \
             FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
             WHERE i.organization_id = $1 AND i.email_comparable >= $2 AND i.email_comparable < $3 \
             AND (i.email_comparable > $4 OR i.email_comparable = $4 AND i.id > $5) AND ($6 = '' OR i.state = $6) \
             AND i.sent_at < $8 \
             ORDER BY i.email_comparable, i.id LIMIT $7",
            organization,
            &filter.beginning,
            filter.end(),
            email,
            id,
            filter.state,
            page.limit,
            filter.sent_before(),
        )?
    } else if filter.state.is_empty() {
        fetch!(
            fetch_all as InvitationRow,
            tx,
            "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
             r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, \
             i.expires_at, i.reminded_at, i.ended_at, i.accepted_by \
             FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
             WHERE i.organization_id = $1 AND i.id > $2 AND i.sent_at < $4 ORDER BY i.id LIMIT $3",
            organization,
            &page.after,
            page.limit,
            filter.sent_before(),
        )?
    } else {
        fetch!(
            fetch_all as InvitationRow,
            tx,
            "SELECT i.id, i.organization_id, i.email, i.role_id, r.name AS role_name, \
             r.permissions AS role_permissions, i.message, i.invited_by, i.state, i.created_at, i.sent_at, \
             i.expires_at, i.reminded_at, i.ended_at, i.accepted_by \
             FROM invitations i LEFT JOIN roles r ON r.id = i.role_id \
             WHERE i.organization_id = $1 AND i.state = $2 AND i.id > $3 AND i.sent_at < $5 ORDER BY i.id LIMIT $4",
            organization,
            filter.state,
            &page.after,
            page.limit,
            filter.sent_before(),
        )?
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Where in its list an invitation stands: what the next page comes after.
pub fn place(filter: &Filter, invitation: &Invitation) -> String {
    if filter.beginning.is_empty() {
        invitation.id.to_string()
    } else {
        format!("{} {}", invitation.email.comparable(), invitation.id)
    }
}

/// How many invitations of that kind an organization has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM invitations WHERE organization_id = $1 AND email_comparable >= $2 \
         AND email_comparable < $3 AND ($4 = '' OR state = $4) AND sent_at < $5",
        organization.to_string(),
        &filter.beginning,
        filter.end(),
        filter.state,
        filter.sent_before(),
    )?;
    Ok(count)
}
