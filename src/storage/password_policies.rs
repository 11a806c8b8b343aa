//! What the organizations of a person ask of a new password.

use super::query::fetch;
use super::{StorageError, Tx};
use crate::domain::id::{OrganizationId, UserId};

/// What all of them together ask: the strictest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters; 0 if nobody asks.
    pub min_length: i64,
    /// From how many of the latest passwords a new one differs.
    pub history: i64,
    /// What the organizations are called, each by both of its names.
    pub names: Vec<String>,
}

/// The policy for a user: of every organization that they belong to, in whatever state.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<PasswordPolicy, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, i64, i64),
        tx,
        "SELECT o.name, o.display_name, o.password_min_length, o.password_history \
         FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = $1",
        user.to_string(),
    )?;
    Ok(strictest(rows))
}

/// The policy for whoever is about to belong to an organization, and to no other.
pub async fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<PasswordPolicy, StorageError> {
    let rows = fetch!(
        fetch_all as (String, String, i64, i64),
        tx,
        "SELECT name, display_name, password_min_length, password_history FROM organizations WHERE id = $1",
        organization.to_string(),
    )?;
    Ok(strictest(rows))
}

fn strictest(rows: Vec<(String, String, i64, i64)>) -> PasswordPolicy {
    let mut policy = PasswordPolicy::default();
    for (name, display_name, min_length, history) in rows {
        policy.min_length = policy.min_length.max(min_length);
        policy.history = policy.history.max(history);
        policy.names.extend([name, display_name]);
    }
    policy
}
