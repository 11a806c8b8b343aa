//! `/v2/organizations/{org}/access/explain`: why somebody may do something, or may not.

use std::net::IpAddr;

use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::call::{Call, organization_named};
use super::problem::Problem;
use crate::audit::Event;
use crate::directory::explain::{About, Case, Named, Question, product_named};
use crate::directory::require_insight;
use crate::domain::access::{self, Cause, Gives, GrantOrigin, Permission, Reason, Schedule};
use crate::domain::time::{BadTimestamp, Timestamp};

/// What is to be explained: one of `user`, `application` and `api_key`, and what they would do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessQuestion {
    /// A person, by id or email address; `me` for oneself.
    #[schema(nullable = false, example = "bob@acme.example")]
    user: Option<String>,
    /// An application acting for itself, by its `client_id`.
    #[schema(nullable = false)]
    application: Option<String>,
    /// An API key, by its id.
    #[schema(nullable = false)]
    api_key: Option<String>,
    /// What they would do.
    #[schema(value_type = String, example = "device:write")]
    permission: Permission,
    /// On which product, by id or name; on all products if absent.
    #[schema(nullable = false, example = "rover")]
    product: Option<String>,
    /// When, as in RFC 3339 with an offset; now if absent. Grants and keys are judged by that time, all else as it is.
    #[schema(nullable = false, format = DateTime)]
    at: Option<String>,
    /// From which address. Where there is an IP allowlist, nothing is allowed to an address that nobody named.
    #[schema(nullable = false, value_type = String, required = false, example = "192.0.2.7")]
    ip: Option<IpAddr>,
}

/// Whether somebody may do something, and every reason for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessExplanation {
    /// Whether they may.
    allowed: bool,
    /// Whom it is about; null if there is nobody here like that.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    subject: Option<String>,
    /// What they would do.
    #[schema(value_type = String, example = "device:write")]
    permission: Permission,
    /// On which product; null for on all.
    #[schema(example = "prd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    product: Option<String>,
    /// The time it was judged by.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    at: String,
    /// The address it was judged by; null if nobody named one.
    #[schema(value_type = Option<String>, example = "192.0.2.7")]
    ip: Option<IpAddr>,
    /// Every reason for the answer: all that gives the permission, or else all that is in the way.
    because: Vec<AccessReason>,
    /// When something refuses them altogether: what gives them the permission all the same, for nothing.
    otherwise: Vec<AccessReason>,
}

/// One reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReason {
    /// What kind of reason, for programs; never changes.
    #[schema(example = "outside_schedule")]
    kind: &'static str,
    /// The same for people.
    detail: String,
    /// The role that gives it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    role: Option<ReasonName>,
    /// The grant it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    grant: Option<ReasonGrant>,
    /// The time it is about: when a key expired, or a grant starts or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, format = DateTime)]
    at: Option<String>,
    /// The address that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, value_type = String, example = "192.0.2.7")]
    ip: Option<IpAddr>,
    /// When the grant is next in force, if it is not now and ever will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, format = DateTime)]
    in_force_from: Option<String>,
}

/// A role or a group that a reason names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonName {
    /// Never changes.
    #[schema(example = "rol_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// As it is shown.
    #[schema(example = "operator")]
    name: String,
}

/// A grant that a reason names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonGrant {
    /// Never changes.
    #[schema(example = "grt_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// The group that was given it; null if whoever it is about was given it themselves.
    group: Option<ReasonName>,
    /// The role that it gives; null if it gives permissions by name.
    role: Option<ReasonName>,
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
    #[schema(value_type = Option<Object>)]
    schedule: Option<Schedule>,
}

/// A question as it was asked, with what it names still to be found.
struct Asked {
    about: About,
    permission: Permission,
    product: Option<String>,
    at: Option<Timestamp>,
    ip: Option<IpAddr>,
}

