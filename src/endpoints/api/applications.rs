//! `/v2/organizations/{org}/applications`: downstream clients, in the words of RFC 7591.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::application_metadata::{Application, ApplicationToChange, Reading};
use super::body::{Body, Patch};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::{applications, require};
use crate::domain::access::Permission;
use crate::domain::id::ApplicationId;
use crate::domain::oauth::Application as Client;
use crate::domain::secret::Purpose;
use crate::oidc::api_audience;
use crate::random;
use crate::storage::applications::Registered;

use super::application_metadata::{ApplicationSecret, NewApplication};

/// List applications
///
/// Needs `application:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/applications", tag = "applications",
    operation_id = "list_applications",
    responses((status = 200, description = "A page of applications", body = List<Application>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Application>>, Problem> {
    asked.knows(&[])?;
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            let list = asked.of(requester, format!("applications {organization}"))?;
            let found = applications::list(tx, &permit, &list.page).await?;
            let id = |row: &Registered| row.application.id.to_string();
            Ok(list.show(found, id, Application::of))
        })
    });
    Ok(Json(found.await?))
}

/// Get an application
///
/// Needs `application:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/applications/{application}", tag = "applications",
    operation_id = "get_application",
    responses((status = 200, description = "The application, without its secret", body = Application)))]
pub async fn get(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, application), |tx, requester, (org, application)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            Ok(applications::find(tx, &permit, id_named(application)?).await?)
        })
    });
    Ok(conditions.answer(&Application::of(&found.await?)))
}

/// Register an application
///
/// A confidential one is given a secret, shown this once. Needs `application:write`; with `admin_api` and `first_party`
/// together, every permission; to open it to every organization, a superuser.
#[utoipa::path(post, path = "/v2/organizations/{org}/applications", tag = "applications",
    operation_id = "create_application", request_body(content = ref("#/components/schemas/ApplicationToMake")),
    responses((status = 201, description = "The application was registered", body = NewApplication)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ApplicationToChange>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let own_api = api_audience(&call.state.provider.issuer);
    let (id, secret): (ApplicationId, _) = (random::id(call.now()), random::secret());
    let hash = secret.hash(Purpose::ClientSecret);
    let (client, active) = Reading::of(&own_api).make(&value, id, &hash)?;
    let confidential = !client.is_public();
    let input = (org, attempt, client, active);
    let made = call.write(lane, input, |tx, requester, (org, attempt, client, active)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok((made, None));
            }
            let client = Client {
                organization,
                ..client.clone()
            };
            let (keyring, now) = (&requester.keyring, requester.now);
            applications::register(tx, &permit, keyring, &client, now).await?;
            let mut made = applications::find(tx, &permit, client.id).await?;
            if !active {
                let off = Registered {
                    active: false,
                    ..made.clone()
                };
                applications::change(tx, &permit, keyring, &made, &off, now).await?;
                made = off;
            }
            let location = format!("/v2/organizations/{organization}/applications/{}", client.id);
            let shown = Application::of(&made);
            if client.is_public() {
                return Ok((attempt.made(tx, requester, location, &shown).await?, None));
            }
            attempt
                .made_with_secret(tx, requester, &client.id.to_string())
                .await?;
            Ok((Made::empty(), Some((location, shown))))
        })
    });
    Ok(match made.await? {
        (_, Some((location, shown))) if confidential => {
            Made::with_secret(location, &shown, "client_secret", &secret)
        }
        (made, _) => made,
    })
}

/// Change an application
///
/// Needs `application:write`, and all that the application was given by grants.
#[utoipa::path(patch, path = "/v2/organizations/{org}/applications/{application}", tag = "applications",
    operation_id = "update_application",
    request_body(content = ApplicationToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The application as it is now", body = Application)))]
pub async fn update(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<ApplicationToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let own_api = api_audience(&call.state.provider.issuer);
    let input = (org, application, conditions, change, own_api);
    let changed = call.write(
        lane,
        input,
        |tx, requester, (org, application, conditions, change, own_api)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
                let found = applications::find(tx, &permit, id_named(application)?).await?;
                conditions.admit(&Application::of(&found))?;
                let changed = Reading::of(own_api).change(change, &found)?;
                let (keyring, now) = (&requester.keyring, requester.now);
                applications::change(tx, &permit, keyring, &found, &changed, now).await?;
                Ok(applications::find(tx, &permit, found.application.id).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Application::of(&changed.await?)))
}

/// Delete an application
///
/// With its tokens, consents and grants. Needs what changing it needs.
#[utoipa::path(delete, path = "/v2/organizations/{org}/applications/{application}", tag = "applications",
    operation_id = "delete_application",
    responses((status = 204, description = "The application is gone, and its tokens are dead")))]
pub async fn delete(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let input = (org, application, conditions);
    let deleted = call.write(lane, input, |tx, requester, (org, application, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            let found = applications::find(tx, &permit, id_named(application)?).await?;
            conditions.admit(&Application::of(&found))?;
            Ok(applications::delete(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rotate an application's secret
///
/// The new one is shown this once; the old one is worth nothing from the answer on. Needs what changing it needs.
#[utoipa::path(post, path = "/v2/organizations/{org}/applications/{application}/secret", tag = "applications",
    operation_id = "rotate_application_secret",
    responses((status = 201, description = "The new secret", body = ApplicationSecret)))]
pub async fn rotate_secret(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    once: Once,
) -> Result<Made, Problem> {
    let secret = random::secret();
    let lane = call.lane_of(&org).await?;
    let attempt = once.tie_bare()?;
    let input = (org, application, attempt, secret.hash(Purpose::ClientSecret));
    let rotated = call.write(lane, input, |tx, requester, (org, application, attempt, hash)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            attempt.made_before(tx, requester).await?;
            let found = applications::find(tx, &permit, id_named(application)?).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            applications::rotate_secret(tx, &permit, keyring, &found, hash, now).await?;
            attempt
                .made_with_secret(tx, requester, &found.application.id.to_string())
                .await?;
            Ok((organization, found.application.id))
        })
    });
    let (organization, id) = rotated.await?;
    let location = format!("/v2/organizations/{organization}/applications/{id}");
    let shown = serde_json::json!({ "client_id": id.to_string() });
    Ok(Made::with_secret(location, &shown, "client_secret", &secret))
}
