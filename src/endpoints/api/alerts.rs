//! `/v2/organizations/{org}/alerts`: what administrators are told of the accounts of their people. One's own are in
//! `me::alerts`.

use axum::Json;
use axum::extract::Path;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::call::{Call, organization_named};
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::{Person, Whence};
use crate::directory::alerts::{self, StoredAlert, Told};
use crate::directory::require;
use crate::domain::access::Permission;
use crate::places::Places;

/// What somebody is told of their account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    /// Never changes.
    #[schema(example = "alr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// `new_device`, `many_failures`, `password_changed`, `factor_added`, `factor_removed`, `recovery_code_used`,
    /// `passkey_copied`, `key_created`, `role_raised`, `email_changed`, `key_expires`, `disowned`,
    /// `second_factor_failures`, `guessing_everywhere`, `domain_missing`, `certificate_ends`, `certificate_added`,
    /// `metadata_unread` or `scim_token_expires`.
    #[schema(example = "key_created")]
    kind: &'static str,
    /// What is known of it, by its kind.
    #[schema(value_type = Object, example = json!({ "name": "CI" }))]
    detail: Map<String, Value>,
    /// The organization whose administrators are told, too.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    organization: Option<String>,
    /// From where it was done, if it was done in the person's name.
    from: Option<Whence>,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the person saw it.
    #[schema(format = DateTime)]
    seen_at: Option<String>,
}

/// The same with the person who is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAlert {
    /// Who is told.
    user: Person,
    #[serde(flatten)]
    alert: Alert,
}

impl Alert {
    pub(super) fn of(alert: &StoredAlert, places: &Places) -> Self {
        let from = |address: &String| Whence::of(address, &alert.user_agent, places);
        Self {
            id: alert.id.to_string(),
            kind: alert.kind.name(),
            detail: alert.kind.detail(),
            organization: alert.organization.map(|id| id.to_string()),
            from: alert.address.as_ref().map(from),
            created_at: alert.created_at.to_string(),
            seen_at: alert.seen_at.map(|at| at.to_string()),
        }
    }
}

impl MemberAlert {
    fn of(told: &Told, places: &Places) -> Self {
        Self {
            user: Person {
                id: told.alert.user.to_string(),
                email: told.email.as_str().to_owned(),
                name: told.name.as_str().to_owned(),
            },
            alert: Alert::of(&told.alert, places),
        }
    }
}

/// List alerts
///
/// What people were told, newest first: those whom the organization manages, and any of its members about what they do
/// there. Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/alerts", tag = "audit", operation_id = "list_alerts",
    responses((status = 200, description = "A page of alerts", body = List<MemberAlert>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<MemberAlert>>, Problem> {
    asked.knows(&[])?;
    let places = call.state.config.places.clone();
    let found = call.read((org, asked, places), |tx, requester, (org, asked, places)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
            let list = asked.of(requester, format!("alerts {organization}"))?;
            let found = alerts::list(tx, &permit, &list.page).await?;
            let shown = |told: &Told| MemberAlert::of(told, places);
            Ok(list.show(found, |row| row.alert.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}
