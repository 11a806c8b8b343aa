//! `/v2/organizations/{org}/scim-tokens`: what an organization's own directory shows at `/scim/v2`.

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
use crate::directory::scim::tokens::{self, NewToken};
use crate::directory::{require, require_fresh};
use crate::domain::access::Permission;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::scim_tokens as stored;

/// The longest life of a token, in days.
const MAX_DAYS: u64 = 730;

/// A token's life unless it is said.
const DAYS: u64 = 365;

/// A token that lets an organization's own directory provision its users and groups.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScimToken {
    /// Never changes.
    #[schema(example = "sct_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What the organization calls it.
    #[schema(example = "Okta")]
    name: String,
    /// Which organization it provisions.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    organization: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is worth nothing.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was last used, up to a minute late.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// A token just made. Its secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewScimToken {
    /// The secret.
    #[schema(example = "dws_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")]
    token: String,
    #[serde(flatten)]
    scim_token: ScimToken,
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScimTokenToMake {
    /// 1 to 100 characters.
    #[schema(example = "Okta")]
    name: String,
    /// How long it is good: 1 to 730 days; a year if absent. What a key makes ends with the key at the latest.
    #[schema(example = "365d", pattern = "^[1-9][0-9]{0,2}d$", nullable = false)]
    expires_in: Option<String>,
}

impl ScimToken {
    fn of(token: &stored::ScimToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.as_str().to_owned(),
            organization: token.organization.to_string(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Reads what a token is to be, and draws its secret.
fn draw(asked: &ScimTokenToMake, now: Timestamp) -> Result<(NewToken, Secret), Problem> {
    let mut errors = Vec::new();
    let name = DisplayName::parse(&asked.name);
    let name = name.map_err(|error| errors.push(FieldError::invalid("/name", error)));
    let days = match asked.expires_in.as_deref() {
        None => Some(DAYS),
        Some(text) => days(text).filter(|days| (1..=MAX_DAYS).contains(days)),
    };
    if days.is_none() {
        errors.push(FieldError::invalid("/expires_in", "it must be 1d to 730d"));
    }
    let (Ok(name), Some(days)) = (name, days) else {
        return Err(Problem::fields(errors));
    };
    let secret = tokens::draw_secret();
    let token = NewToken {
        id: random::id(now),
        name,
        hash: secret.hash(Purpose::ScimToken),
        expires_at: now.plus(Duration::from_hours(24 * days)),
    };
    Ok((token, secret))
}

/// List SCIM tokens
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/scim-tokens", tag = "scim-tokens", operation_id = "list_scim_tokens",
    responses((status = 200, description = "A page of tokens", body = List<ScimToken>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<ScimToken>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let list = asked.of(requester, format!("scim-tokens {organization}"))?;
            let found = tokens::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.id.to_string(), ScimToken::of))
        })
    });
    Ok(Json(found.await?))
}

/// Make a SCIM token
///
/// Needs `connection:write`, and all that the token does: `member:read`, `member:write`, `group:read` and `group:write`,
/// for good. It changes nobody who may do more than its maker could hand on.
#[utoipa::path(post, path = "/v2/organizations/{org}/scim-tokens", tag = "scim-tokens",
    operation_id = "create_scim_token", request_body = ScimTokenToMake,
    responses((status = 201, description = "The token was made; its secret is shown this once", body = NewScimToken)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ScimTokenToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let (new, secret) = draw(&value, call.now())?;
    let made = call.write(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            attempt.made_before(tx, requester).await?;
            let made = tokens::create(tx, &permit, &requester.keyring, new, requester.now).await?;
            attempt
                .made_with_secret(tx, requester, &new.id.to_string())
                .await?;
            Ok(made)
        })
    });
    let made = made.await?;
    let location = format!("/v2/organizations/{}/scim-tokens/{}", made.organization, made.id);
    Ok(Made::with_secret(
        location,
        &ScimToken::of(&made),
        "token",
        &secret,
    ))
}

/// Get a SCIM token
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/scim-tokens/{token}", tag = "scim-tokens",
    operation_id = "get_scim_token",
    responses((status = 200, description = "The token, without its secret", body = ScimToken)))]
pub async fn get(
    call: Call,
    Path((org, token)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, token), |tx, requester, (org, token)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(tokens::find(tx, &permit, id_named(token)?).await?)
        })
    });
    Ok(conditions.answer(&ScimToken::of(&found.await?)))
}

/// Revoke a SCIM token
///
/// From the answer on it opens nothing. Needs `connection:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/scim-tokens/{token}", tag = "scim-tokens",
    operation_id = "revoke_scim_token",
    responses((status = 204, description = "The token is worth nothing")))]
pub async fn revoke(
    call: Call,
    Path((org, token)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, token, conditions);
    let revoked = call.write(lane, input, |tx, requester, (org, token, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            let found = tokens::find(tx, &permit, id_named(token)?).await?;
            conditions.admit(&ScimToken::of(&found))?;
            Ok(tokens::revoke(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}
