//! `/v2/organizations/{org}/groups/{group}/members`: who is in a group, and who leads it.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::batch::{Batch, Results};
use super::body::Body;
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::Person;
use crate::directory::{Requester, group_members, groups, require, require_in_group};
use crate::domain::access::Permission;
use crate::domain::id::GroupId;
use crate::storage::group_members::Entry;
use crate::storage::{Tx, Work};

/// Somebody who is in a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupMember {
    /// Who.
    user: Person,
    /// Whether they lead it, and so may change its other members.
    lead: bool,
}

/// As what somebody is to be in a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMemberToPut {
    /// Whether they lead it; as before if absent.
    #[schema(nullable = false)]
    lead: Option<bool>,
}

/// One change of a batch.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupMemberItem {
    /// Who, by id or email address.
    #[schema(example = "bob@example.com")]
    user: String,
    /// Whether they lead it; as before if absent.
    #[schema(nullable = false)]
    lead: Option<bool>,
    /// Whether they are to be put out.
    #[serde(default)]
    #[schema(default = false)]
    remove: bool,
}

impl GroupMember {
    fn of(entry: &Entry) -> Self {
        Self {
            user: Person {
                id: entry.user.to_string(),
                email: entry.email.as_str().to_owned(),
                name: entry.name.as_str().to_owned(),
            },
            lead: entry.lead,
        }
    }
}

/// List the members of a group
///
/// Needs `group:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/groups/{group}/members", tag = "groups",
    operation_id = "list_group_members",
    responses((status = 200, description = "A page of members", body = List<GroupMember>)))]
pub async fn list(
    call: Call,
    Path((org, group)): Path<(String, String)>,
    asked: Listing,
) -> Result<Json<List<GroupMember>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, group, asked), |tx, requester, (org, group, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::GroupRead).await?;
            let group = groups::find(tx, &permit, id_named(group)?).await?;
            let list = asked.of(requester, format!("members of {}", group.id))?;
            let found = group_members::list(tx, &permit, &group, &list.page).await?;
            Ok(list.show(found, |row| row.membership.to_string(), GroupMember::of))
        })
    });
    Ok(Json(found.await?))
}

/// Put a member into a group
///
/// Or make one a lead, or none. Needs `group:write`, or to lead the group, which is not enough to make leads; and for
/// good, or by the group itself, all that it grants.
#[utoipa::path(put, path = "/v2/organizations/{org}/groups/{group}/members/{user}", tag = "groups",
    operation_id = "put_group_member", request_body = GroupMemberToPut,
    responses((status = 200, description = "The member as they are now", body = GroupMember)))]
pub async fn put(
    call: Call,
    Path((org, group, user)): Path<(String, String, String)>,
    Body { value, .. }: Body<GroupMemberToPut>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let item = GroupMemberItem {
        user,
        lead: value.lead,
        remove: false,
    };
    let changed = call.change(lane, (org, group, item), one).await?;
    Ok(changed.answer(|entry| Conditions::default().answer(&entry)))
}

/// Put a member out of a group
///
/// Needs `group:write`, or to lead the group, which is not enough to put a lead out; and all that the group grants.
#[utoipa::path(delete, path = "/v2/organizations/{org}/groups/{group}/members/{user}", tag = "groups",
    operation_id = "remove_group_member",
    responses((status = 204, description = "They are no longer in the group")))]
pub async fn remove(
    call: Call,
    Path((org, group, user)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let item = GroupMemberItem {
        user,
        lead: None,
        remove: true,
    };
    let removed = call.change(lane, (org, group, item), one).await?;
    Ok(removed.answer(|_| StatusCode::NO_CONTENT))
}

/// Change many members of a group
///
/// Each item is what a PUT or a DELETE is alone, in its own transaction. Asked twice it does nothing twice.
#[utoipa::path(post, path = "/v2/organizations/{org}/groups/{group}/members/batch", tag = "groups",
    operation_id = "change_group_members", request_body = Batch<GroupMemberItem>,
    responses((status = 200, description = "What became of each item", body = Results<GroupMember>)))]
pub async fn batch(
    call: Call,
    Path((org, group)): Path<(String, String)>,
    Body { value, .. }: Body<Batch<GroupMemberItem>>,
) -> Result<Json<Results<GroupMember>>, Problem> {
    let items = value.items()?;
    admit(&call, &org, &group).await?;
    let lane = call.lane_of(&org).await?;
    let mut results = Results::none();
    for item in items {
        let outcome = call.write(lane, (org.clone(), group.clone(), item), one).await;
        let outcome = outcome.map(|member| {
            let status = if member.is_some() {
                StatusCode::OK
            } else {
                StatusCode::NO_CONTENT
            };
            (status, member)
        });
        results.push(&call, outcome)?;
    }
    Ok(Json(results))
}

/// The group that a path names. Where there is none, an id that nobody has: that it does not exist is told by the access
/// check, after it knows who asks.
fn group_named(text: &str) -> GroupId {
    text.parse()
        .unwrap_or_else(|_| GroupId::from_uuid(uuid::Uuid::nil()))
}

/// Whether whoever asks may change who is in the group at all: what refuses each item alike refuses the whole batch.
async fn admit(call: &Call, org: &str, group: &str) -> Result<(), Problem> {
    call.read(
        (org.to_owned(), group.to_owned()),
        |tx, requester, (org, group)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require_in_group(tx, requester, organization, group_named(group)).await?;
                group_members::group(tx, &permit).await?;
                Ok(())
            })
        },
    )
    .await
}

/// Does one item; answers the member as they are now, or nothing of one who was put out.
fn one<'a>(
    tx: &'a mut Tx<'_>,
    requester: &'a Requester,
    (org, group, item): &'a (String, String, GroupMemberItem),
) -> Work<'a, Option<GroupMember>, Problem> {
    Box::pin(async move {
        let organization = organization_named(tx, org).await?;
        let permit = require_in_group(tx, requester, organization, group_named(group)).await?;
        let (keyring, now) = (&requester.keyring, requester.now);
        if item.remove {
            group_members::remove(tx, &permit, keyring, &item.user, now).await?;
            return Ok(None);
        }
        let entry = group_members::put(tx, &permit, keyring, &item.user, item.lead, now).await?;
        Ok(Some(GroupMember::of(&entry)))
    })
}
