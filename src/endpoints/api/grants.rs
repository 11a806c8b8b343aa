//! `/v2/organizations/{org}/grants`: what members, groups and applications were given.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::body::{Body, MergePatch, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::Once;
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::grants::{self, Bound, TimesChange};
use crate::directory::{DirectoryError, Permit, require, roles};
use crate::domain::access::{self, Gives, GrantOrigin, Permission, PermissionSet, Schedule};
use crate::domain::id::{GrantId, ProductId};
use crate::domain::time::{BadTimestamp, Timestamp};
use crate::random;
use crate::storage::Tx;
use crate::storage::grant_lists::{Entry, Filter, Holder};

/// What gives a member, a group or an application a role or permissions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    /// Never changes.
    #[schema(example = "grt_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Who has it: a member's user, a group or an application.
    #[schema(example = "grp_01kaxw3vd0f1wvj1d2sahtfxyz")]
    subject: String,
    /// The role that it gives, by name; null if it gives permissions by name.
    #[schema(example = "operator")]
    role: Option<String>,
    /// The permissions that it gives by name; null if it gives a role.
    permissions: Option<Vec<&'static str>>,
    /// The one product that it is limited to; null for all.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    product: Option<String>,
    /// From when on it counts; null for always.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// Until when it counts; null for good.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// The hours of the week at which it counts; null for all.
    #[schema(value_type = Option<Object>, example = json!({"timezone": "Europe/Berlin",
        "windows": [{"days": ["mon", "tue"], "from": "08:00", "to": "18:00"}]}))]
    schedule: Option<Schedule>,
    /// When it was given.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// A grant to give: a role or permissions, not both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantToGive {
    /// To whom: a member's user, a group, or an application of the organization's own.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    subject: String,
    /// A role, by id or name. The grant gives whatever the role holds at each moment.
    #[schema(nullable = false, example = "operator")]
    role: Option<String>,
    /// Permissions by name, at least one.
    #[schema(value_type = Vec<String>, required = false, min_items = 1, example = json!(["device:write"]))]
    permissions: Option<Vec<Permission>>,
    /// The one product to limit it to; all if absent.
    #[schema(nullable = false)]
    product: Option<String>,
    /// From when on it counts, as in RFC 3339 with an offset.
    #[schema(nullable = false, format = DateTime)]
    starts_at: Option<String>,
    /// Until when it counts, as in RFC 3339 with an offset.
    #[schema(nullable = false, format = DateTime)]
    ends_at: Option<String>,
    /// The hours of the week at which it counts, by the clock on the wall of a time zone. A window that ends before it
    /// begins runs past midnight.
    #[schema(value_type = Object, required = false, example = json!({"timezone": "Europe/Berlin",
        "windows": [{"days": ["mon", "tue"], "from": "08:00", "to": "18:00"}]}))]
    schedule: Option<Schedule>,
}

/// What can be changed of a grant: when it counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantToChange {
    /// From when on it counts; null for always.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Bound<String>>,
    /// Until when it counts; null for good.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Bound<String>>,
    /// The hours of the week at which it counts; null for all.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Object>)]
    schedule: Option<Bound<Schedule>>,
}

impl MergePatch for GrantToChange {
    const NULLABLE: &'static [&'static str] = &["starts_at", "ends_at", "schedule"];
}

/// Tells `null` from nothing at all.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(said: D) -> Result<Option<Bound<T>>, D::Error> {
    Ok(Some(
        Option::<T>::deserialize(said)?.map_or(Bound::ToNone, Bound::To),
    ))
}

impl Grant {
    fn of(entry: &Entry) -> Self {
        let grant = &entry.grant;
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            id: grant.id.to_string(),
            subject: match entry.holder {
                Holder::User(id) => id.to_string(),
                Holder::Group(id) => id.to_string(),
                Holder::Application(id) => id.to_string(),
            },
            role: grant.role().map(|role| role.name.clone()),
            permissions: match &grant.gives {
                Gives::Role(_) => None,
                Gives::Permissions(given) => Some(given.iter().map(Permission::as_str).collect()),
            },
            product: grant.product.map(|product| product.to_string()),
            starts_at: text(grant.starts_at),
            ends_at: text(grant.ends_at),
            schedule: grant.schedule.clone(),
            created_at: entry.created_at.to_string(),
        }
    }
}

