//! `/v2/organizations/{org}/portal-links`: links by which a tenant's own IT sets a connection up.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api_keys::hours;
use super::body::Body;
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::config::PublicUrl;
use crate::directory::portal_links::{self, NewPortalLink};
use crate::directory::{require, require_fresh};
use crate::domain::access::Permission;
use crate::domain::secret::{Purpose, Secret};
use crate::random;
use crate::storage;

/// How long a link is good, unless said otherwise.
const USUAL: Duration = Duration::from_hours(24);

/// A set-up link.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalLink {
    /// Names it.
    #[schema(example = "plk_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// The connection that it sets up, as soon as there is one.
    #[schema(example = "con_01kaxw3vd0f1wvj1d2sahtfxyz")]
    connection: String,
    /// Who made it, and answers for what is done by it.
    made_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when it is good.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was taken back, if it was.
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
}

/// A set-up link just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewLink {
    /// The link, shown this once.
    #[schema(example = "https://id.example.com/portal/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA")]
    url: String,
    #[serde(flatten)]
    link: PortalLink,
}

/// A set-up link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortalLinkToMake {
    /// How long it is good, 1h to 168h, or 1d to 7d; a day if absent.
    #[schema(example = "24h", pattern = "^[0-9]{1,3}[hd]$", nullable = false)]
    expires_in: Option<String>,
}

impl PortalLink {
    fn of(link: &storage::portal_links::PortalLink) -> Self {
        Self {
            id: link.id.to_string(),
            connection: link.connection.to_string(),
            made_by: link.made_by.clone(),
            created_at: link.created_at.to_string(),
            expires_at: link.expires_at.to_string(),
            revoked_at: link.revoked_at.map(|at| at.to_string()),
        }
    }
}

fn address(public_url: &PublicUrl, secret: &Secret) -> Secret {
    Secret::received(public_url.at(&format!("/portal/{}", secret.expose())))
}

/// List set-up links
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/portal-links", tag = "connections",
    operation_id = "list_portal_links",
    responses((status = 200, description = "A page of links", body = List<PortalLink>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<PortalLink>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let list = asked.of(requester, format!("portal-links {organization}"))?;
            let found = portal_links::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), PortalLink::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a set-up link
///
/// Without what opens it. Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/portal-links/{link}", tag = "connections",
    operation_id = "get_portal_link",
    responses((status = 200, description = "The link, without what opens it", body = PortalLink)))]
pub async fn get(
    call: Call,
    Path((org, link)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, link), |tx, requester, (org, link)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(portal_links::find(tx, &permit, id_named(link)?).await?)
        })
    });
    Ok(conditions.answer(&PortalLink::of(&found.await?)))
}

/// Make a set-up link
///
/// Whoever has it sets up one connection of the organization, without an account: guided, and with a live test. They can
/// do no more than whoever makes it, who answers for it. Needs `connection:write`, and a fresh proof of who asks.
#[utoipa::path(post, path = "/v2/organizations/{org}/portal-links", tag = "connections",
    operation_id = "create_portal_link", request_body = PortalLinkToMake,
    responses((status = 201, description = "The link, shown this once", body = NewLink)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<PortalLinkToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let lifetime = match value.expires_in.as_deref() {
        None => USUAL,
        Some(text) => hours(text)
            .map(Duration::from_hours)
            .ok_or_else(|| Problem::field("/expires_in", "it must be 1h to 168h, or 1d to 7d"))?,
    };
    let secret = random::secret();
    let new = NewPortalLink {
        id: random::id(call.now()),
        connection: random::id(call.now()),
        secret: secret.hash(Purpose::Portal),
        lifetime,
    };
    let made = call.write(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            attempt.made_before(tx, requester).await?;
            portal_links::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            let found = portal_links::find(tx, &permit, new.id).await?;
            attempt
                .made_with_secret(tx, requester, &new.id.to_string())
                .await?;
            Ok(found)
        })
    });
    let made = made.await?;
    let location = format!("/v2/organizations/{}/portal-links/{}", made.organization, made.id);
    let url = address(&call.state.config.public_url, &secret);
    Ok(Made::with_secret(location, &PortalLink::of(&made), "url", &url))
}

/// Take back a set-up link
///
/// It opens nothing any more; what was set up by it stays. Needs `connection:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/portal-links/{link}", tag = "connections",
    operation_id = "revoke_portal_link",
    responses((status = 204, description = "The link opens nothing any more")))]
pub async fn revoke(
    call: Call,
    Path((org, link)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let revoked = call.write(
        lane,
        (org, link, conditions),
        |tx, requester, (org, link, conditions)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
                let found = portal_links::find(tx, &permit, id_named(link)?).await?;
                conditions.admit(&PortalLink::of(&found))?;
                Ok(portal_links::revoke(tx, &permit, &requester.keyring, &found, requester.now).await?)
            })
        },
    );
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}
