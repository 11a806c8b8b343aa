//! Users: people, global to the instance. Their profiles are in `profiles`, who manages them in `managed_users`.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx, managed_users, user_words};
use crate::domain::email::Email;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::search::words_of;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserState, UserStatus};

#[derive(sqlx::FromRow)]
struct UserRow {
    id: String,
    email: String,
    email_verified: bool,
    name: String,
    status: String,
    superuser: bool,
    default_organization_id: Option<String>,
}

impl TryFrom<UserRow> for User {
    type Error = StorageError;

    fn try_from(columns: UserRow) -> Result<Self, StorageError> {
        let row = Row::of("users", &columns.id);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            email: row.parse("email", &columns.email)?,
            email_verified: columns.email_verified,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            status: row.parse("status", &columns.status)?,
            superuser: columns.superuser,
            default_organization: row.parse_optional(
                "default_organization_id",
                columns.default_organization_id.as_deref(),
            )?,
        })
    }
}

/// Stores a new user; answers `false` if somebody has the email address already.
pub async fn insert(tx: &mut Tx<'_>, user: &User, now: Timestamp) -> Result<bool, StorageError> {
    let inserted = execute!(
        tx,
        "INSERT INTO users \
         (id, email, email_comparable, email_verified, name, status, superuser, default_organization_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email_comparable) DO NOTHING",
        user.id.to_string(),
        user.email.as_str(),
        user.email.comparable(),
        user.email_verified,
        user.name.as_str(),
        user.status.as_str(),
        user.superuser,
        user.default_organization.map(|id| id.to_string()),
        now.millis(),
    )?;
    tx.changed(Topic::User(user.id));
    if inserted == 1 {
        user_words::put(tx, user.id, &words_of(&user.email, &user.name)).await?;
    }
    Ok(inserted == 1)
}

/// The user of an id.
pub async fn by_id(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>, StorageError> {
    let row = fetch!(
        fetch_optional as UserRow,
        tx,
        "SELECT id, email, email_verified, name, status, superuser, default_organization_id \
         FROM users WHERE id = $1",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// The user of an email address, however it is typed.
pub async fn by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<User>, StorageError> {
    let row = fetch!(
        fetch_optional as UserRow,
        tx,
        "SELECT id, email, email_verified, name, status, superuser, default_organization_id \
         FROM users WHERE email_comparable = $1",
        email.comparable(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Whether the instance has its first owner.
pub async fn any_superuser(tx: &mut Tx<'_>) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT id FROM users WHERE superuser LIMIT 1"
    )?;
    Ok(row.is_some())
}

/// Notes when a person last signed in.
pub async fn signed_in(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET last_sign_in_at = $2 WHERE id = $1",
        id.to_string(),
        now.millis()
    )?;
    tx.changed(Topic::User(id));
    Ok(())
}

/// Changes whether a person's account may be used at all, and notes since when and why not.
pub async fn set_state(tx: &mut Tx<'_>, id: UserId, state: &UserState) -> Result<(), StorageError> {
    let (since, reason) = match state {
        UserState::Active => (None, ""),
        UserState::Suspended(ended) => (Some(ended.since.millis()), ended.reason.as_str()),
        UserState::Deleted(since) => (Some(since.millis()), ""),
    };
    execute!(
        tx,
        "UPDATE users SET status = $2, status_changed_at = $3, status_reason = $4 WHERE id = $1",
        id.to_string(),
        state.status().as_str(),
        since,
        reason,
    )?;
    tx.changed(Topic::User(id));
    Ok(())
}

/// Changes what a person is called.
pub async fn rename(tx: &mut Tx<'_>, id: UserId, name: &DisplayName) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET name = $2 WHERE id = $1",
        id.to_string(),
        name.as_str(),
    )?;
    tx.changed(Topic::User(id));
    find_by_words_of_now(tx, id).await
}

/// Changes where a person is written to, and what they sign in with; answers `false` if somebody else has that address.
pub async fn set_email(
    tx: &mut Tx<'_>,
    id: UserId,
    email: &Email,
    verified: bool,
) -> Result<bool, StorageError> {
    if by_email(tx, email).await?.is_some_and(|owner| owner.id != id) {
        return Ok(false);
    }
    let earlier = by_id(tx, id).await?;
    if earlier.is_some_and(|earlier| earlier.email.domain() != email.domain()) {
        managed_users::forget_agreement(tx, id).await?;
    }
    let changed = execute!(
        tx,
        "UPDATE users SET email = $2, email_comparable = $3, email_verified = $4 WHERE id = $1",
        id.to_string(),
        email.as_str(),
        email.comparable(),
        verified,
    )?;
    tx.changed(Topic::User(id));
    find_by_words_of_now(tx, id).await?;
    Ok(changed == 1)
}

/// Lets a person be found by the email and name they have now.
async fn find_by_words_of_now(tx: &mut Tx<'_>, id: UserId) -> Result<(), StorageError> {
    match by_id(tx, id).await? {
        Some(user) => user_words::put(tx, id, &words_of(&user.email, &user.name)).await,
        None => Ok(()),
    }
}

/// Changes where a person acts unless they say otherwise.
pub async fn set_default_organization(
    tx: &mut Tx<'_>,
    id: UserId,
    organization: Option<OrganizationId>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET default_organization_id = $2 WHERE id = $1",
        id.to_string(),
        organization.map(|id| id.to_string()),
    )?;
    tx.changed(Topic::User(id));
    Ok(())
}

/// Lets a person stand above organizations, or not any more.
pub async fn set_superuser(tx: &mut Tx<'_>, id: UserId, superuser: bool) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET superuser = $2 WHERE id = $1",
        id.to_string(),
        superuser
    )?;
    tx.changed(Topic::User(id));
    Ok(())
}

/// Those who stand above organizations and can act.
pub async fn superusers(tx: &mut Tx<'_>) -> Result<Vec<UserId>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT id FROM users WHERE superuser AND status = $1 ORDER BY id LIMIT 100",
        UserStatus::Active.as_str(),
    )?;
    let id = |(id,): (String,)| Row::of("users", &id).parse("id", &id);
    rows.into_iter().map(id).collect()
}

/// Whether somebody else stands above organizations and can act.
pub async fn another_superuser(tx: &mut Tx<'_>, besides: UserId) -> Result<bool, StorageError> {
    let row = fetch!(
        fetch_optional as (String,),
        tx,
        "SELECT id FROM users WHERE superuser AND status = $2 AND id <> $1 LIMIT 1",
        besides.to_string(),
        UserStatus::Active.as_str(),
    )?;
    Ok(row.is_some())
}

/// Forgets who somebody was: the id stays, and that they are gone. The address is free again.
pub async fn erase(tx: &mut Tx<'_>, id: UserId, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET email = $2, email_comparable = $2, email_verified = $3, name = $4, status = $5, \
         status_changed_at = $6, status_reason = '', superuser = $3, managed_by = NULL, \
         default_organization_id = NULL, timezone = '', language = '', phone = '', address = '', \
         preferences = '{}', last_sign_in_at = NULL WHERE id = $1",
        id.to_string(),
        format!("{id}@deleted.invalid"),
        false,
        "Deleted user",
        UserStatus::Deleted.as_str(),
        now.millis(),
    )?;
    tx.changed(Topic::User(id));
    user_words::put(tx, id, &[]).await
}
