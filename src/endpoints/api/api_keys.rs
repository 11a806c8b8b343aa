//! `/v2/organizations/{org}/api-keys`: keys for programs.

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
use super::shown::Whence;
use crate::directory::api_keys::{self, KeyScopes, KeyToMake, Successor};
use crate::directory::{require, require_fresh};
use crate::domain::access::{Permission, allowed_by};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::security::parse_network;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::places::Places;
use crate::random;
use crate::storage;
use crate::storage::sessions::SessionOrigin;

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
    /// The products it is limited to; all of them if none is named.
    #[schema(example = json!(["prd_01kaxw3vd0f1wvj1d2sahtfxyz"]))]
    products: Vec<String>,
    /// The networks it is used from; any if none is named.
    #[schema(example = json!(["192.0.2.0/24"]))]
    ip_allowlist: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is worth nothing.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it was last used, up to a minute late.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// From where that was, and by what.
    last_used_from: Option<Whence>,
    /// How often it was used, up to a minute late.
    #[schema(minimum = 0)]
    use_count: i64,
    /// The key that took its place, if one did.
    #[schema(example = "key_01kaxw3vd0f1wvj1d2sahtfxyz")]
    rotated_to: Option<String>,
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
    /// Products that it is limited to, by id; it does nothing that is not on one of them.
    #[serde(default)]
    #[schema(example = json!(["prd_01kaxw3vd0f1wvj1d2sahtfxyz"]), max_items = 64)]
    products: Vec<String>,
    /// Networks (CIDR) or addresses that it is used from, and nowhere else.
    #[serde(default)]
    #[schema(example = json!(["192.0.2.0/24"]), max_items = 100)]
    ip_allowlist: Vec<String>,
}

/// How a key is rotated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the old key is good beside the new one, 0h to 168h, or 0d to 7d; a day if absent.
    #[schema(example = "24h", pattern = "^[0-9]{1,3}[hd]$", nullable = false)]
    overlap: Option<String>,
}

impl ApiKey {
    pub(super) fn of(key: &storage::api_keys::ApiKey, places: &Places) -> Self {
        let from = |from: &SessionOrigin| Whence::of(&from.address, &from.user_agent, places);
        Self {
            id: key.id.to_string(),
            name: key.name.as_str().to_owned(),
            organization: key.organization.to_string(),
            owner: key.user.map_or(OwnerKind::Organization, |_| OwnerKind::User),
            user: key.user.map(|user| user.to_string()),
            scopes: key.permissions.iter().map(Permission::as_str).collect(),
            products: key.products.iter().map(ToString::to_string).collect(),
            ip_allowlist: key.ip_allowlist.iter().map(ToString::to_string).collect(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.to_string(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            last_used_from: key.last_used_from.as_ref().map(from),
            use_count: key.use_count,
            rotated_to: key.rotated_to.map(|to| to.to_string()),
        }
    }
}

/// A key to make, as it was written.
pub(super) struct Asked<'a> {
    pub(super) name: &'a str,
    pub(super) expires_in: &'a str,
    pub(super) scopes: &'a [String],
    pub(super) products: &'a [String],
    pub(super) ip_allowlist: &'a [String],
    pub(super) of_organization: bool,
}

/// Reads what a key is to be, and draws its secret.
pub(super) fn draw(asked: &Asked<'_>, now: Timestamp) -> Result<(KeyToMake, Secret), Problem> {
    let Asked {
        name,
        expires_in,
        scopes,
        products,
        ip_allowlist,
        of_organization,
    } = *asked;
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
    let products = limits(products, "/products", 64, &mut errors, |text| {
        text.parse().map_err(|_| "it is no product's id")
    });
    let ip_allowlist = limits(ip_allowlist, "/ip_allowlist", 100, &mut errors, |text| {
        parse_network(text).ok_or("it is neither a network (CIDR) nor an address")
    });
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
        products,
        ip_allowlist,
    };
    Ok((key, secret))
}

