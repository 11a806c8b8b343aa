//! `/v2/organizations/{org}/members/batch`: many members changed or removed in one request.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::batch::{Batch, Results};
use super::body::Body;
use super::call::{Call, organization_named};
use super::members::{Member, MemberToChange, Status, role};
use super::problem::Problem;
use crate::directory::members::{self, MemberChange, RoleChange};
use crate::directory::require;
use crate::domain::access::Permission;
use crate::storage::Lane;

/// What becomes of one member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberItem {
    /// Who, by id or email address.
    #[schema(example = "bob@acme.example")]
    user: String,
    /// Another role by name; null takes the role away.
    #[serde(default, deserialize_with = "role")]
    #[schema(value_type = Option<String>, example = "developer")]
    role: Option<RoleChange>,
    /// Whether the membership lets them act.
    #[schema(nullable = false)]
    status: Option<Status>,
    /// Why the status changes.
    #[schema(nullable = false, max_length = 500)]
    reason: Option<String>,
    /// Whether they are removed; nothing else is changed then.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    remove: bool,
}

/// What was asked for one member.
#[derive(Clone)]
enum Step {
    Change(MemberChange),
    Remove,
}

impl MemberItem {
    fn read(self) -> Result<(String, Step), Problem> {
        let changes = self.role.is_some() || self.status.is_some() || self.reason.is_some();
        if self.remove {
            if changes {
                return Err(Problem::field("/remove", "whoever is removed is not changed too"));
            }
            return Ok((self.user, Step::Remove));
        }
        let change = MemberToChange {
            role: self.role,
            status: self.status,
            reason: self.reason,
        };
        Ok((self.user, Step::Change(change.read()?)))
    }
}

/// Change many members
///
/// Each is changed or removed as if asked alone, one after the other; one that is refused keeps no other from it. Needs
/// `member:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/members/batch", tag = "members",
    operation_id = "change_members", request_body = Batch<MemberItem>,
    responses((status = 200, description = "What became of each", body = Results<Member>)))]
pub async fn change(
    call: Call,
    Path(org): Path<String>,
    Body { value, .. }: Body<Batch<MemberItem>>,
) -> Result<Json<Results<Member>>, Problem> {
    let organization = call.admit(&org, Permission::MemberWrite).await?;
    let mut results = Results::none();
    for item in value.items()? {
        let done = match item.read() {
            Ok((user, step)) => one(&call, Lane::Organization(organization), &org, user, step).await,
            Err(problem) => Err(problem),
        };
        let status = |value: Option<Member>| match value {
            Some(member) => (StatusCode::OK, Some(member)),
            None => (StatusCode::NO_CONTENT, None),
        };
        results.push(&call, done.map(status))?;
    }
    Ok(Json(results))
}

async fn one(
    call: &Call,
    lane: Lane,
    org: &str,
    user: String,
    step: Step,
) -> Result<Option<Member>, Problem> {
    let input = (org.to_owned(), user, step);
    call.write(lane, input, |tx, requester, (org, user, step)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let found = members::find(tx, &permit, user).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            match step {
                Step::Change(change) => {
                    members::change(tx, &permit, keyring, &found, change, now).await?;
                    Ok(Some(Member::of(&members::find(tx, &permit, user).await?)))
                }
                Step::Remove => {
                    members::remove(tx, &permit, keyring, &found, now).await?;
                    Ok(None)
                }
            }
        })
    })
    .await
}
