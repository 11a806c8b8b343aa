//! `/v2/users/me/alerts`: what one was told of one's own account.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::directory::alerts::{self, StoredAlert};
use crate::directory::require_self;
use crate::domain::access::Permission;
use crate::endpoints::api::alerts::Alert;
use crate::endpoints::api::body::{MergePatch, Patch};
use crate::endpoints::api::call::{Call, id_named};
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;

/// What changes of an alert.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertToChange {
    /// Whether one saw it.
    #[schema(nullable = false)]
    seen: Option<bool>,
}

impl MergePatch for AlertToChange {
    const NULLABLE: &'static [&'static str] = &[];
}

/// List one's own alerts
///
/// Newest first. By a token or key those of its organization, and only if `audit_log:read` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/alerts", tag = "me", operation_id = "list_own_alerts",
    params(("unseen" = Option<bool>, Query, description = "Those alone that one did not see yet")),
    responses((status = 200, description = "A page of alerts", body = List<Alert>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<Alert>>, Problem> {
    asked.knows(&["unseen"])?;
    let unseen = asked.parsed("unseen")?.unwrap_or(false);
    let places = call.state.config.places.clone();
    let input = (asked, unseen, places);
    let found = call.read(input, |tx, requester, (asked, unseen, places)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::AuditLogRead)).await?;
            let list = asked.of(requester, format!("alerts {} {unseen}", permit.id()))?;
            let found = alerts::list_own(tx, &permit, *unseen, &list.page).await?;
            let shown = |alert: &StoredAlert| Alert::of(alert, places);
            Ok(list.show(found, |row| row.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Mark an alert as seen
///
/// Or as not seen. By a token or key only if `audit_log:read` is among its scopes.
#[utoipa::path(patch, path = "/v2/users/me/alerts/{alert}", tag = "me", operation_id = "update_own_alert",
    request_body(content = AlertToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The alert as it is now", body = Alert)))]
pub async fn update(
    call: Call,
    Path(alert): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<AlertToChange>,
) -> Result<Response, Problem> {
    let places = call.state.config.places.clone();
    let input = (alert, conditions, change, places);
    let changed = call.write(
        Lane::Free,
        input,
        |tx, requester, (alert, conditions, change, places)| {
            Box::pin(async move {
                let permit = require_self(tx, requester, Some(Permission::AuditLogRead)).await?;
                let found = alerts::find_own(tx, &permit, id_named(alert)?).await?;
                conditions.admit(&Alert::of(&found, places))?;
                if let Some(seen) = change.seen {
                    alerts::see(tx, &permit, &found, seen, requester.now).await?;
                }
                let found = alerts::find_own(tx, &permit, found.id).await?;
                Ok(Alert::of(&found, places))
            })
        },
    );
    Ok(Conditions::default().answer(&changed.await?))
}

/// Mark all alerts as seen
///
/// By a token or key those of its organization, and only if `audit_log:read` is among its scopes.
#[utoipa::path(put, path = "/v2/users/me/alerts/seen", tag = "me", operation_id = "see_own_alerts",
    responses((status = 204, description = "Every alert was seen")))]
pub async fn see_all(call: Call) -> Result<StatusCode, Problem> {
    let seen = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::AuditLogRead)).await?;
            Ok(alerts::see_all(tx, &permit, requester.now).await?)
        })
    });
    seen.await?;
    Ok(StatusCode::NO_CONTENT)
}
