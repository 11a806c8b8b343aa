//! `/v2/organizations/{org}/products`: what permissions can be limited to.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, MergePatch, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::{products, require, require_on};
use crate::domain::access::Permission;
use crate::domain::id::ProductId;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::random;
use crate::storage;
use crate::storage::products::NewProduct;

/// What permissions can be limited to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Product {
    /// Never changes.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Unique in its organization; never changes.
    #[schema(example = "rover")]
    name: String,
    /// What people read.
    #[schema(example = "Rover")]
    display_name: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// A product to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductToMake {
    /// 2 to 63 of a-z, 0-9 and hyphens, no hyphen at either end.
    #[schema(example = "rover", pattern = "^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$")]
    name: String,
    /// What people read, 1 to 100 characters; the name if absent.
    #[schema(example = "Rover", nullable = false, min_length = 1, max_length = 100)]
    display_name: Option<String>,
}

/// What can be changed of a product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductToChange {
    /// What people read, 1 to 100 characters.
    #[schema(example = "Rover II", nullable = false, min_length = 1, max_length = 100)]
    display_name: Option<String>,
}

impl MergePatch for ProductToChange {}

impl Product {
    fn of(product: &storage::products::Product) -> Self {
        Self {
            id: product.id.to_string(),
            name: product.name.as_str().to_owned(),
            display_name: product.display_name.as_str().to_owned(),
            created_at: product.created_at.to_string(),
        }
    }
}

/// List products
///
/// Needs `organization:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/products", tag = "products", operation_id = "list_products",
    responses((status = 200, description = "A page of products", body = List<Product>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Product>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationRead).await?;
            let list = asked.of(requester, format!("products {organization}"))?;
            let found = products::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), Product::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a product
///
/// Needs `organization:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/products/{product}", tag = "products", operation_id = "get_product",
    responses((status = 200, description = "The product", body = Product)))]
pub async fn get(
    call: Call,
    Path((org, product)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, product), |tx, requester, (org, product)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationRead).await?;
            Ok(products::find(tx, &permit, id_named(product)?).await?)
        })
    });
    Ok(conditions.answer(&Product::of(&found.await?)))
}

/// Make a product
///
/// Needs `product:create`.
#[utoipa::path(post, path = "/v2/organizations/{org}/products", tag = "products", operation_id = "create_product",
    request_body = ProductToMake,
    responses((status = 201, description = "The product was made", body = Product)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ProductToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let name = OrganizationName::parse(&value.name);
    let name = name.map_err(|_| {
        let rule = "a name has 2 to 63 characters a-z, 0-9 and hyphens, and no hyphen at either end";
        Problem::field("/name", rule)
    })?;
    let display_name = DisplayName::parse(value.display_name.as_deref().unwrap_or(name.as_str()));
    let display_name = display_name.map_err(|error| Problem::field("/display_name", error))?;
    let id: ProductId = random::id(call.now());
    let input = (org, attempt, id, name, display_name);
    let made = call.write(
        lane,
        input,
        |tx, requester, (org, attempt, id, name, display_name)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ProductCreate).await?;
                if let Some(made) = attempt.made_before(tx, requester).await? {
                    return Ok(made);
                }
                let new = NewProduct {
                    id: *id,
                    organization,
                    name: name.clone(),
                    display_name: display_name.clone(),
                };
                products::create(tx, &permit, &requester.keyring, &new, requester.now).await?;
                let made = Product::of(&products::find(tx, &permit, *id).await?);
                let location = format!("/v2/organizations/{organization}/products/{id}");
                attempt.made(tx, requester, location, &made).await
            })
        },
    );
    made.await
}

/// Change a product
///
/// Needs `product:write`, on all products or on this one.
#[utoipa::path(patch, path = "/v2/organizations/{org}/products/{product}", tag = "products",
    operation_id = "update_product",
    request_body(content = ProductToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The product as it is now", body = Product)))]
pub async fn update(
    call: Call,
    Path((org, product)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<ProductToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let display_name = change.display_name.as_deref().map(DisplayName::parse).transpose();
    let display_name = display_name.map_err(|error| Problem::field("/display_name", error))?;
    let input = (org, product, conditions.clone(), display_name);
    let changed = call.write(
        lane,
        input,
        |tx, requester, (org, product, conditions, display_name)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let id = id_named(product).ok();
                let permit = require_on(tx, requester, organization, id, Permission::ProductWrite).await?;
                let found = products::find(tx, &permit, id_named(product)?).await?;
                conditions.admit(&Product::of(&found))?;
                if let Some(display_name) = display_name {
                    products::rename(
                        tx,
                        &permit,
                        &requester.keyring,
                        &found,
                        display_name,
                        requester.now,
                    )
                    .await?;
                }
                Ok(products::find(tx, &permit, found.id).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Product::of(&changed.await?)))
}

/// Delete a product
///
/// And with it the grants that are limited to it. Needs `product:delete`, on all products or on this one.
#[utoipa::path(delete, path = "/v2/organizations/{org}/products/{product}", tag = "products",
    operation_id = "delete_product",
    responses((status = 204, description = "The product is gone")))]
pub async fn delete(
    call: Call,
    Path((org, product)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, product, conditions);
    let deleted = call.write(lane, input, |tx, requester, (org, product, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let id = id_named(product).ok();
            let permit = require_on(tx, requester, organization, id, Permission::ProductDelete).await?;
            let found = products::find(tx, &permit, id_named(product)?).await?;
            conditions.admit(&Product::of(&found))?;
            Ok(products::delete(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
