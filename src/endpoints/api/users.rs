//! `/v2/users`: the people of the installation, for superusers and for the organization that manages somebody.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{MergePatch, Patch};
use super::call::Call;
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::profile_fields::{ProfileFields, becomes, name};
use super::shown::avatar_url;
use crate::directory::people::{self, PersonChange, Use};
use crate::directory::{require_person, require_superuser};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::profile::Becomes;
use crate::storage::Lane;
use crate::storage::profiles::{Found, Whole};

/// A person of the installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Never changes, and never is another's.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Where they are written to.
    #[schema(example = "alice@example.com")]
    email: String,
    /// Whether somebody showed that it is theirs.
    email_verified: bool,
    /// What they are called.
    #[schema(example = "Alice Archer")]
    name: String,
    /// `active`, `suspended` or `deleted`, everywhere at once.
    #[schema(example = "active")]
    status: String,
    /// Why they are suspended; null if they are not, or if no reason was given.
    status_reason: Option<String>,
    /// Since when they are suspended; null if they are not.
    #[schema(format = DateTime)]
    status_since: Option<String>,
    /// Whether they stand above organizations.
    superuser: bool,
    /// The organization that was noted as managing them.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    managed_by: Option<String>,
    /// Where their clock is.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// What they read.
    #[schema(example = "de-AT")]
    language: Option<String>,
    /// Where they are called.
    #[schema(example = "+4930123456")]
    phone: Option<String>,
    /// Where they are found.
    address: Option<String>,
    /// Where their picture is on this server.
    #[schema(example = "/avatars/img_01kaxw3vd0f1wvj1d2sahtfxyz")]
    avatar_url: Option<String>,
    /// Since when there is the account.
    #[schema(format = DateTime)]
    created_at: String,
    /// When they last signed in.
    #[schema(format = DateTime)]
    last_sign_in_at: Option<String>,
}

/// Whether a person's account may be used.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// It may.
    Active,
    /// Nowhere.
    Suspended,
}

/// What can be changed of a person. There is no way to give anybody a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserToChange {
    /// 1 to 100 characters.
    #[schema(example = "Alice Archer", nullable = false)]
    name: Option<String>,
    /// The managing organization gives only addresses in its own domains. The old address is told.
    #[schema(example = "alice@acme.example", nullable = false)]
    email: Option<String>,
    /// An IANA name.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Becomes<String>,
    /// A BCP 47 tag of at most 35 characters.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "de-AT")]
    language: Becomes<String>,
    /// As E.164 has it.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "+4930123456")]
    phone: Becomes<String>,
    /// At most 8 lines and 500 characters.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>)]
    address: Becomes<String>,
    /// Whether the account may be used at all; a superuser says. Every session and token of whoever is suspended ends.
    #[schema(nullable = false)]
    status: Option<Account>,
    /// Why the status changes, in one line of at most 500 characters.
    #[schema(nullable = false, max_length = 500)]
    reason: Option<String>,
    /// Whether they stand above organizations; a superuser says. One always stays.
    #[schema(nullable = false)]
    superuser: Option<bool>,
}

impl MergePatch for UserToChange {
    const NULLABLE: &'static [&'static str] = &["timezone", "language", "phone", "address"];
}

impl UserToChange {
    fn read(self) -> Result<PersonChange, Problem> {
        let email = self.email.as_deref().map(Email::parse).transpose();
        let reason = self.reason.as_deref().map(Description::parse).transpose();
        let reason = reason.map_err(|error| Problem::field("/reason", error))?;
        if reason.is_some() && !matches!(self.status, Some(Account::Suspended)) {
            return Err(Problem::field("/reason", "a reason comes with a suspension"));
        }
        let fields = ProfileFields {
            timezone: self.timezone,
            language: self.language,
            phone: self.phone,
            address: self.address,
            preferences: None,
        };
        Ok(PersonChange {
            name: name(self.name.as_deref())?,
            profile: fields.read()?,
            email: email.map_err(|error| Problem::field("/email", error))?,
            status: self.status.map(|status| match status {
                Account::Active => Use::Active,
                Account::Suspended => Use::Suspended(reason.unwrap_or_default()),
            }),
            superuser: self.superuser,
        })
    }
}

