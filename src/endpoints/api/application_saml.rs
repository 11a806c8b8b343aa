//! `/v2/organizations/{org}/applications/{application}/saml`: how an application speaks SAML 2.0.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::body::{Body, LONG_BODY};
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use super::service_provider::{ApplicationSaml, SamlToPut};
use crate::directory::{applications, require, service_providers};
use crate::domain::access::Permission;

/// Get how an application speaks SAML
///
/// With what it needs to know of this side. Needs `application:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/applications/{application}/saml", tag = "applications",
    operation_id = "get_application_saml",
    responses((status = 200, description = "How it speaks SAML", body = ApplicationSaml)))]
pub async fn get(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, application), |tx, requester, (org, application)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            let found = applications::find(tx, &permit, id_named(application)?).await?;
            let provider = service_providers::find(tx, &permit, &found.application).await?;
            Ok((found.application.id, provider))
        })
    });
    let (id, provider) = found.await?;
    let us = call.state.downstream.identity_provider(id);
    Ok(conditions.answer(&ApplicationSaml::of(&provider, us)))
}

/// Let an application speak SAML
///
/// All of it at once: what is absent takes its default, or what `metadata_xml` says. The answer tells what the application
/// needs to know of this side. Needs `application:write`, and all that the application was given by grants.
#[utoipa::path(put, path = "/v2/organizations/{org}/applications/{application}/saml", tag = "applications",
    operation_id = "put_application_saml", request_body(content = SamlToPut),
    responses((status = 200, description = "How it speaks SAML now", body = ApplicationSaml)))]
pub async fn put(
    call: Call,
    Path((org, application)): Path<(String, String)>,
    Body { value, .. }: Body<SamlToPut, LONG_BODY>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let provider = value.read(call.now())?;
    let put = call.write(
        lane,
        (org, application, provider),
        |tx, requester, (org, application, provider)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
                let found = applications::find(tx, &permit, id_named(application)?).await?;
                let (keyring, now) = (&requester.keyring, requester.now);
                service_providers::put(tx, &permit, keyring, &found.application, provider, now).await?;
                Ok((found.application.id, provider.clone()))
            })
        },
    );
    let (id, provider) = put.await?;
    let us = call.state.downstream.identity_provider(id);
    Ok(Conditions::default().answer(&ApplicationSaml::of(&provider, us)))
}

/// Stop an application from speaking SAML
///
/// Nobody signs in to it so any more; tokens are as before. Needs what changing it needs.
#[utoipa::path(delete, path = "/v2/organizations/{org}/applications/{application}/saml", tag = "applications",
    operation_id = "delete_application_saml",
    responses((status = 204, description = "It speaks no SAML")))]
pub async fn delete(
    call: Call,
    Path((org, application)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let deleted = call.write(lane, (org, application), |tx, requester, (org, application)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ApplicationWrite).await?;
            let found = applications::find(tx, &permit, id_named(application)?).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(service_providers::remove(tx, &permit, keyring, &found.application, now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
