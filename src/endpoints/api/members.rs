//! `/v2/organizations/{org}/members`: who belongs to an organization, and as what.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::body::{MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::{Person, avatar_url};
use crate::directory::members::{self, MemberChange, RoleChange, StatusChange};
use crate::directory::require;
use crate::domain::access::Permission;
use crate::domain::description::Description;
use crate::domain::membership::MembershipStatus;
use crate::storage::members::{Entry, Filter};

/// Somebody who belongs to an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    user: Person,
    /// The role's name; null for none, and then only groups and grants give permissions.
    #[schema(example = "developer")]
    role: Option<String>,
    /// Whether the membership lets them act.
    status: Status,
    /// Why it does not, in an administrator's words; null if it does, or if none were given.
    #[schema(example = "On leave")]
    status_reason: Option<String>,
    /// Since when it does not; null if it does.
    #[schema(format = DateTime)]
    status_since: Option<String>,
    /// Since when they belong to the organization.
    #[schema(format = DateTime)]
    joined_at: String,
    /// When they last signed in to act for this organization; null if they never did.
    #[schema(format = DateTime)]
    last_sign_in_at: Option<String>,
    /// Whether this organization manages their account: its administrators may then change the person too, not only the
    /// membership.
    managed: bool,
    /// Where their picture is on this server, if they have one.
    #[schema(example = "/avatars/img_01kaxw3vd0f1wvj1d2sahtfxyz")]
    avatar_url: Option<String>,
}

/// Whether a membership lets its user act.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does.
    Active,
    /// Put to rest.
    Inactive,
    /// Stopped by an administrator.
    Suspended,
}

/// What can be changed of a member.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberToChange {
    /// Another role by name; null takes the role away.
    #[serde(default, deserialize_with = "role")]
    #[schema(value_type = Option<String>, example = "developer")]
    pub(super) role: Option<RoleChange>,
    /// Whether the membership lets them act. Whoever may not has no session, token or key here any more.
    #[schema(nullable = false)]
    pub(super) status: Option<Status>,
    /// Why the status changes, in one line of at most 500 characters; the audit log keeps it.
    #[schema(example = "On leave", nullable = false, max_length = 500)]
    pub(super) reason: Option<String>,
}

impl MergePatch for MemberToChange {
    const NULLABLE: &'static [&'static str] = &["role"];
}

impl MemberToChange {
    /// What it comes to.
    pub(super) fn read(self) -> Result<MemberChange, Problem> {
        let reason = self.reason.as_deref().map(Description::parse).transpose();
        let reason = reason.map_err(|error| Problem::field("/reason", error))?;
        if reason.is_some() && self.status.is_none() {
            return Err(Problem::field("/reason", "a reason comes with a status"));
        }
        Ok(MemberChange {
            role: self.role,
            status: self.status.map(|status| StatusChange {
                to: status.meant(),
                reason: reason.unwrap_or_default(),
            }),
        })
    }
}

/// Tells `null` from nothing at all.
pub(super) fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RoleChange>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(Some(name.map_or(RoleChange::ToNone, RoleChange::To)))
}

impl Status {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.meant().as_str()
    }

    /// What is shown of one.
    pub(super) fn of(status: MembershipStatus) -> Self {
        match status {
            MembershipStatus::Active => Self::Active,
            MembershipStatus::Inactive => Self::Inactive,
            MembershipStatus::Suspended => Self::Suspended,
        }
    }

    fn meant(self) -> MembershipStatus {
        match self {
            Self::Active => MembershipStatus::Active,
            Self::Inactive => MembershipStatus::Inactive,
            Self::Suspended => MembershipStatus::Suspended,
        }
    }
}

