//! Which organization manages a user's account, if any (DESIGN §4, "Whose user is it?").

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::email::{Email, EmailDomain};
use crate::domain::id::{OrganizationId, UserId};

/// Why an organization manages somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It made the account: by an invitation, or as its own directory told it to.
    Invited,
    /// The person agreed to it, which counts as long as their email domain is the organization's.
    Agreed,
}

/// An organization that manages somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Management {
    /// Which.
    pub organization: OrganizationId,
    /// Why.
    pub because: Because,
}

/// Lets an organization manage a user; answers `false` if none ever may again.
pub async fn manage(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
    because: Because,
) -> Result<bool, StorageError> {
    let managed = execute!(
        tx,
        "UPDATE users SET managed_by = $2, managed_by_choice = $3 WHERE id = $1 AND NOT never_managed",
        user.to_string(),
        organization.to_string(),
        because == Because::Agreed,
    )?;
    tx.changed(Topic::User(user));
    Ok(managed == 1)
}

/// The organization that manages a user now: the one that was noted, as long as they are no superuser, belong to it and
/// to no other, and, where they agreed to it, their email domain is its own.
pub async fn manager(tx: &mut Tx<'_>, user: UserId) -> Result<Option<OrganizationId>, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT u.managed_by FROM users u WHERE u.id = $1 AND u.managed_by IS NOT NULL AND NOT u.superuser \
         AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organization_id = u.managed_by) \
         AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.organization_id <> u.managed_by) \
         AND (NOT u.managed_by_choice OR EXISTS (SELECT 1 FROM domains d \
              WHERE d.organization_id = u.managed_by AND u.email LIKE '%@' || d.domain))",
        user.to_string(),
    )?;
    row.map(|(organization,)| Row::of("users", &user.to_string()).parse("managed_by", &organization))
        .transpose()
}

/// Who was noted as managing a user, whether or not it still holds.
pub async fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Management>, StorageError> {
    let row = fetch!(
        fetch_optional as (Option<String>, bool),
        tx,
        "SELECT managed_by, managed_by_choice FROM users WHERE id = $1",
        user.to_string(),
    )?;
    let Some((Some(organization), agreed)) = row else {
        return Ok(None);
    };
    let key = user.to_string();
    Ok(Some(Management {
        organization: Row::of("users", &key).parse("managed_by", &organization)?,
        because: if agreed { Because::Agreed } else { Because::Invited },
    }))
}

/// Ends for good that anybody manages a user who belongs to a second organization, or to another than manages them.
pub async fn second_membership_accepted(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET managed_by = NULL, never_managed = $2 WHERE id = $1 AND NOT never_managed AND \
         ((SELECT COUNT(*) FROM memberships WHERE user_id = $1) > 1 OR \
         EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = $1 AND m.organization_id <> users.managed_by))",
        user.to_string(),
        true,
    )?;
    tx.changed(Topic::User(user));
    Ok(())
}

/// Ends that a user is managed because they agreed to it.
pub(super) async fn forget_agreement(tx: &mut Tx<'_>, user: UserId) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET managed_by = NULL, managed_by_choice = $2 WHERE id = $1 AND managed_by_choice",
        user.to_string(),
        false,
    )?;
    tx.changed(Topic::User(user));
    Ok(())
}

/// Ends that an organization manages those who agreed to it by their email addresses in a domain.
pub(super) async fn forget_agreements(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    domain: &EmailDomain,
) -> Result<(), StorageError> {
    let agreed = fetch!(
        fetch_all as (String, String),
        tx,
        "SELECT id, email FROM users WHERE managed_by = $1 AND managed_by_choice",
        organization.to_string(),
    )?;
    for (id, email) in agreed {
        let row = Row::of("users", &id);
        let email: Email = row.parse("email", &email)?;
        if email.domain() == domain.as_str() {
            forget_agreement(tx, row.parse("id", &id)?).await?;
        }
    }
    Ok(())
}
