//! `/v2/role-templates`: roles that many organizations want, the same for all.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::call::Call;
use super::etag::Conditions;
use super::problem::Problem;
use crate::directory::require_self;
use crate::domain::access::{Permission, RoleTemplate};

/// A role to make one's own of: `POST /v2/organizations/{org}/roles` with its name as `template`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Template {
    /// What to ask for.
    #[schema(example = "team-manager")]
    name: &'static str,
    /// What it is for.
    description: &'static str,
    /// What it gives.
    #[schema(example = json!(["group:write", "invitation:write"]))]
    permissions: Vec<&'static str>,
}

/// All templates.
#[derive(Debug, Serialize, ToSchema)]
pub struct Templates {
    /// Each of them.
    data: Vec<Template>,
}

/// Get the role templates
///
/// For any person who is signed in, or their key.
#[utoipa::path(get, path = "/v2/role-templates", tag = "roles", operation_id = "get_role_templates",
    responses((status = 200, description = "The templates", body = Templates)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let admitted = call.read((), |tx, requester, ()| {
        Box::pin(async move { Ok(require_self(tx, requester, None).await.map(drop)?) })
    });
    admitted.await?;
    let data = RoleTemplate::ALL.iter().map(|template| Template {
        name: template.name,
        description: template.description,
        permissions: template.permissions.iter().map(Permission::as_str).collect(),
    });
    Ok(conditions.answer(&Templates { data: data.collect() }))
}
