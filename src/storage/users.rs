//! Users: people, global to the instance.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Topic, Tx};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};

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

/// Changes whether a person's account may be used at all.
pub async fn set_status(tx: &mut Tx<'_>, id: UserId, status: UserStatus) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE users SET status = $2 WHERE id = $1",
        id.to_string(),
        status.as_str()
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
    Ok(())
}
