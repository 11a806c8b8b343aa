//! `/v2/users/me/identities`: one's accounts at organizations' providers that are linked here. New ones are linked in a
//! browser.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::require_self;
use crate::domain::access::Permission;
use crate::endpoints::api::call::{Call, id_named};
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::endpoints::api::shown::OrganizationName;
use crate::storage::Lane;
use crate::upstream::linking::{self, Linked};

/// An account of one's own at an organization's provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// Never changes.
    #[schema(example = "idn_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// By which connection one comes.
    connection: IdentityConnection,
    /// Whose that is: nowhere else does its word count.
    organization: OrganizationName,
    /// The provider's own unchanging name for one.
    #[schema(example = "00u1abcd2EFGHIJKL345")]
    subject: String,
    /// When it was linked.
    #[schema(format = DateTime)]
    created_at: String,
    /// When one came by it last.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

/// A connection that brings one in.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityConnection {
    /// Never changes.
    #[schema(example = "con_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What people call it.
    #[schema(example = "Acme Entra")]
    name: String,
}

impl Identity {
    fn of(linked: &Linked) -> Self {
        Self {
            id: linked.identity.id.to_string(),
            connection: IdentityConnection {
                id: linked.connection.id.to_string(),
                name: linked.connection.name.as_str().to_owned(),
            },
            organization: OrganizationName {
                id: linked.organization.id.to_string(),
                name: linked.organization.name.as_str().to_owned(),
            },
            subject: linked.identity.subject.as_str().to_owned(),
            created_at: linked.identity.created_at.to_string(),
            last_used_at: linked.identity.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// List one's identities
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/identities", tag = "me", operation_id = "list_own_identities",
    responses((status = 200, description = "A page of identities", body = List<Identity>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<Identity>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(asked, |tx, requester, asked| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            let list = asked.of(requester, format!("identities {}", permit.id()))?;
            let found = linking::list(tx, &permit, &list.page).await?;
            Ok(list.show(found, |row| row.identity.id.to_string(), Identity::of))
        })
    });
    Ok(Json(found.await?))
}

/// Unlink an identity
///
/// And with it what its provider's word opened. Takes a session whose person proved themselves lately by a credential of
/// their own: no token or key may.
#[utoipa::path(delete, path = "/v2/users/me/identities/{identity}", tag = "me", operation_id = "unlink_own_identity",
    responses((status = 204, description = "Its provider brings nobody in here any more")))]
pub async fn unlink(call: Call, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let unlinked = call.write(Lane::Free, id, |tx, requester, id| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(linking::unlink(tx, &permit, keyring, id_named(id)?, now).await?)
        })
    });
    unlinked.await?;
    Ok(StatusCode::NO_CONTENT)
}