impl User {
    fn of(whole: &Whole) -> Self {
        let (user, profile) = (&whole.user, &whole.profile);
        let suspended = whole.state.suspended();
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            name: user.name.as_str().to_owned(),
            status: user.status.to_string(),
            status_reason: suspended.and_then(|ended| given(ended.reason.as_str())),
            status_since: suspended.map(|ended| ended.since.to_string()),
            superuser: user.superuser,
            managed_by: whole.managed_by.map(|id| id.to_string()),
            timezone: profile.timezone.as_ref().and_then(|zone| given(zone.as_str())),
            language: profile
                .language
                .as_ref()
                .and_then(|language| given(language.as_str())),
            phone: profile.phone.as_ref().and_then(|phone| given(phone.as_str())),
            address: given(profile.address.as_str()),
            avatar_url: whole.avatar.map(avatar_url),
            created_at: whole.created_at.to_string(),
            last_sign_in_at: whole.last_sign_in_at.map(|at| at.to_string()),
        }
    }
}

/// List users
///
/// All of the installation who are not deleted. For superusers.
#[utoipa::path(get, path = "/v2/users", tag = "users", operation_id = "list_users",
    params(("query" = Option<String>, Query,
        description = "Beginnings of an email address or of words of a name, up to three; the list is in the order of what \
                       the first of them found")),
    responses((status = 200, description = "A page of users", body = List<User>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<User>>, Problem> {
    asked.knows(&["query"])?;
    let search = asked.search()?;
    let found = call.read((asked, search), |tx, requester, (asked, search)| {
        Box::pin(async move {
            let permit = require_superuser(tx, requester).await?;
            let list = asked.of(requester, format!("users {}", search.parts().join(" ")))?;
            let found = people::list(tx, &permit, search, &list.page).await?;
            let shown = |row: &Found| User::of(&row.whole);
            Ok(list.show(found, |row| row.place.clone(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Get a user
///
/// For superusers, and for the organization that manages the account: by `member:write` there, and all that the user
/// holds. To everybody else there is no such user.
#[utoipa::path(get, path = "/v2/users/{user}", tag = "users", operation_id = "get_user",
    responses((status = 200, description = "The user", body = User)))]
pub async fn get(call: Call, Path(user): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(user, |tx, requester, user| {
        Box::pin(async move {
            requester.recognise(tx).await?;
            let person = people::named(tx, user).await?;
            let permit = require_person(tx, requester, person).await?;
            Ok(people::find(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&User::of(&found.await?)))
}

/// Change a user
///
/// As for reading. Sessions stay as they are but for a suspension's.
#[utoipa::path(patch, path = "/v2/users/{user}", tag = "users", operation_id = "update_user",
    request_body(content = UserToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The user as they are now", body = User)))]
pub async fn update(
    call: Call,
    Path(user): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<UserToChange>,
) -> Result<Response, Problem> {
    let input = (user, conditions, change.read()?);
    let changed = call.write(
        Lane::Instance,
        input,
        |tx, requester, (user, conditions, change)| {
            Box::pin(async move {
                requester.recognise(tx).await?;
                let person = people::named(tx, user).await?;
                let permit = require_person(tx, requester, person).await?;
                let whole = people::find(tx, &permit).await?;
                conditions.admit(&User::of(&whole))?;
                people::change(tx, &permit, &requester.keyring, &whole, change, requester.now).await?;
                Ok(people::find(tx, &permit).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&User::of(&changed.await?)))
}

/// What a deletion is confirmed with.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Confirmation {
    #[serde(default)]
    confirm: String,
}

/// Delete a user
///
/// For good: the address is free then, the id is never another's, the audit log stays. The organization that manages the
/// account deactivates the membership first; waiting for 30 days is advised.
#[utoipa::path(delete, path = "/v2/users/{user}", tag = "users", operation_id = "delete_user",
    params(("confirm" = String, Query, description = "The user's email address, to show that they are meant")),
    responses((status = 204, description = "The user is deleted")))]
pub async fn delete(
    call: Call,
    Path(user): Path<String>,
    conditions: Conditions,
    Query(confirmation): Query<Confirmation>,
) -> Result<StatusCode, Problem> {
    let input = (user, conditions, confirmation);
    let deleted = call.write(
        Lane::Instance,
        input,
        |tx, requester, (user, conditions, typed)| {
            Box::pin(async move {
                requester.recognise(tx).await?;
                let person = people::named(tx, user).await?;
                let permit = require_person(tx, requester, person).await?;
                let whole = people::find(tx, &permit).await?;
                conditions.admit(&User::of(&whole))?;
                let (keyring, now) = (&requester.keyring, requester.now);
                Ok(people::delete(tx, &permit, keyring, &whole, &typed.confirm, now).await?)
            })
        },
    );
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
