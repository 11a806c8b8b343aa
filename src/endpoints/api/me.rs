//! `/v2/users/me`: oneself, one's sessions, and what one let applications do. One's keys are in `api_keys`.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{MergePatch, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::OrganizationName;
use crate::directory::{DirectoryError, SelfPermit, profile, require_self};
use crate::domain::access::Permission;
use crate::domain::text::DisplayName;
use crate::storage::consents::Consent as StoredConsent;
use crate::storage::session_lists::Own;
use crate::storage::{Lane, Tx};

/// Oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Never changes.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Where one is written to.
    #[schema(example = "alice@example.com")]
    email: String,
    /// What one is called.
    #[schema(example = "Alice Archer")]
    name: String,
    /// Where one belongs; to a token or key, where that acts.
    organizations: Vec<Belonging>,
}

/// An organization that one belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Belonging {
    /// Which.
    organization: OrganizationName,
    /// As what.
    #[schema(example = "owner")]
    role: Option<String>,
    /// `active`, `inactive` or `suspended`.
    #[schema(example = "active")]
    status: String,
}

/// What one changes of oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeToChange {
    /// 1 to 100 characters.
    #[schema(example = "Alice Archer", nullable = false)]
    name: Option<String>,
}

impl MergePatch for MeToChange {}

/// One of one's own sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSession {
    /// Never changes.
    #[schema(example = "ses_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// When one signed in.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, up to a minute late.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When it ends whatever happens.
    #[schema(format = DateTime)]
    expires_at: String,
    /// From where it was opened.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// By which program.
    user_agent: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// What one let an application do for an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consent {
    /// Which application.
    application: ConsentedApplication,
    /// For which organization.
    organization: OrganizationName,
    /// What one agreed to.
    #[schema(example = "openid profile email")]
    scope: String,
    /// When.
    #[schema(format = DateTime)]
    agreed_at: String,
}

/// An application that one agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentedApplication {
    /// Its `client_id`.
    #[schema(example = "app_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Fleet")]
    name: String,
}

impl OwnSession {
    fn of(own: &Own, permit: &SelfPermit<'_>) -> Self {
        Self {
            id: own.id.to_string(),
            created_at: own.created_at.to_string(),
            last_seen_at: own.last_seen_at.to_string(),
            expires_at: own.expires_at.to_string(),
            address: own.origin.address.clone(),
            user_agent: own.origin.user_agent.clone(),
            current: permit.session() == Some(own.id),
        }
    }
}

impl Consent {
    fn of(consent: &StoredConsent) -> Self {
        Self {
            application: ConsentedApplication {
                id: consent.key.application.to_string(),
                name: consent.application_name.as_str().to_owned(),
            },
            organization: OrganizationName {
                id: consent.key.organization.to_string(),
                name: consent.organization_name.as_str().to_owned(),
            },
            scope: consent.scope.to_string(),
            agreed_at: consent.agreed_at.to_string(),
        }
    }
}

async fn shown<'t>(tx: &mut Tx<'t>, permit: &SelfPermit<'t>) -> Result<Me, DirectoryError> {
    let belongings = profile::organizations(tx, permit).await?;
    let belonging = belongings
        .into_iter()
        .map(|(organization, membership)| Belonging {
            organization: OrganizationName {
                id: organization.id.to_string(),
                name: organization.name.as_str().to_owned(),
            },
            role: membership.role.map(|role| role.name),
            status: membership.status.to_string(),
        });
    let user = permit.user();
    Ok(Me {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        organizations: belonging.collect(),
    })
}

