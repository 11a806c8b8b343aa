//! What provisioning systems say of members beyond what there is of them anyway. It goes with the membership.

use std::collections::BTreeMap;

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::id::{MembershipId, OrganizationId, UserId};
use crate::domain::scim::ExternalId;

/// What a provisioning system says of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScimUser {
    /// What it calls them; nobody else in the organization is called so.
    pub external_id: Option<ExternalId>,
    /// Their given name; may be empty.
    pub given_name: String,
    /// Their family name; may be empty.
    pub family_name: String,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    user_id: String,
    external_id: Option<String>,
    given_name: String,
    family_name: String,
}

/// Notes what is said of a member. That nobody else is called so is the caller's to see to.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    member: MembershipId,
    user: &ScimUser,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO scim_users (membership_id, organization_id, external_id, given_name, family_name) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (membership_id) DO UPDATE SET external_id = excluded.external_id, \
         given_name = excluded.given_name, family_name = excluded.family_name",
        member.to_string(),
        organization.to_string(),
        user.external_id.as_ref().map(ExternalId::as_str),
        &user.given_name,
        &user.family_name,
    )?;
    Ok(())
}

/// What is said of an organization's members from one person's id to another's.
pub async fn between(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    first: UserId,
    last: UserId,
) -> Result<BTreeMap<UserId, ScimUser>, StorageError> {
    let rows = fetch!(
        fetch_all as UserRow,
        tx,
        "SELECT m.user_id, s.external_id, s.given_name, s.family_name FROM memberships m \
         JOIN scim_users s ON s.membership_id = m.id \
         WHERE m.organization_id = $1 AND m.user_id >= $2 AND m.user_id <= $3",
        organization.to_string(),
        first.to_string(),
        last.to_string(),
    )?;
    let each = rows.into_iter().map(|columns| {
        let row = Row::of("scim_users", &columns.user_id);
        let external_id = columns.external_id.as_deref().map(ExternalId::parse).transpose();
        let user = ScimUser {
            external_id: row.some("external_id", external_id.ok())?,
            given_name: columns.given_name,
            family_name: columns.family_name,
        };
        Ok((row.parse("user_id", &columns.user_id)?, user))
    });
    each.collect()
}

/// The member whom a provisioning system calls so.
pub async fn by_external_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    external_id: &ExternalId,
) -> Result<Option<UserId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT m.user_id FROM scim_users s JOIN memberships m ON m.id = s.membership_id \
         WHERE s.organization_id = $1 AND s.external_id = $2",
        organization.to_string(),
        external_id.as_str(),
    )?;
    row.map(|(user,)| Row::of("memberships", &user).parse("user_id", &user))
        .transpose()
}
