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
use super::shown::Person;
use crate::directory::members::{self, MemberChange, RoleChange};
use crate::directory::require;
use crate::domain::access::Permission;
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberToChange {
    /// Another role by name; null takes the role away.
    #[serde(default, deserialize_with = "role")]
    #[schema(value_type = Option<String>, example = "developer")]
    role: Option<RoleChange>,
    /// Whether the membership lets them act. Whoever may not has no session, token or key here any more.
    #[schema(nullable = false)]
    status: Option<Status>,
}

impl MergePatch for MemberToChange {
    const NULLABLE: &'static [&'static str] = &["role"];
}

/// Tells `null` from nothing at all.
fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RoleChange>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(Some(name.map_or(RoleChange::ToNone, RoleChange::To)))
}

impl Status {
    fn of(status: MembershipStatus) -> Self {
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
    fn of(entry: &Entry) -> Self {
        Self {
            user: Person {
                id: entry.user.to_string(),
                email: entry.email.as_str().to_owned(),
                name: entry.name.as_str().to_owned(),
            },
            role: entry.role.clone(),
            status: Status::of(entry.status),
        }
    }
}

/// List members
///
/// Needs `member:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/members", tag = "members", operation_id = "list_members",
    params(
        ("query" = Option<String>, Query, description = "The beginning of an email address or name"),
        ("status" = Option<Status>, Query, description = "Of this status only"),
    ),
    responses((status = 200, description = "A page of members", body = List<Member>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Member>>, Problem> {
    asked.knows(&["query", "status"])?;
    let filter = Filter {
        status: asked.parsed("status")?,
        beginning: asked.get("query").unwrap_or_default().trim().to_lowercase(),
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
/// Needs `member:write`, and all that the member holds and is to hold. The last active owner stays one.
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
    let change = MemberChange {
        role: change.role,
        status: change.status.map(Status::meant),
    };
    let input = (org, user, conditions, change);
    let changed = call.write(lane, input, |tx, requester, (org, user, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let found = members::find(tx, &permit, user).await?;
            conditions.admit(&Member::of(&found))?;
            members::change(tx, &permit, &requester.keyring, &found, change, requester.now).await?;
            Ok(members::find(tx, &permit, user).await?)
        })
    });
    Ok(Conditions::default().answer(&Member::of(&changed.await?)))
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
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let removed = call.write(
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
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
