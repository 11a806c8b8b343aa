//! Deleting an organization with everything that is in it, in an order that leaves no row without what it refers to.
//!
//! The audit log keeps what happened there.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::id::OrganizationId;

/// Runs a statement that answers the ids of rows that are read often, and tells that these have changed.
macro_rules! forget {
    ($tx:expr, $topic:path, $table:literal, $sql:literal, $organization:expr) => {{
        let gone = fetch!(fetch_all as (String,), $tx, $sql, $organization.to_string())?;
        for (id,) in &gone {
            $tx.changed($topic(Row::of($table, id).parse("id", id)?));
        }
    }};
}

/// Deletes an organization. From this transaction on no session acts for it, and no token or key of it opens anything.
pub async fn delete(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), StorageError> {
    what_acts(tx, organization).await?;
    who_belongs_to_it(tx, organization).await?;
    what_is_its_own(tx, organization).await?;
    execute!(
        tx,
        "DELETE FROM organizations WHERE id = $1",
        organization.to_string()
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Activations, keys, and all that was handed out there or by its applications elsewhere.
async fn what_acts(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), StorageError> {
    let activations = fetch!(
        fetch_all as (String, String),
        tx,
        "DELETE FROM activations WHERE organization_id = $1 RETURNING id, session_id",
        organization.to_string(),
    )?;
    for (id, session) in &activations {
        let row = Row::of("activations", id);
        tx.changed(Topic::Activation(row.parse("id", id)?));
        tx.changed(Topic::Session(row.parse("session_id", session)?));
    }
    forget!(
        tx,
        Topic::Key,
        "api_keys",
        "DELETE FROM api_keys WHERE organization_id = $1 RETURNING id",
        organization
    );
    forget!(
        tx,
        Topic::Family,
        "families",
        "DELETE FROM families WHERE organization_id = $1 RETURNING id",
        organization
    );
    forget!(
        tx,
        Topic::Family,
        "families",
        "DELETE FROM families WHERE application_id IN (SELECT id FROM applications WHERE organization_id = $1) \
         RETURNING id",
        organization
    );
    execute!(
        tx,
        "DELETE FROM authorization_codes WHERE organization_id = $1",
        organization.to_string()
    )?;
    execute!(
        tx,
        "UPDATE alerts SET organization_id = NULL WHERE organization_id = $1",
        organization.to_string()
    )?;
    execute!(
        tx,
        "DELETE FROM consents WHERE organization_id = $1",
        organization.to_string()
    )?;
    execute!(
        tx,
        "DELETE FROM authorization_requests WHERE chosen_organization_id = $1",
        organization.to_string()
    )?;
    Ok(())
}

/// Memberships, and what an organization is to people besides.
async fn who_belongs_to_it(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM grants WHERE organization_id = $1",
        organization.to_string()
    )?;
    execute!(
        tx,
        "DELETE FROM invitations WHERE organization_id = $1",
        organization.to_string()
    )?;
    forget!(
        tx,
        Topic::User,
        "memberships",
        "DELETE FROM memberships WHERE organization_id = $1 RETURNING user_id",
        organization
    );
    forget!(
        tx,
        Topic::User,
        "users",
        "UPDATE users SET managed_by = NULL WHERE managed_by = $1 RETURNING id",
        organization
    );
    forget!(
        tx,
        Topic::User,
        "users",
        "UPDATE users SET default_organization_id = NULL WHERE default_organization_id = $1 RETURNING id",
        organization
    );
    tx.changed(Topic::Organization(organization));
    Ok(())
}

/// Groups, roles, applications and products. Usage, reservations and domains go with the organization's own row.
async fn what_is_its_own(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM groups WHERE organization_id = $1",
        organization.to_string()
    )?;
    execute!(
        tx,
        "DELETE FROM roles WHERE organization_id = $1",
        organization.to_string()
    )?;
    forget!(
        tx,
        Topic::Application,
        "applications",
        "DELETE FROM applications WHERE organization_id = $1 RETURNING id",
        organization
    );
    execute!(
        tx,
        "DELETE FROM products WHERE organization_id = $1",
        organization.to_string()
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}
