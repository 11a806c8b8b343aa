//! `/v2/organizations/{org}/api-keys` and `/v2/users/me/api-keys`: keys for programs.

use std::time::Duration;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing, days};
use super::problem::{FieldError, Problem};
use crate::directory::api_keys::{self, KeyScopes, KeyToMake};
use crate::directory::{require, require_own, require_self};
use crate::domain::access::{Permission, allowed_by};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage;

/// The longest life of a key, in days.
const MAX_DAYS: u64 = 365;

/// A key for programs. It acts in one organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Never changes.
    #[schema(example = "key_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What its owner calls it.
    #[schema(example = "CI")]
    name: String,
    /// Where it acts.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    organization: String,
    /// `user`, and then whose, or `organization`.
    owner: OwnerKind,
    /// Whose it is; null if it is the organization's own.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    user: Option<String>,
    /// The permissions that bound it, by name.
    #[schema(example = json!(["device:read", "device:write"]))]
    scopes: Vec<&'static str>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is worth nothing.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was last used, up to a minute late.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// How often it was used, up to a minute late.
    #[schema(minimum = 0)]
    use_count: i64,
}

/// A key just made. Its secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApiKey {
    /// The secret.
    #[schema(example = "dw_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")]
    key: String,
    #[serde(flatten)]
    api_key: ApiKey,
}

/// Who a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// A person: it acts as they do, and ends with their membership.
    User,
    /// The organization.
    Organization,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyToMake {
    /// 1 to 100 characters.
    #[schema(example = "CI")]
    name: String,
    /// How long it is good: 1 to 365 days.
    #[schema(example = "90d", pattern = "^[1-9][0-9]{0,2}d$")]
    expires_in: String,
    /// Permissions by name, `read` for every `:read`, `write` for every `:write`, `:create` and `:execute` but those that
    /// change who may do what. Of what a word stands for, the key gets what its maker holds.
    #[schema(example = json!(["read", "device:write"]), min_items = 1, max_items = 64)]
    scopes: Vec<String>,
    /// Whose it is to be; one's own if absent.
    #[schema(nullable = false)]
    owner: Option<OwnerKind>,
}

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
}

impl ApiKey {
    fn of(key: &storage::api_keys::ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.as_str().to_owned(),
            organization: key.organization.to_string(),
            owner: key.user.map_or(OwnerKind::Organization, |_| OwnerKind::User),
            user: key.user.map(|user| user.to_string()),
            scopes: key.permissions.iter().map(Permission::as_str).collect(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            use_count: key.use_count,
        }
    }
}

/// Reads what a key is to be, and draws its secret.
fn draw(
    name: &str,
    expires_in: &str,
    scopes: &[String],
    of_organization: bool,
    now: Timestamp,
) -> Result<(KeyToMake, Secret), Problem> {
    let mut errors = Vec::new();
    let name = DisplayName::parse(name).map_err(|error| errors.push(FieldError::invalid("/name", error)));
    let days = days(expires_in)
        .filter(|days| (1..=MAX_DAYS).contains(days))
        .ok_or(());
    if days.is_err() {
        errors.push(FieldError::invalid("/expires_in", "it must be 1d to 365d"));
    }
    let mut read = KeyScopes::default();
    if !(1..=64).contains(&scopes.len()) {
        errors.push(FieldError::invalid("/scopes", "it must name 1 to 64 scopes"));
    }
    for (at, word) in scopes.iter().enumerate() {
        match allowed_by(word) {
            Some(allowed) if ["read", "write"].contains(&word.as_str()) => {
                read.by_word = read.by_word.union(allowed);
            }
            Some(allowed) => read.named = read.named.union(allowed),
            None => errors.push(FieldError::invalid(
                format!("/scopes/{at}"),
                "it is neither a permission nor read or write",
            )),
        }
    }
    let (Ok(name), Ok(days), true) = (name, days, errors.is_empty()) else {
        return Err(Problem::fields(errors));
    };
    let secret = api_keys::draw_secret();
    let key = KeyToMake {
        id: random::id(now),
        name,
        hash: secret.hash(Purpose::ApiKey),
        scopes: read,
        expires_at: now.plus(Duration::from_hours(24 * days)),
        of_organization,
    };
    Ok((key, secret))
}

/// List API keys
///
/// Those that act in the organization, personal ones too. Needs `api_key:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/api-keys", tag = "api-keys", operation_id = "list_api_keys",
    responses((status = 200, description = "A page of keys", body = List<ApiKey>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<ApiKey>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
            let list = asked.of(requester, format!("api-keys {organization}"))?;
            let found = api_keys::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), ApiKey::of))
        })
    });
    Ok(Json(found.await?))
}

