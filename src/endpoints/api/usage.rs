//! `/v2/organizations/{org}/usage`: what products report that they use, and what they are about to use.

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
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::usage::{self, Report};
use crate::directory::{require, require_on};
use crate::domain::access::Permission;
use crate::domain::id::ProductId;
use crate::random;
use crate::storage;

/// The highest number that anybody reports or reserves.
const HIGHEST: i64 = 1_000_000_000;

/// How long a reservation counts unless asked otherwise, in seconds.
const DEFAULT_EXPIRY: u64 = 300;

/// What one product uses.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// Which product; null for all together.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    product: Option<String>,
    /// How many devices there are.
    #[schema(example = 42)]
    devices: i64,
    /// How many deployments are active.
    #[schema(example = 3)]
    active_deployments: i64,
    /// When this was last told.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    reported_at: Option<String>,
}

/// What a product reports, in absolute numbers; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageToReport {
    /// Which product; absent for all together.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz", nullable = false)]
    product: Option<String>,
    /// How many devices there are.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000, example = 42)]
    devices: Option<i64>,
    /// How many deployments are active.
    #[schema(nullable = false, minimum = 0, maximum = 1_000_000_000, example = 3)]
    active_deployments: Option<i64>,
}

/// Devices that are about to be, and count as if they were.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reservation {
    /// Never changes.
    #[schema(example = "rsv_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Of what.
    resource: Reservable,
    /// How many.
    #[schema(example = 10)]
    amount: i64,
    /// Which product asked for it, if one did.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    product: Option<String>,
    /// When it counts no longer.
    #[schema(format = DateTime, example = "2026-11-22T09:35:00Z")]
    expires_at: String,
}

/// What is counted by products, and so can be reserved.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reservable {
    /// What products manage.
    Devices,
}

/// What to reserve.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservationToMake {
    /// Of what.
    #[expect(dead_code, reason = "there is one yet")]
    resource: Reservable,
    /// How many.
    #[schema(minimum = 1, maximum = 1_000_000_000, example = 10)]
    amount: i64,
    /// For which product, if for one.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz", nullable = false)]
    product: Option<String>,
    /// For how many seconds, 300 if absent.
    #[schema(nullable = false, minimum = 1, maximum = 3600, default = 300)]
    expires_in: Option<u64>,
}

impl Usage {
    fn of(usage: &storage::usage::Usage) -> Self {
        Self {
            product: usage.product.map(|id| id.to_string()),
            devices: usage.devices,
            active_deployments: usage.active_deployments,
            reported_at: usage.reported_at.map(|at| at.to_string()),
        }
    }
}

impl Reservation {
    fn of(reservation: &storage::usage::Reservation) -> Self {
        Self {
            id: reservation.id.to_string(),
            resource: Reservable::Devices,
            amount: reservation.amount,
            product: reservation.product.map(|id| id.to_string()),
            expires_at: reservation.expires_at.to_string(),
        }
    }
}

fn product_named(text: Option<&str>) -> Result<Option<ProductId>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| Problem::field("/product", "there is no such product here"))
}

fn within(pointer: &'static str, value: i64, least: i64) -> Result<i64, Problem> {
    if (least..=HIGHEST).contains(&value) {
        return Ok(value);
    }
    Err(Problem::field(
        pointer,
        format!("it must be from {least} to {HIGHEST}"),
    ))
}

/// List usage
///
/// What is reported, by product, first what is for all together. Needs `usage:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/usage", tag = "usage", operation_id = "list_usage",
    responses((status = 200, description = "A page of what products use", body = List<Usage>)))]
pub async fn list(call: Call, Path(org): Path<String>, asked: Listing) -> Result<Json<List<Usage>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::UsageWrite).await?;
            let list = asked.of(requester, format!("usage {organization}"))?;
            let found = usage::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, storage::usage::Usage::place, Usage::of))
        })
    });
    Ok(Json(found.await?))
}

/// Report usage
///
/// What is so, whatever was reported before; no limit refuses it. Needs `usage:write`, on all products or on this one.
#[utoipa::path(put, path = "/v2/organizations/{org}/usage", tag = "usage", operation_id = "report_usage",
    request_body = UsageToReport,
    responses((status = 200, description = "What the product uses now", body = Usage)))]
