//! `/v2/organizations/{org}/limits`: how much of each resource an organization may have, and how much it has.

use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use crate::directory::{Permit, Requester, limits, require};
use crate::domain::access::Permission;
use crate::domain::limit::{Limits, Resource};
use crate::storage::Tx;

/// How much of each resource an organization may have.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceLimits {
    /// What permissions can be limited to.
    products: ResourceLimit,
    /// What products report and reserve.
    devices: ResourceLimit,
    /// Members, and those who are invited.
    users: ResourceLimit,
    /// Keys that are good, personal ones too.
    api_keys: ResourceLimit,
    /// Where events are sent.
    webhooks: ResourceLimit,
}

/// How much of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceLimit {
    /// How much there may be.
    #[schema(example = 100)]
    limit: i64,
    /// The highest limit that the organization can set itself; null if there is none.
    #[schema(example = 1000)]
    maximum: Option<i64>,
    /// How much there is.
    #[schema(example = 7)]
    used: i64,
}

/// What can be changed of limits.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsToChange {
    /// Up to any number.
    #[schema(nullable = false, minimum = 0)]
    products: Option<i64>,
    /// Up to any number.
    #[schema(nullable = false, minimum = 0)]
    devices: Option<i64>,
    /// Up to 500; a superuser goes higher.
    #[schema(nullable = false, minimum = 0)]
    users: Option<i64>,
    /// Up to 1000; a superuser goes higher.
    #[schema(nullable = false, minimum = 0)]
    api_keys: Option<i64>,
    /// Up to 100; a superuser goes higher.
    #[schema(nullable = false, minimum = 0)]
    webhooks: Option<i64>,
}

impl MergePatch for LimitsToChange {}

impl LimitsToChange {
    /// Limits with what is asked in their place.
    fn on(&self, old: Limits) -> Limits {
        Limits::new(|resource| {
            let asked = match resource {
                Resource::Products => self.products,
                Resource::Devices => self.devices,
                Resource::Users => self.users,
                Resource::ApiKeys => self.api_keys,
                Resource::Webhooks => self.webhooks,
            };
            asked.unwrap_or(old.of(resource))
        })
    }
}

impl ResourceLimits {
    /// Limits beside what is used now.
    async fn of<'t>(
        tx: &mut Tx<'t>,
        requester: &Requester,
        permit: &Permit<'t>,
        limits: Limits,
    ) -> Result<Self, Problem> {
        let mut used = Limits::new(|_| 0);
        for resource in Resource::ALL {
            let now = limits::used(tx, permit.organization(), resource, requester.now).await?;
            used = used.with(resource, now);
        }
        let one = |resource: Resource| ResourceLimit {
            limit: limits.of(resource),
            maximum: resource.maximum(),
            used: used.of(resource),
        };
        Ok(Self {
            products: one(Resource::Products),
            devices: one(Resource::Devices),
            users: one(Resource::Users),
            api_keys: one(Resource::ApiKeys),
            webhooks: one(Resource::Webhooks),
        })
    }
}

/// Get limits
///
/// Needs `organization:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/limits", tag = "settings", operation_id = "get_limits",
    responses((status = 200, description = "The limits, and what is used", body = ResourceLimits)))]
pub async fn get(call: Call, Path(org): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(org, |tx, requester, org| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationWrite).await?;
            let found = limits::find(tx, &permit).await?;
            ResourceLimits::of(tx, requester, &permit, found).await
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Change limits
///
/// Below what is used nothing is taken away, and nothing more admitted. Needs `organization:write`; above the maximum
/// goes only a superuser.
#[utoipa::path(patch, path = "/v2/organizations/{org}/limits", tag = "settings", operation_id = "update_limits",
    request_body(content = LimitsToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The limits as they are now, and what is used", body = ResourceLimits)))]
pub async fn update(
    call: Call,
    Path(org): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<LimitsToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let changed = call.write(
        lane,
        (org, conditions, change),
        |tx, requester, (org, conditions, change)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::OrganizationWrite).await?;
                let old = limits::find(tx, &permit).await?;
                conditions.admit(&ResourceLimits::of(tx, requester, &permit, old).await?)?;
                let new = change.on(old);
                limits::change(tx, &permit, &requester.keyring, old, new, requester.now).await?;
                ResourceLimits::of(tx, requester, &permit, new).await
            })
        },
    );
    Ok(Conditions::default().answer(&changed.await?))
}