/// Make an API key
///
/// Needs `api_key:write`. A key makes a key only if it was given `api_key:write` by name, and within its own scopes; what
/// it makes ends when it ends itself, if not before.
#[utoipa::path(post, path = "/v2/organizations/{org}/api-keys", tag = "api-keys", operation_id = "create_api_key",
    request_body = ApiKeyToMake,
    responses((status = 201, description = "The key was made; its secret is shown this once", body = NewApiKey)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ApiKeyToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let of_organization = value.owner == Some(OwnerKind::Organization);
    let (new, secret) = draw(
        &value.name,
        &value.expires_in,
        &value.scopes,
        of_organization,
        call.now(),
    )?;
    let made = call.write(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
            attempt.made_before(tx, requester).await?;
            let made = api_keys::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            attempt
                .made_with_secret(tx, requester, &new.id.to_string())
                .await?;
            Ok(made)
        })
    });
    Ok(shown_once(&made.await?, &secret))
}

/// Get an API key
///
/// Needs `api_key:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/api-keys/{key}", tag = "api-keys", operation_id = "get_api_key",
    responses((status = 200, description = "The key, without its secret", body = ApiKey)))]
pub async fn get(
    call: Call,
    Path((org, key)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, key), |tx, requester, (org, key)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
            Ok(api_keys::find(tx, &permit, id_named(key)?).await?)
        })
    });
    Ok(conditions.answer(&ApiKey::of(&found.await?)))
}

/// Revoke an API key
///
/// From the answer on it opens nothing. Needs `api_key:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/api-keys/{key}", tag = "api-keys",
    operation_id = "revoke_api_key",
    responses((status = 204, description = "The key is worth nothing")))]
pub async fn revoke(
    call: Call,
    Path((org, key)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let revoked = call.write(
        lane,
        (org, key, conditions),
        |tx, requester, (org, key, conditions)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
                let found = api_keys::find(tx, &permit, id_named(key)?).await?;
                conditions.admit(&ApiKey::of(&found))?;
                Ok(api_keys::revoke(tx, &permit, &requester.keyring, &found, requester.now).await?)
            })
        },
    );
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List one's own API keys
///
/// By a token or key: those of its organization, and only if `api_key:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/api-keys", tag = "me", operation_id = "list_own_api_keys",
    responses((status = 200, description = "A page of keys", body = List<ApiKey>)))]
pub async fn list_own(call: Call, asked: Listing) -> Result<Json<List<ApiKey>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(asked, |tx, requester, asked| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            let list = asked.of(requester, format!("api-keys {}", permit.id()))?;
            let found = api_keys::list_own(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), ApiKey::of))
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
pub async fn create_own(
    call: Call,
    once: Once,
    Body { value, digest }: Body<OwnApiKeyToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&value.organization).await?;
    let (new, secret) = draw(&value.name, &value.expires_in, &value.scopes, false, call.now())?;
    let input = (value.organization, attempt, new);
    let made = call.write(lane, input, |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_own(tx, requester, organization, Permission::ApiKeyWrite).await?;
            attempt.made_before(tx, requester).await?;
            let made = api_keys::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            attempt
                .made_with_secret(tx, requester, &new.id.to_string())
                .await?;
            Ok(made)
        })
    });
    Ok(shown_once(&made.await?, &secret))
}

/// Get one of one's own API keys
///
/// By a token or key only if `api_key:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/api-keys/{key}", tag = "me", operation_id = "get_own_api_key",
    responses((status = 200, description = "The key, without its secret", body = ApiKey)))]
pub async fn get_own(
    call: Call,
    Path(key): Path<String>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read(key, |tx, requester, key| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            Ok(api_keys::find_own(tx, &permit, id_named(key)?).await?)
        })
    });
    Ok(conditions.answer(&ApiKey::of(&found.await?)))
}

/// Revoke one of one's own API keys
///
/// By a token or key only if `api_key:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/api-keys/{key}", tag = "me", operation_id = "revoke_own_api_key",
    responses((status = 204, description = "The key is worth nothing")))]
pub async fn revoke_own(
    call: Call,
    Path(key): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = storage::Lane::Free;
    let revoked = call.write(lane, (key, conditions), |tx, requester, (key, conditions)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApiKeyWrite)).await?;
            let found = api_keys::find_own(tx, &permit, id_named(key)?).await?;
            conditions.admit(&ApiKey::of(&found))?;
            Ok(api_keys::revoke_own(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown_once(key: &storage::api_keys::ApiKey, secret: &Secret) -> Made {
    let location = format!("/v2/organizations/{}/api-keys/{}", key.organization, key.id);
    Made::with_secret(location, &ApiKey::of(key), "key", secret)
}
