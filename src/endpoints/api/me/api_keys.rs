//! `/v2/users/me/api-keys`: one's own keys for programs.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::directory::{api_keys, require_own, require_self};
use crate::domain::access::Permission;
use crate::endpoints::api::api_keys::{ApiKey, Asked, NewApiKey, Rotation, draw, shown_once, succeed};
use crate::endpoints::api::body::Body;
use crate::endpoints::api::call::{Call, id_named, organization_named};
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::idempotency::{Made, Once};
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::storage;

/// A key of one's own to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnApiKeyToMake {
    /// The organization it acts in, by id or name.
    #[schema(example = "acme")]
    organization: String,
    /// 1 to 100 characters.
    #[schema(example = "My laptop")]
    name: String,
    /// How long it is good: 1 to 365 days.
    #[schema(example = "30d", pattern = "^[1-9][0-9]{0,2}d$")]
    expires_in: String,
    /// As for a key of an organization.
    #[schema(example = json!(["read"]), min_items = 1, max_items = 64)]
    scopes: Vec<String>,
    /// Products that it is limited to, by id; it does nothing that is not on one of them.
    #[serde(default)]
    #[schema(example = json!(["prd_01kaxw3vd0f1wvj1d2sahtfxyz"]), max_items = 64)]
    products: Vec<String>,
    /// Networks (CIDR) or addresses that it is used from, and nowhere else.
    #[serde(default)]
    #[schema(example = json!(["192.0.2.0/24"]), max_items = 100)]
    ip_allowlist: Vec<String>,
}

/// List one's own API keys
///
/// By a token or key: those of its organization, and only if `api_key:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/api-keys", tag = "me", operation_id = "list_own_api_keys",
    responses((status = 200, description = "A page of keys", body = List<ApiKey>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<ApiKey>>, Problem> {
    asked.knows(&[])?;
    let places = call.state.config.places.clone();
    let found = call.read((asked, places), |tx, requester, (asked, places)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            let list = asked.of(requester, format!("api-keys {}", permit.id()))?;
            let found = api_keys::list_own(tx, &permit, &list.page).await?;
            let shown = |key: &storage::api_keys::ApiKey| ApiKey::of(key, places);
            Ok(list.show(found, |row| row.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Make an API key of one's own
///
/// In the browser, for an organization that one belongs to; of what one holds there. It takes no permission of its own.
#[utoipa::path(post, path = "/v2/users/me/api-keys", tag = "me", operation_id = "create_own_api_key",
    request_body = OwnApiKeyToMake,
    responses((status = 201, description = "The key was made; its secret is shown this once", body = NewApiKey)))]
pub async fn create(
    call: Call,
    once: Once,
    Body { value, digest }: Body<OwnApiKeyToMake>,
) -> Result<Made, Problem> {
    let places = &call.state.config.places;
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&value.organization).await?;
    let asked = Asked {
        name: &value.name,
        expires_in: &value.expires_in,
        scopes: &value.scopes,
        products: &value.products,
        ip_allowlist: &value.ip_allowlist,
        of_organization: false,
    };
    let (new, secret) = draw(&asked, call.now())?;
    let input = (value.organization, attempt, new);
    let made = call.write(lane, input, |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_own(tx, requester, organization, Permission::ApiKeyWrite).await?;
            require_self(tx, requester, None).await?.is_fresh()?;
            attempt.made_before(tx, requester).await?;
            let made = api_keys::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            attempt
                .made_with_secret(tx, requester, &new.id.to_string())
                .await?;
            Ok(made)
        })
    });
    Ok(shown_once(&made.await?, &secret, places))
}

/// Get one of one's own API keys
///
/// By a token or key only if `api_key:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/api-keys/{key}", tag = "me", operation_id = "get_own_api_key",
    responses((status = 200, description = "The key, without its secret", body = ApiKey)))]
pub async fn get(call: Call, Path(key): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(key, |tx, requester, key| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            Ok(api_keys::find_own(tx, &permit, id_named(key)?).await?)
        })
    });
    let found = found.await?;
    Ok(conditions.answer(&ApiKey::of(&found, &call.state.config.places)))
}

/// Revoke one of one's own API keys
///
/// By a token or key only if `api_key:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/api-keys/{key}", tag = "me", operation_id = "revoke_own_api_key",
    responses((status = 204, description = "The key is worth nothing")))]
pub async fn revoke(
    call: Call,
    Path(key): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = storage::Lane::Free;
    let input = (key, conditions, call.state.config.places.clone());
    let revoked = call.write(lane, input, |tx, requester, (key, conditions, places)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            let found = api_keys::find_own(tx, &permit, id_named(key)?).await?;
            conditions.admit(&ApiKey::of(&found, places))?;
            Ok(api_keys::revoke_own(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate one of one's own API keys
///
/// In the browser, shortly after signing in: a new key takes its place, and the old one is good for the overlap.
#[utoipa::path(post, path = "/v2/users/me/api-keys/{key}/rotate", tag = "me", operation_id = "rotate_own_api_key",
    request_body = Rotation,
    responses((status = 201, description = "The new key; its secret is shown this once", body = NewApiKey)))]
pub async fn rotate(
    call: Call,
    Path(key): Path<String>,
    once: Once,
    Body { value, digest }: Body<Rotation>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let (successor, secret) = succeed(&value, call.now())?;
    let input = (key, attempt, successor);
    let made = call.write(
        storage::Lane::Free,
        input,
        |tx, requester, (key, attempt, successor)| {
            Box::pin(async move {
                let own = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
                let found = api_keys::find_own(tx, &own, id_named(key)?).await?;
                own.is_fresh()?;
                let permit = require_own(tx, requester, found.organization, Permission::ApiKeyWrite).await?;
                attempt.made_before(tx, requester).await?;
                let (keyring, now) = (&requester.keyring, requester.now);
                let made = api_keys::rotate(tx, &permit, keyring, &found, successor, now).await?;
                attempt
                    .made_with_secret(tx, requester, &successor.id.to_string())
                    .await?;
                Ok(made)
            })
        },
    );
    Ok(shown_once(&made.await?, &secret, &call.state.config.places))
}
