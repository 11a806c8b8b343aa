//! `/v2/organizations/{org}/roles`: named sets of permissions, six of them built in.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::idempotency::Once;
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::require;
use crate::directory::roles::{self, RoleChange};
use crate::domain::access::{Permission, PermissionSet, RoleName, RoleTemplate};
use crate::domain::description::Description;
use crate::random;
use crate::storage::roles::{OwnRole, StoredRole};

/// A named set of permissions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Role {
    /// Never changes.
    #[schema(example = "rol_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Unique in its organization.
    #[schema(example = "night-watch")]
    name: String,
    /// What it is for.
    #[schema(example = "Keeps an eye on things")]
    description: String,
    /// What it gives, on all products unless a grant limits it to one.
    #[schema(example = json!(["device:read", "deployment:read"]))]
    permissions: Vec<&'static str>,
    /// Whether it is one of the six that every organization has and none can change.
    built_in: bool,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// A role to make, from the beginning or by a template.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleToMake {
    /// 2 to 63 of a-z, 0-9 and hyphens, no hyphen at either end, and no built-in role's; the template's if absent.
    #[schema(
        example = "night-watch",
        nullable = false,
        pattern = "^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$"
    )]
    name: Option<String>,
    /// What it is for, at most 500 characters; the template's if absent.
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
    /// Permissions by name; the template's if absent.
    #[schema(value_type = Vec<String>, required = false, example = json!(["device:read"]))]
    permissions: Option<Vec<Permission>>,
    /// The template to make it by, see `GET /v2/role-templates`.
    #[schema(nullable = false, example = "team-manager")]
    template: Option<String>,
}

/// What can be changed of a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleToChange {
    /// Another name.
    #[schema(nullable = false, pattern = "^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$")]
    name: Option<String>,
    /// What it is for, at most 500 characters.
    #[schema(nullable = false, max_length = 500)]
    description: Option<String>,
    /// All that it gives from now on.
    #[schema(value_type = Vec<String>, required = false, example = json!(["device:read"]))]
    permissions: Option<Vec<Permission>>,
}

impl MergePatch for RoleToChange {}

impl Role {
    fn of(stored: &StoredRole) -> Self {
        Self {
            id: stored.role.id.to_string(),
            name: stored.role.name.clone(),
            description: stored.description.as_str().to_owned(),
            permissions: stored.role.permissions.iter().map(Permission::as_str).collect(),
            built_in: stored.built_in,
            created_at: stored.created_at.to_string(),
        }
    }
}

impl RoleToMake {
    /// Reads what the role is to be; what it does not say is said by its template.
    fn drawn(&self, call: &Call) -> Result<OwnRole, Problem> {
        let template = match &self.template {
            None => None,
            Some(name) => Some(
                RoleTemplate::named(name)
                    .ok_or_else(|| Problem::field("/template", "there is no such template"))?,
            ),
        };
        let name = self.name.as_deref().or(template.map(|template| template.name));
        let name = name.ok_or_else(|| Problem::field("/name", "a role needs a name"))?;
        let given = self
            .permissions
            .as_ref()
            .map(|given| given.iter().copied().collect());
        let given: Option<PermissionSet> = given.or(template.map(|template| template.permissions));
        let told = self
            .description
            .as_deref()
            .or(template.map(|template| template.description));
        Ok(OwnRole {
            id: random::id(call.now()),
            name: role_name(name)?,
            description: description(told.unwrap_or_default())?,
            permissions: given
                .ok_or_else(|| Problem::field("/permissions", "name permissions, or a template"))?,
        })
    }
}

fn role_name(text: &str) -> Result<RoleName, Problem> {
    RoleName::parse(text).map_err(|error| Problem::field("/name", error))
}

fn description(text: &str) -> Result<Description, Problem> {
    Description::parse(text).map_err(|error| Problem::field("/description", error))
}

/// List roles
///
/// The built-in ones and the organization's own. Needs `organization:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/roles", tag = "roles", operation_id = "list_roles",
    responses((status = 200, description = "A page of roles", body = List<Role>)))]
pub async fn list(call: Call, Path(org): Path<String>, asked: Listing) -> Result<Json<List<Role>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationRead).await?;
            let list = asked.of(requester, format!("roles {organization}"))?;
            let found = roles::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.role.id.to_string(), Role::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a role
///
/// Needs `organization:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/roles/{role}", tag = "roles", operation_id = "get_role",
    responses((status = 200, description = "The role", body = Role)))]
pub async fn get(
    call: Call,
    Path((org, role)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, role), |tx, requester, (org, role)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationRead).await?;
            Ok(roles::find(tx, &permit, role).await?)
        })
    });
    Ok(conditions.answer(&Role::of(&found.await?)))
}

/// Make a role
///
/// Needs `role:write`, and for good all that the role is to give.
#[utoipa::path(post, path = "/v2/organizations/{org}/roles", tag = "roles", operation_id = "create_role",
    request_body = RoleToMake,
    responses((status = 201, description = "The role was made", body = Role)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<RoleToMake>,
) -> Result<Response, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let new = value.drawn(&call)?;
    let made = call.change(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            roles::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            let id = new.id.to_string();
            let made = Role::of(&roles::find(tx, &permit, &id).await?);
            let location = format!("/v2/organizations/{organization}/roles/{id}");
            attempt.made(tx, requester, location, &made).await
        })
    });
    Ok(made.await?.answer(|made| made))
}

/// Change a role
///
/// It gives what it gives to everybody who holds it, from the next request on. Needs `role:write`, and for good all that
/// the role gives before and after.
#[utoipa::path(patch, path = "/v2/organizations/{org}/roles/{role}", tag = "roles", operation_id = "update_role",
    request_body(content = RoleToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The role as it is now", body = Role)))]
pub async fn update(
    call: Call,
    Path((org, role)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<RoleToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let change = RoleChange {
        name: change.name.as_deref().map(role_name).transpose()?,
        description: change.description.as_deref().map(description).transpose()?,
        permissions: change
            .permissions
            .map(|permissions| permissions.into_iter().collect()),
    };
    let input = (org, role, conditions, change);
    let changed = call.change(lane, input, |tx, requester, (org, role, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            let found = roles::find(tx, &permit, role).await?;
            conditions.admit(&Role::of(&found))?;
            roles::change(tx, &permit, &requester.keyring, &found, change, requester.now).await?;
            Ok(roles::find(tx, &permit, &found.role.id.to_string()).await?)
        })
    });
    Ok(changed
        .await?
        .answer(|found| Conditions::default().answer(&Role::of(&found))))
}

/// Delete a role
///
/// One that no member has, no grant gives and no pending invitation offers. Needs `role:write`, and all that the role
/// gives.
#[utoipa::path(delete, path = "/v2/organizations/{org}/roles/{role}", tag = "roles", operation_id = "delete_role",
    responses((status = 204, description = "The role is gone")))]
pub async fn delete(
    call: Call,
    Path((org, role)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, role, conditions);
    let deleted = call.change(lane, input, |tx, requester, (org, role, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            let found = roles::find(tx, &permit, role).await?;
            conditions.admit(&Role::of(&found))?;
            Ok(roles::delete(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    Ok(deleted.await?.answer(|()| StatusCode::NO_CONTENT))
}