/// A grant as it was asked for, with what it names still to be found.
#[derive(Clone)]
struct Asked {
    id: GrantId,
    subject: String,
    gives: AskedGift,
    product: Option<ProductId>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    schedule: Option<Schedule>,
}

#[derive(Clone)]
enum AskedGift {
    Role(String),
    Permissions(PermissionSet),
}

impl GrantToGive {
    fn read(self, id: GrantId) -> Result<Asked, Problem> {
        let gives = match (self.role, self.permissions) {
            (Some(role), None) => AskedGift::Role(role),
            (None, Some(given)) if !given.is_empty() => AskedGift::Permissions(given.into_iter().collect()),
            (None, Some(_)) => return Err(Problem::field("/permissions", "name at least one")),
            (Some(_), Some(_)) => {
                return Err(Problem::field(
                    "/permissions",
                    "a grant gives a role or permissions, not both",
                ));
            }
            (None, None) => return Err(Problem::field("/role", "name a role, or permissions")),
        };
        let product = self.product.as_deref().map(str::parse).transpose();
        Ok(Asked {
            id,
            subject: self.subject,
            gives,
            product: product.map_err(|_| Problem::field("/product", "there is no such product here"))?,
            starts_at: moment("/starts_at", self.starts_at.as_deref())?,
            ends_at: moment("/ends_at", self.ends_at.as_deref())?,
            schedule: self.schedule,
        })
    }
}

impl Asked {
    /// What was asked for, with the role found; what gives more than its giver holds is refused by the use case.
    async fn grant<'t>(&self, tx: &mut Tx<'t>, permit: &Permit<'t>) -> Result<access::Grant, DirectoryError> {
        let gives = match &self.gives {
            AskedGift::Permissions(permissions) => Gives::Permissions(*permissions),
            AskedGift::Role(role) => {
                let found = roles::find(tx, permit, role).await;
                Gives::Role(missing(found, "/role", "there is no such role here")?.role)
            }
        };
        Ok(access::Grant {
            id: self.id,
            origin: GrantOrigin::Direct,
            gives,
            product: self.product,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            schedule: self.schedule.clone(),
        })
    }
}

/// What a field names and is not there.
fn missing<T>(
    found: Result<T, DirectoryError>,
    pointer: &'static str,
    why: &'static str,
) -> Result<T, DirectoryError> {
    found.map_err(|error| match error {
        DirectoryError::NotFound => DirectoryError::field(pointer, why),
        other => other,
    })
}

fn moment(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    text.map(|text| instant(pointer, text)).transpose()
}

fn instant(pointer: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse()
        .map_err(|error: BadTimestamp| Problem::field(pointer, error))
}

fn bound(pointer: &str, said: Option<Bound<String>>) -> Result<Option<Bound<Timestamp>>, Problem> {
    match said {
        None => Ok(None),
        Some(Bound::ToNone) => Ok(Some(Bound::ToNone)),
        Some(Bound::To(text)) => instant(pointer, &text).map(Bound::To).map(Some),
    }
}

/// List grants
///
/// Needs `role:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/grants", tag = "grants", operation_id = "list_grants",
    params(
        ("subject" = Option<String>, Query, description = "Only those of this user, group or application, by id"),
        ("product" = Option<String>, Query, description = "Only those that are limited to this product, by id"),
    ),
    responses((status = 200, description = "A page of grants", body = List<Grant>)))]