/// Get oneself
///
/// Any token or key of a person may.
#[utoipa::path(get, path = "/v2/users/me", tag = "me", operation_id = "get_me",
    responses((status = 200, description = "Oneself", body = Me)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(shown(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Change oneself
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(patch, path = "/v2/users/me", tag = "me", operation_id = "update_me",
    request_body(content = MeToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Oneself as one is now", body = Me)))]
pub async fn update(
    call: Call,
    conditions: Conditions,
    Patch(change): Patch<MeToChange>,
) -> Result<Response, Problem> {
    let name = change.name.as_deref().map(DisplayName::parse).transpose();
    let name = name.map_err(|error| Problem::field("/name", error))?;
    let changed = call.write(
        Lane::Free,
        (conditions, name),
        |tx, requester, (conditions, name)| {
            Box::pin(async move {
                let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
                conditions.admit(&shown(tx, &permit).await?)?;
                if let Some(name) = name {
                    profile::rename(tx, &permit, &requester.keyring, name, requester.now).await?;
                }
                let permit = require_self(tx, requester, None).await?;
                Ok(shown(tx, &permit).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&changed.await?))
}

/// List one's own sessions
///
/// By a token or key only if `session:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/sessions", tag = "me", operation_id = "list_own_sessions",
    responses((status = 200, description = "A page of sessions", body = List<OwnSession>)))]
pub async fn list_sessions(call: Call, asked: Listing) -> Result<Json<List<OwnSession>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(asked, |tx, requester, asked| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            let list = asked.of(requester, format!("sessions {}", permit.id()))?;
            let now = requester.now;
            let found = profile::sessions(tx, &permit, now, &list.page).await?;
            let shown = |own: &Own| OwnSession::of(own, &permit);
            Ok(list.show(found, |row| row.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// End one of one's own sessions
///
/// By a token or key only if `session:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/sessions/{session}", tag = "me", operation_id = "end_own_session",
    responses((status = 204, description = "The session has ended, and with it its tokens")))]
pub async fn end_session(call: Call, Path(session): Path<String>) -> Result<StatusCode, Problem> {
    let ended = call.write(Lane::Free, session, |tx, requester, session| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            let id = id_named(session)?;
            Ok(profile::end_session(tx, &permit, &requester.keyring, id, requester.now).await?)
        })
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all other sessions
///
/// All but the one that asks; by a token or key all, and only if `session:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/sessions", tag = "me", operation_id = "end_other_sessions",
    responses((status = 204, description = "No other session is open")))]
pub async fn end_other_sessions(call: Call) -> Result<StatusCode, Problem> {
    let ended = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            Ok(profile::end_other_sessions(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List one's consents
///
/// By a token or key: those for its organization, and only if `application:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/consents", tag = "me", operation_id = "list_consents",
    responses((status = 200, description = "A page of consents", body = List<Consent>)))]
pub async fn list_consents(call: Call, asked: Listing) -> Result<Json<List<Consent>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(asked, |tx, requester, asked| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::ApplicationWrite)).await?;
            let list = asked.of(requester, format!("consents {}", permit.id()))?;
            let found = profile::consents(tx, &permit, &list.page).await?;
            let id = |row: &StoredConsent| format!("{} {}", row.key.application, row.key.organization);
            Ok(list.show(found, id, Consent::of))
        })
    });
    Ok(Json(found.await?))
}

/// Take a consent back
///
/// And with it every token that stands on it. By a token or key only if `application:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/consents/{org}/{application}", tag = "me", operation_id = "revoke_consent",
    responses((status = 204, description = "The application has to ask again")))]
pub async fn revoke_consent(
    call: Call,
    Path((org, application)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let revoked = call.write(
        Lane::Free,
        (org, application),
        |tx, requester, (org, application)| {
            Box::pin(async move {
                let permit = require_self(tx, requester, Some(Permission::ApplicationWrite)).await?;
                let organization = organization_named(tx, org).await?;
                let (id, keyring, now) = (id_named(application)?, &requester.keyring, requester.now);
                Ok(profile::revoke_consent(tx, &permit, keyring, id, organization, now).await?)
            })
        },
    );
    revoked.await?;
    Ok(StatusCode::NO_CONTENT)
}
