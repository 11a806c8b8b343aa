//! `/v2/users/me/consents`: what one let applications do.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::{profile, require_self};
use crate::domain::access::Permission;
use crate::endpoints::api::call::{Call, id_named, organization_named};
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::endpoints::api::shown::OrganizationName;
use crate::storage::Lane;
use crate::storage::consents::Consent as StoredConsent;

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

/// List one's consents
///
/// By a token or key: those for its organization, and only if `application:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/consents", tag = "me", operation_id = "list_consents",
    responses((status = 200, description = "A page of consents", body = List<Consent>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<Consent>>, Problem> {
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
pub async fn revoke(
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