pub async fn report(
    call: Call,
    Path(org): Path<String>,
    Body { value, .. }: Body<UsageToReport>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    if value.devices.is_none() && value.active_deployments.is_none() {
        return Err(Problem::field("", "this reports nothing"));
    }
    let report = Report {
        devices: value.devices.map(|n| within("/devices", n, 0)).transpose()?,
        active_deployments: value
            .active_deployments
            .map(|n| within("/active_deployments", n, 0))
            .transpose()?,
    };
    let product = product_named(value.product.as_deref())?;
    let reported = call.write(
        lane,
        (org, product, report),
        |tx, requester, (org, product, report)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit =
                    require_on(tx, requester, organization, *product, Permission::UsageWrite).await?;
                let now = requester.now;
                Ok(usage::report(tx, &permit, &requester.keyring, *product, *report, now).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Usage::of(&reported.await?)))
}

/// Reserve devices
///
/// They count against the limit until they are released or expire. Needs `usage:write`, on all products or on this one.
#[utoipa::path(post, path = "/v2/organizations/{org}/usage/reservations", tag = "usage",
    operation_id = "create_reservation",
    request_body = ReservationToMake,
    responses((status = 201, description = "They are reserved", body = Reservation)))]
pub async fn reserve(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ReservationToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let amount = within("/amount", value.amount, 1)?;
    let product = product_named(value.product.as_deref())?;
    let expires_in = value.expires_in.unwrap_or(DEFAULT_EXPIRY);
    if !(1..=3600).contains(&expires_in) {
        return Err(Problem::field("/expires_in", "it must be from 1 to 3600"));
    }
    let new = storage::usage::Reservation {
        id: random::id(call.now()),
        product,
        amount,
        expires_at: call.now().plus(Duration::from_secs(expires_in)),
    };
    let made = call.write(lane, (org, attempt, new), |tx, requester, (org, attempt, new)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_on(tx, requester, organization, new.product, Permission::UsageWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            usage::reserve(tx, &permit, &requester.keyring, new, requester.now).await?;
            let made = usage::find_reservation(tx, &permit, new.id, requester.now).await?;
            let location = format!("/v2/organizations/{organization}/usage/reservations/{}", new.id);
            attempt
                .made(tx, requester, location, &Reservation::of(&made))
                .await
        })
    });
    made.await
}

/// Get a reservation
///
/// As long as it counts. Needs `usage:write`, on all products or on its own.
#[utoipa::path(get, path = "/v2/organizations/{org}/usage/reservations/{reservation}", tag = "usage",
    operation_id = "get_reservation",
    responses((status = 200, description = "The reservation", body = Reservation)))]
pub async fn get_reservation(
    call: Call,
    Path((org, reservation)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, reservation), |tx, requester, (org, reservation)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let product = usage::product_of(tx, organization, reservation, requester.now).await?;
            let permit = require_on(tx, requester, organization, product, Permission::UsageWrite).await?;
            Ok(usage::find_reservation(tx, &permit, id_named(reservation)?, requester.now).await?)
        })
    });
    Ok(conditions.answer(&Reservation::of(&found.await?)))
}

/// Release a reservation
///
/// When the devices are made and reported, or will not be. Needs `usage:write`, on all products or on its own.
#[utoipa::path(delete, path = "/v2/organizations/{org}/usage/reservations/{reservation}", tag = "usage",
    operation_id = "release_reservation",
    responses((status = 204, description = "It counts no longer")))]
pub async fn release(
    call: Call,
    Path((org, reservation)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, reservation, conditions);
    let released = call.write(lane, input, |tx, requester, (org, reservation, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let product = usage::product_of(tx, organization, reservation, requester.now).await?;
            let permit = require_on(tx, requester, organization, product, Permission::UsageWrite).await?;
            let found = usage::find_reservation(tx, &permit, id_named(reservation)?, requester.now).await?;
            conditions.admit(&Reservation::of(&found))?;
            Ok(usage::release(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    released.await?;
    Ok(StatusCode::NO_CONTENT)
}