impl Member {
    pub(super) fn of(entry: &Entry) -> Self {
        let ended = entry.state.ended();
        let reason = ended.map(|ended| ended.reason.as_str());
        Self {
            user: Person {
                id: entry.user.to_string(),
                email: entry.email.as_str().to_owned(),
                name: entry.name.as_str().to_owned(),
            },
            role: entry.role.clone(),
            status: Status::of(entry.state.status()),
            status_reason: reason.filter(|reason| !reason.is_empty()).map(str::to_owned),
            status_since: ended.map(|ended| ended.since.to_string()),
            joined_at: entry.joined_at.to_string(),
            last_sign_in_at: entry.last_sign_in_at.map(|at| at.to_string()),
            managed: entry.managed,
            avatar_url: entry.avatar.map(avatar_url),
        }
    }
}

/// List members
///
/// Needs `member:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/members", tag = "members", operation_id = "list_members",
    params(
        ("query" = Option<String>, Query, description = "Beginnings of an email address or of words of a name, up to three"),
        ("status" = Option<Status>, Query, description = "Of this status only"),
        ("role" = Option<String>, Query, description = "Of this role only, by its name"),
        ("not_signed_in_for" = Option<String>, Query,
            description = "Who has not signed in for this organization in so many days, such as `90d`; whoever never did \
                           counts from joining"),
        ("inactive_for" = Option<String>, Query,
            description = "Who has been inactive or suspended for so many days, such as `365d`"),
    ),
    responses((status = 200, description = "A page of members", body = List<Member>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Member>>, Problem> {
    asked.knows(&["query", "status", "role", "not_signed_in_for", "inactive_for"])?;
    let filter = Filter {
        idle_since: asked.days_before("not_signed_in_for", call.now())?,
        ended_since: asked.days_before("inactive_for", call.now())?,
        status: asked.parsed("status")?,
        role: asked.get("role").unwrap_or_default().to_owned(),
        search: asked.search()?,
    };
    let found = call.read((org, asked, filter), |tx, requester, (org, asked, filter)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberRead).await?;
            let list = asked.of(requester, format!("members {organization}"))?;
            let found = members::list(tx, &permit, filter, &list.page).await?;
            Ok(list.show(found, |row| row.user.to_string(), Member::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a member
///
/// Needs `member:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/members/{user}", tag = "members", operation_id = "get_member",
    responses((status = 200, description = "The member", body = Member)))]
pub async fn get(
    call: Call,
    Path((org, user)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, user), |tx, requester, (org, user)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberRead).await?;
            Ok(members::find(tx, &permit, user).await?)
        })
    });
    Ok(conditions.answer(&Member::of(&found.await?)))
}

/// Change a member
///
/// Needs `member:write`, and all that the member holds and is to hold. The last active owner stays one. Everything is kept
/// of whoever is inactive or suspended, and is theirs again when they come back.
#[utoipa::path(patch, path = "/v2/organizations/{org}/members/{user}", tag = "members", operation_id = "update_member",
    request_body(content = MemberToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The member as they are now", body = Member)))]
pub async fn update(
    call: Call,
    Path((org, user)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<MemberToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let change = change.read()?;
    let input = (org, user, conditions, change);
    let changed = call.change(lane, input, |tx, requester, (org, user, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let found = members::find(tx, &permit, user).await?;
            conditions.admit(&Member::of(&found))?;
            members::change(tx, &permit, &requester.keyring, &found, change, requester.now).await?;
            Ok(members::find(tx, &permit, user).await?)
        })
    });
    Ok(changed
        .await?
        .answer(|found| Conditions::default().answer(&Member::of(&found))))
}

/// Remove a member
///
/// With their sessions, tokens and keys here. Needs `member:write`, and all that the member holds. The last active owner
/// stays.
#[utoipa::path(delete, path = "/v2/organizations/{org}/members/{user}", tag = "members",
    operation_id = "remove_member",
    responses((status = 204, description = "They no longer belong to the organization")))]
pub async fn remove(
    call: Call,
    Path((org, user)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let removed = call.change(
        lane,
        (org, user, conditions),
        |tx, requester, (org, user, conditions)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
                let found = members::find(tx, &permit, user).await?;
                conditions.admit(&Member::of(&found))?;
                Ok(members::remove(tx, &permit, &requester.keyring, &found, requester.now).await?)
            })
        },
    );
    Ok(removed.await?.answer(|()| StatusCode::NO_CONTENT))
}
