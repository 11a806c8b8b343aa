//! `/v2/organizations/{org}/groups`: groups, teams and departments. Who is in them is `group_members`.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, MergePatch, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::Once;
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::groups::{self, GroupChange};
use crate::directory::{DirectoryError, members, require};
use crate::domain::access::{GroupKind, GroupName, Permission};
use crate::domain::description::Description;
use crate::domain::text::DisplayName;
use crate::random;
use crate::storage;
use crate::storage::groups::Filter;

/// Named members with grants.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// Never changes.
    #[schema(example = "grp_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Unique in its organization, in whatever case.
    #[schema(example = "Field team")]
    name: String,
    /// What sort of group.
    kind: Kind,
    /// What it is for.
    description: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// What sort of group. It changes nothing about access.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any.
    Group,
    /// People who work together.
    Team,
    /// A part of the organization.
    Department,
}

/// A group to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupToMake {
    /// 1 to 100 characters.
    #[schema(example = "Field team", min_length = 1, max_length = 100)]
    name: String,
    /// A group if absent.
    #[schema(nullable = false)]
    kind: Option<Kind>,
    /// What it is for, at most 500 characters.
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
}

/// What can be changed of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupToChange {
    /// 1 to 100 characters.
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Another sort.
    #[schema(nullable = false)]
    kind: Option<Kind>,
    /// What it is for, at most 500 characters.
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
}

impl MergePatch for GroupToChange {}

impl Kind {
    fn of(kind: GroupKind) -> Self {
        match kind {
            GroupKind::Group => Self::Group,
            GroupKind::Team => Self::Team,
            GroupKind::Department => Self::Department,
        }
    }

    fn meant(self) -> GroupKind {
        match self {
            Self::Group => GroupKind::Group,
            Self::Team => GroupKind::Team,
            Self::Department => GroupKind::Department,
        }
    }
}

impl Group {
    fn of(group: &storage::groups::Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.as_str().to_owned(),
            kind: Kind::of(group.kind),
            description: group.description.as_str().to_owned(),
            created_at: group.created_at.to_string(),
        }
    }
}

fn group_name(text: &str) -> Result<DisplayName, Problem> {
    DisplayName::parse(text).map_err(|error| Problem::field("/name", error))
}

fn description(text: &str) -> Result<Description, Problem> {
    Description::parse(text).map_err(|error| Problem::field("/description", error))
}

/// List groups
///
/// Needs `group:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/groups", tag = "groups", operation_id = "list_groups",
    params(
        ("kind" = Option<Kind>, Query, description = "Of this sort only"),
        ("query" = Option<String>, Query, description = "The beginning of the name, in whatever case"),
        ("member" = Option<String>, Query, description = "Only those that this member is in, by id or email address"),
    ),
    responses((status = 200, description = "A page of groups", body = List<Group>)))]
pub async fn list(call: Call, Path(org): Path<String>, asked: Listing) -> Result<Json<List<Group>>, Problem> {
    asked.knows(&["kind", "query", "member"])?;
    let filter = Filter {
        kind: asked.parsed("kind")?,
        beginning: GroupName::comparable(asked.get("query").unwrap_or_default().trim()),
        member: None,
    };
    let found = call.read((org, asked, filter), |tx, requester, (org, asked, filter)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupRead).await?;
            let list = asked.of(requester, format!("groups {organization}"))?;
            let mut filter = filter.clone();
            if let Some(user) = asked.get("member") {
                match members::find(tx, &permit, user).await {
                    Ok(member) => filter.member = Some(member.membership),
                    Err(DirectoryError::NotFound) => return Ok(list.nothing()),
                    Err(other) => return Err(other.into()),
                }
            }
            let found = groups::list(tx, &permit, &filter, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), Group::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a group
///
/// Needs `group:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/groups/{group}", tag = "groups", operation_id = "get_group",
    responses((status = 200, description = "The group", body = Group)))]
pub async fn get(
    call: Call,
    Path((org, group)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, group), |tx, requester, (org, group)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupRead).await?;
            Ok(groups::find(tx, &permit, id_named(group)?).await?)
        })
    });
    Ok(conditions.answer(&Group::of(&found.await?)))
}

/// Make a group
///
/// It grants nothing until it is given grants. Needs `group:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/groups", tag = "groups", operation_id = "create_group",
    request_body = GroupToMake,
    responses((status = 201, description = "The group was made", body = Group)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<GroupToMake>,
) -> Result<Response, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let new = storage::groups::Group {
        id: random::id(call.now()),
        name: group_name(&value.name)?,
        kind: value.kind.map(Kind::meant).unwrap_or_default(),
        description: description(value.description.as_deref().unwrap_or_default())?,
        created_at: call.now(),
    };
    let made = call.change(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            groups::create(tx, &permit, &requester.keyring, new, &[], requester.now).await?;
            let made = Group::of(&groups::find(tx, &permit, new.id).await?);
            let location = format!("/v2/organizations/{organization}/groups/{}", new.id);
            attempt.made(tx, requester, location, &made).await
        })
    });
    Ok(made.await?.answer(|made| made))
}

/// Change a group
///
/// Needs `group:write`, and all that the group grants.
#[utoipa::path(patch, path = "/v2/organizations/{org}/groups/{group}", tag = "groups", operation_id = "update_group",
    request_body(content = GroupToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The group as it is now", body = Group)))]
pub async fn update(
    call: Call,
    Path((org, group)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<GroupToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let change = GroupChange {
        name: change.name.as_deref().map(group_name).transpose()?,
        kind: change.kind.map(Kind::meant),
        description: change.description.as_deref().map(description).transpose()?,
    };
    let input = (org, group, conditions, change);
    let changed = call.change(lane, input, |tx, requester, (org, group, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupWrite).await?;
            let found = groups::find(tx, &permit, id_named(group)?).await?;
            conditions.admit(&Group::of(&found))?;
            groups::change(tx, &permit, &requester.keyring, &found, change, requester.now).await?;
            Ok(groups::find(tx, &permit, found.id).await?)
        })
    });
    Ok(changed
        .await?
        .answer(|found| Conditions::default().answer(&Group::of(&found))))
}

/// Delete a group
///
/// With its grants: whoever was in it no longer holds them. Needs `group:write`, and all that the group grants.
#[utoipa::path(delete, path = "/v2/organizations/{org}/groups/{group}", tag = "groups", operation_id = "delete_group",
    responses((status = 204, description = "The group is gone")))]
pub async fn delete(
    call: Call,
    Path((org, group)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, group, conditions);
    let deleted = call.change(lane, input, |tx, requester, (org, group, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupWrite).await?;
            let found = groups::find(tx, &permit, id_named(group)?).await?;
            conditions.admit(&Group::of(&found))?;
            Ok(groups::delete(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    Ok(deleted.await?.answer(|()| StatusCode::NO_CONTENT))
}