pub async fn list(call: Call, Path(org): Path<String>, asked: Listing) -> Result<Json<List<Grant>>, Problem> {
    asked.knows(&["subject", "product"])?;
    let product = asked.parsed("product")?;
    let found = call.read((org, asked, product), |tx, requester, (org, asked, product)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            let list = asked.of(requester, format!("grants {organization}"))?;
            let subject = match asked.get("subject") {
                None => None,
                Some(subject) => match grants::subject_named(tx, &permit, subject).await {
                    Ok(subject) => Some(subject),
                    Err(DirectoryError::NotFound) => return Ok(list.nothing()),
                    Err(other) => return Err(other.into()),
                },
            };
            let filter = Filter {
                subject,
                product: *product,
            };
            let found = grants::list(tx, &permit, &filter, &list.page).await?;
            Ok(list.show(found, |row| row.grant.id.to_string(), Grant::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get a grant
///
/// Needs `role:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/grants/{grant}", tag = "grants", operation_id = "get_grant",
    responses((status = 200, description = "The grant", body = Grant)))]
pub async fn get(
    call: Call,
    Path((org, grant)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, grant), |tx, requester, (org, grant)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            Ok(grants::find(tx, &permit, id_named(grant)?).await?)
        })
    });
    Ok(conditions.answer(&Grant::of(&found.await?)))
}

/// Give a grant
///
/// Needs `role:write`, and for good all that the grant gives, on the product that it is limited to or on all.
#[utoipa::path(post, path = "/v2/organizations/{org}/grants", tag = "grants", operation_id = "create_grant",
    request_body = GrantToGive,
    responses((status = 201, description = "The grant was given", body = Grant)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<GrantToGive>,
) -> Result<Response, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let new = value.read(random::id(call.now()))?;
    let made = call.change(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            let subject = grants::subject_named(tx, &permit, &new.subject).await;
            let nobody = "there is no such member, group or application here";
            let subject = missing(subject, "/subject", nobody)?;
            let grant = new.grant(tx, &permit).await?;
            grants::give(tx, &permit, &requester.keyring, subject, &grant, requester.now).await?;
            let made = Grant::of(&grants::find(tx, &permit, new.id).await?);
            let location = format!("/v2/organizations/{organization}/grants/{}", new.id);
            attempt.made(tx, requester, location, &made).await
        })
    });
    Ok(made.await?.answer(|made| made))
}

/// Change a grant
///
/// When it counts, and nothing else: to give something else, give another. Needs what giving it needs.
#[utoipa::path(patch, path = "/v2/organizations/{org}/grants/{grant}", tag = "grants", operation_id = "update_grant",
    request_body(content = GrantToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The grant as it is now", body = Grant)))]
pub async fn update(
    call: Call,
    Path((org, grant)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<GrantToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let change = TimesChange {
        starts_at: bound("/starts_at", change.starts_at)?,
        ends_at: bound("/ends_at", change.ends_at)?,
        schedule: change.schedule,
    };
    let input = (org, grant, conditions, change);
    let changed = call.change(lane, input, |tx, requester, (org, grant, conditions, change)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            let found = grants::find(tx, &permit, id_named(grant)?).await?;
            conditions.admit(&Grant::of(&found))?;
            let (keyring, now) = (&requester.keyring, requester.now);
            grants::change(tx, &permit, keyring, &found, change, now).await?;
            Ok(grants::find(tx, &permit, found.grant.id).await?)
        })
    });
    Ok(changed
        .await?
        .answer(|found| Conditions::default().answer(&Grant::of(&found))))
}

/// Take a grant back
///
/// From the next request on. Needs `role:write`, and all that the grant gives.
#[utoipa::path(delete, path = "/v2/organizations/{org}/grants/{grant}", tag = "grants", operation_id = "delete_grant",
    responses((status = 204, description = "The grant is gone")))]
pub async fn delete(
    call: Call,
    Path((org, grant)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, grant, conditions);
    let deleted = call.change(lane, input, |tx, requester, (org, grant, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::RoleWrite).await?;
            let found = grants::find(tx, &permit, id_named(grant)?).await?;
            conditions.admit(&Grant::of(&found))?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(grants::take_back(tx, &permit, keyring, &found, now).await?)
        })
    });
    Ok(deleted.await?.answer(|()| StatusCode::NO_CONTENT))
}
