//! `/v2/organizations/{org}/audit-logs` and `/v2/audit-logs`: what happened, newest first; as a page, a table or lines.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::audit_export::{Source, answer};
use super::audit_question::{AuditQuestion, EventResult, LogFormat};
use super::call::Call;
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::audit::Telling;
use crate::domain::time::Timestamp;
use crate::storage::audit_events::StoredEvent;

/// A fact that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Never changes. Greater than those of earlier events.
    #[schema(example = "evt_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub(super) id: String,
    /// When.
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// What, as `noun.verb`.
    #[schema(example = "member.role_changed")]
    pub(super) action: String,
    /// What it is about: `token`, `sign_in`, `access` or `change`.
    #[schema(example = "access")]
    pub(super) category: String,
    /// `success`, or `refused`.
    #[schema(example = "success")]
    pub(super) result: String,
    /// Who acted.
    pub(super) actor: AuditActor,
    /// In whose place, if a program acted for a person.
    pub(super) on_behalf_of: Option<AuditActor>,
    /// Whose log it is in; null for the instance's own.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub(super) organization: Option<String>,
    /// To what it was done.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub(super) target: Option<String>,
    /// From where.
    #[schema(example = "192.0.2.7")]
    pub(super) ip: Option<String>,
    /// By which program.
    pub(super) user_agent: Option<String>,
    /// More about it, by the action's own names.
    pub(super) detail: Map<String, Value>,
    /// The fields that changed, as they were.
    pub(super) before: Option<Map<String, Value>>,
    /// And as they became.
    pub(super) after: Option<Map<String, Value>>,
    /// Whether what it said of a person was erased with that person.
    pub(super) erased: bool,
}

/// Who acted, or in whose place.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// `user`, `application`, `api_key`, `host` for a command on the server's machine, or `nobody` for somebody who was
    /// not recognised.
    #[schema(example = "user")]
    pub(super) kind: &'static str,
    /// Of a user, application or key.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub(super) id: Option<String>,
}

impl AuditActor {
    fn of(stored: &str) -> Self {
        let kind = match stored.split_once('_').map(|(prefix, _)| prefix) {
            Some("usr") => "user",
            Some("app") => "application",
            Some("key") => "api_key",
            _ if stored == "host" => {
                return Self {
                    kind: "host",
                    id: None,
                };
            }
            _ => {
                return Self {
                    kind: "nobody",
                    id: None,
                };
            }
        };
        Self {
            kind,
            id: Some(stored.to_owned()),
        }
    }
}

impl AuditEvent {
    pub(super) fn of(stored: &StoredEvent) -> Self {
        let told = Telling::of(stored);
        Self {
            id: stored.id.clone(),
            at: Timestamp::from_millis(stored.at).to_string(),
            action: stored.action.clone(),
            category: stored.category.clone(),
            result: stored.result.clone(),
            actor: AuditActor::of(&stored.actor),
            on_behalf_of: stored.on_behalf_of.as_deref().map(AuditActor::of),
            organization: stored.organization_id.clone(),
            target: stored.target.clone(),
            ip: told.ip,
            user_agent: told.user_agent,
            detail: told.detail,
            before: told.before,
            after: told.after,
            erased: told.erased,
        }
    }
}

/// List the audit log
///
/// What happened in the organization, newest first. Needs `audit_log:read`. With `format`, all of it in one file instead
/// of a page.
#[utoipa::path(get, path = "/v2/organizations/{org}/audit-logs", tag = "audit", operation_id = "list_audit_logs",
    params(
        ("user" = Option<String>, Query, description = "By this person, in their place, or to them; by id or email"),
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("action" = Option<String>, Query, description = "Of this action, such as `member.role_changed`"),
        ("result" = Option<EventResult>, Query, description = "With this result"),
        ("target" = Option<String>, Query, description = "To this thing, by its id"),
        ("format" = Option<LogFormat>, Query, description = "All of it in one file"),
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let question = AuditQuestion::of(&asked, &headers, AuditQuestion::ALL)?;
    answer(call, Source::Organization(org), asked, question).await
}

/// List the instance's audit log
///
/// What belongs to no organization, newest first: people who sign in, users, keys that sign. For superusers.
#[utoipa::path(get, path = "/v2/audit-logs", tag = "audit", operation_id = "list_instance_audit_logs",
    params(
        ("user" = Option<String>, Query, description = "By this person, in their place, or to them; by id or email"),
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("action" = Option<String>, Query, description = "Of this action, such as `member.role_changed`"),
        ("result" = Option<EventResult>, Query, description = "With this result"),
        ("target" = Option<String>, Query, description = "To this thing, by its id"),
        ("format" = Option<LogFormat>, Query, description = "All of it in one file"),
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)))]
pub async fn list_of_instance(call: Call, asked: Listing, headers: HeaderMap) -> Result<Response, Problem> {
    let question = AuditQuestion::of(&asked, &headers, AuditQuestion::ALL)?;
    answer(call, Source::Instance, asked, question).await
}

/// List changes of permissions
///
/// What changed who may do what: roles, groups, grants, members, invitations, keys and security settings; newest first.
/// Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/permission-changes", tag = "audit",
    operation_id = "list_permission_changes",
    params(
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("format" = Option<LogFormat>, Query, description = "All of it in one file"),
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)))]
pub async fn list_permission_changes(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let question = AuditQuestion::of(&asked, &headers, AuditQuestion::WHEN)?;
    answer(call, Source::PermissionChanges(org), asked, question).await
}

/// List a member's sign-ins
///
/// As far as the organization knows of them, newest first. Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/members/{user}/sign-ins", tag = "audit",
    operation_id = "list_member_sign_ins",
    params(
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("format" = Option<LogFormat>, Query, description = "All of it in one file"),
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)))]
pub async fn list_member_sign_ins(
    call: Call,
    Path((org, user)): Path<(String, String)>,
    asked: Listing,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let question = AuditQuestion::of(&asked, &headers, AuditQuestion::WHEN)?;
    answer(call, Source::MemberSignIns(org, user), asked, question).await
}

/// List one's own sign-ins
///
/// Failed ones among them, newest first. By a token or key only those of the organization that it acts in.
#[utoipa::path(get, path = "/v2/users/me/sign-ins", tag = "me", operation_id = "list_own_sign_ins",
    params(
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("format" = Option<LogFormat>, Query, description = "All of it in one file"),
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)))]
pub async fn list_own_sign_ins(call: Call, asked: Listing, headers: HeaderMap) -> Result<Response, Problem> {
    let question = AuditQuestion::of(&asked, &headers, AuditQuestion::WHEN)?;
    answer(call, Source::OwnSignIns, asked, question).await
}