/// Reads a list of what a key is limited to, each once.
fn limits<T: PartialEq>(
    texts: &[String],
    pointer: &str,
    most: usize,
    errors: &mut Vec<FieldError>,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Vec<T> {
    if texts.len() > most {
        errors.push(FieldError::invalid(
            pointer.to_owned(),
            format!("it must name at most {most}"),
        ));
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match read(text) {
            Ok(one) if found.contains(&one) => {}
            Ok(one) => found.push(one),
            Err(why) => errors.push(FieldError::invalid(format!("{pointer}/{at}"), why)),
        }
    }
    found
}

/// How long an old key is good beside the new one, unless asked otherwise.
const OVERLAP: Duration = Duration::from_hours(24);

/// Reads how a key is rotated, and draws the new one's secret.
pub(super) fn succeed(rotation: &Rotation, now: Timestamp) -> Result<(Successor, Secret), Problem> {
    let overlap = match rotation.overlap.as_deref() {
        None => Some(OVERLAP),
        Some(text) => hours(text)
            .filter(|hours| *hours <= 7 * 24)
            .map(Duration::from_hours),
    };
    let overlap = overlap.ok_or_else(|| Problem::field("/overlap", "it must be 0h to 168h, or 0d to 7d"))?;
    let secret = api_keys::draw_secret();
    let successor = Successor {
        id: random::id(now),
        hash: secret.hash(Purpose::ApiKey),
        overlap,
    };
    Ok((successor, secret))
}

/// A number of hours or days, written with an `h` or `d` behind.
pub(super) fn hours(text: &str) -> Option<u64> {
    let (digits, each) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(hours), _) => (hours, 1),
        (_, Some(days)) => (days, 24),
        _ => return None,
    };
    let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let count: u64 = digits.parse().ok().filter(|_| plain)?;
    Some(count * each)
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
    let places = call.state.config.places.clone();
    let found = call.read((org, asked, places), |tx, requester, (org, asked, places)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
            let list = asked.of(requester, format!("api-keys {organization}"))?;
            let found = api_keys::list(tx, &permit, &list.page).await?;
            let shown = |key: &storage::api_keys::ApiKey| ApiKey::of(key, places);
            Ok(list.show(found, |row| row.id.to_string(), shown))
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
    let places = &call.state.config.places;
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let of_organization = value.owner == Some(OwnerKind::Organization);
    let asked = Asked {
        name: &value.name,
        expires_in: &value.expires_in,
        scopes: &value.scopes,
        products: &value.products,
        ip_allowlist: &value.ip_allowlist,
        of_organization,
    };
    let (new, secret) = draw(&asked, call.now())?;
    let made = call.write(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ApiKeyWrite).await?;
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
    let found = found.await?;
    Ok(conditions.answer(&ApiKey::of(&found, &call.state.config.places)))
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
    let places = call.state.config.places.clone();
    let revoked = call.write(
        lane,
        (org, key, conditions, places),
        |tx, requester, (org, key, conditions, places)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ApiKeyWrite).await?;
                let found = api_keys::find(tx, &permit, id_named(key)?).await?;
                conditions.admit(&ApiKey::of(&found, places))?;
                Ok(api_keys::revoke(tx, &permit, &requester.keyring, &found, requester.now).await?)
            })
        },
    );
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate an API key
///
/// A new key with the same name, owner, scopes and limits takes its place, for as long a life; the old one is good for the
/// overlap. A personal key is rotated by its owner alone. Needs `api_key:write`, and nothing in the key that its maker
/// does not hold.
#[utoipa::path(post, path = "/v2/organizations/{org}/api-keys/{key}/rotate", tag = "api-keys",
    operation_id = "rotate_api_key", request_body = Rotation,
    responses((status = 201, description = "The new key; its secret is shown this once", body = NewApiKey)))]
pub async fn rotate(
    call: Call,
    Path((org, key)): Path<(String, String)>,
    once: Once,
    Body { value, digest }: Body<Rotation>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let (successor, secret) = succeed(&value, call.now())?;
    let input = (org, key, attempt, successor);
    let made = call.write(lane, input, |tx, requester, (org, key, attempt, successor)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ApiKeyWrite).await?;
            let found = api_keys::find(tx, &permit, id_named(key)?).await?;
            attempt.made_before(tx, requester).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            let made = api_keys::rotate(tx, &permit, keyring, &found, successor, now).await?;
            attempt
                .made_with_secret(tx, requester, &successor.id.to_string())
                .await?;
            Ok(made)
        })
    });
    Ok(shown_once(&made.await?, &secret, &call.state.config.places))
}

pub(super) fn shown_once(key: &storage::api_keys::ApiKey, secret: &Secret, places: &Places) -> Made {
    let location = format!("/v2/organizations/{}/api-keys/{}", key.organization, key.id);
    Made::with_secret(location, &ApiKey::of(key, places), "key", secret)
}