impl AccessQuestion {
    fn read(self) -> Result<Asked, Problem> {
        let about = match (self.user, self.application, self.api_key) {
            (Some(user), None, None) => About::User(user),
            (None, Some(application), None) => About::Application(application),
            (None, None, Some(key)) => About::ApiKey(key),
            _ => return Err(Problem::field("/user", "name one user, application or api_key")),
        };
        let at = self.at.as_deref().map(str::parse).transpose();
        Ok(Asked {
            about,
            permission: self.permission,
            product: self.product,
            at: at.map_err(|error: BadTimestamp| Problem::field("/at", error))?,
            ip: self.ip,
        })
    }
}

impl AccessReason {
    fn of(cause: &Cause) -> Self {
        let reason = &cause.reason;
        Self {
            kind: reason.kind(),
            detail: cause.to_string(),
            role: match reason {
                Reason::Role { id, name } => Some(ReasonName::of(id, name)),
                _ => None,
            },
            grant: reason.grant().map(ReasonGrant::of),
            at: match reason {
                Reason::KeyExpired(at)
                | Reason::KeyTooOld(at)
                | Reason::GrantNotYet(_, at)
                | Reason::GrantEnded(_, at) => Some(at.to_string()),
                _ => None,
            },
            ip: match reason {
                Reason::AddressNotAllowed(address) | Reason::KeyAddressNotAllowed(address) => Some(*address),
                _ => None,
            },
            in_force_from: cause.in_force_from.map(|from| from.to_string()),
        }
    }
}

impl ReasonName {
    fn of(id: &impl ToString, name: &str) -> Self {
        Self {
            id: id.to_string(),
            name: name.to_owned(),
        }
    }
}

impl ReasonGrant {
    fn of(grant: &access::Grant) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            id: grant.id.to_string(),
            group: match &grant.origin {
                GrantOrigin::Direct => None,
                GrantOrigin::Group { id, name } => Some(ReasonName::of(id, name)),
            },
            role: match &grant.gives {
                Gives::Role(role) => Some(ReasonName::of(&role.id, &role.name)),
                Gives::Permissions(_) => None,
            },
            product: grant.product.map(|product| product.to_string()),
            starts_at: text(grant.starts_at),
            ends_at: text(grant.ends_at),
            schedule: grant.schedule.clone(),
        }
    }
}

/// Explain access
///
/// Whether a person, an application or a key may do something, decided as a request would be, with every reason for it.
/// It changes nothing. About oneself it takes no permission, but a token or key needs `organization:read` to learn what
/// its person may do; about others it takes `audit_log:read`, and the log tells of it.
#[utoipa::path(post, path = "/v2/organizations/{org}/access/explain", tag = "access", operation_id = "explain_access",
    request_body = AccessQuestion,
    responses((status = 200, description = "The answer, and why", body = AccessExplanation)))]
pub async fn explain(
    call: Call,
    Path(org): Path<String>,
    Body { value, .. }: Body<AccessQuestion>,
) -> Result<Json<AccessExplanation>, Problem> {
    let asked = value.read()?;
    let told = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_insight(tx, requester, organization).await?;
            let case = Case::load(tx, &permit, &asked.about).await?;
            let product = match &asked.product {
                Some(named) => Some(product_named(tx, &permit, named).await?),
                None => None,
            };
            let question = Question {
                permission: asked.permission,
                product,
                at: asked.at.unwrap_or(requester.now),
                address: asked.ip,
            };
            let told = case.ask(&question);
            let event: Option<Event> = case.event(&permit, &question, &told);
            let shown = AccessExplanation {
                allowed: told.allowed,
                subject: match case.named() {
                    Named::User(id) => Some(id.to_string()),
                    Named::Application(id) => Some(id.to_string()),
                    Named::ApiKey(id) => Some(id.to_string()),
                    Named::Nobody => None,
                },
                permission: question.permission,
                product: product.map(|product| product.to_string()),
                at: question.at.to_string(),
                ip: question.address,
                because: told.because.iter().map(AccessReason::of).collect(),
                otherwise: told.otherwise.iter().map(AccessReason::of).collect(),
            };
            Ok((shown, event))
        })
    });
    let (shown, event) = told.await?;
    if let Some(event) = event {
        call.state.provider.observations.observe(&event, call.now()).await;
    }
    Ok(Json(shown))
}
