//! `/v2/users/me/passkeys`: one's own passkeys and security keys. New ones are added in a browser.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory::credentials::passkeys;
use crate::directory::require_self;
use crate::domain::access::Permission;
use crate::domain::passkey;
use crate::domain::text::DisplayName;
use crate::endpoints::api::body::{MergePatch, Patch};
use crate::endpoints::api::call::{Call, id_named};
use crate::endpoints::api::etag::Conditions;
use crate::endpoints::api::listing::{List, Listing};
use crate::endpoints::api::problem::Problem;
use crate::storage::Lane;
use crate::storage::passkeys::StoredPasskey;

/// A passkey or security key of one's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Passkey {
    /// Never changes.
    #[schema(example = "crd_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// `passkey`, which signs in by itself, or `security_key`, which stands beside a password.
    #[schema(example = "passkey")]
    kind: String,
    /// What one calls it.
    #[schema(example = "Chrome on Linux")]
    name: String,
    /// Whether it can be on several of one's devices.
    synced: bool,
    /// When it was added.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    /// When it was last seen that there may be a copy of it.
    #[schema(format = DateTime)]
    clone_seen_at: Option<String>,
}

/// What to change of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyToChange {
    /// 1 to 100 characters.
    #[schema(example = "Key ring", nullable = false)]
    name: Option<String>,
}

impl MergePatch for PasskeyToChange {}

impl Passkey {
    fn of(passkey: &passkey::Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            kind: passkey.kind.as_str().to_owned(),
            name: passkey.name.as_str().to_owned(),
            synced: passkey.synced,
            created_at: passkey.created_at.to_string(),
            last_used_at: passkey.last_used_at.map(|at| at.to_string()),
            clone_seen_at: passkey.clone_seen_at.map(|at| at.to_string()),
        }
    }
}

/// List one's own passkeys and security keys
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/passkeys", tag = "me", operation_id = "list_own_passkeys",
    responses((status = 200, description = "A page of them", body = List<Passkey>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<Passkey>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(asked, |tx, requester, asked| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            let list = asked.of(requester, format!("passkeys {}", permit.id()))?;
            let found = passkeys::list(tx, &permit, &list.page).await?;
            let shown = |row: &StoredPasskey| Passkey::of(&row.passkey);
            Ok(list.show(found, |row| row.passkey.id.to_string(), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Get a passkey or security key of one's own
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(get, path = "/v2/users/me/passkeys/{passkey}", tag = "me", operation_id = "get_own_passkey",
    responses((status = 200, description = "The passkey or security key", body = Passkey)))]
pub async fn get(call: Call, Path(id): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(id, |tx, requester, id| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            Ok(passkeys::find(tx, &permit, id_named(id)?).await?)
        })
    });
    Ok(conditions.answer(&Passkey::of(&found.await?)))
}

/// Rename a passkey or security key of one's own
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(patch, path = "/v2/users/me/passkeys/{passkey}", tag = "me", operation_id = "update_own_passkey",
    request_body(content = PasskeyToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "It as it is now", body = Passkey)))]
pub async fn update(
    call: Call,
    Path(id): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<PasskeyToChange>,
) -> Result<Response, Problem> {
    let name = change.name.as_deref().map(DisplayName::parse).transpose();
    let name = name.map_err(|error| Problem::field("/name", error))?;
    let changed = call.write(
        Lane::Free,
        (id, conditions, name),
        |tx, requester, (id, conditions, name)| {
            Box::pin(async move {
                let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
                let found = passkeys::find(tx, &permit, id_named(id)?).await?;
                conditions.admit(&Passkey::of(&found))?;
                if let Some(name) = name {
                    let keyring = &requester.keyring;
                    passkeys::rename(tx, &permit, keyring, &found, name, requester.now).await?;
                }
                Ok(passkeys::find(tx, &permit, found.id).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Passkey::of(&changed.await?)))
}

/// Remove a passkey or security key of one's own
///
/// Takes a session whose person proved themselves lately: no token or key may. The last way to sign in stays.
#[utoipa::path(delete, path = "/v2/users/me/passkeys/{passkey}", tag = "me", operation_id = "delete_own_passkey",
    responses((status = 204, description = "It proves nobody any more")))]
pub async fn delete(
    call: Call,
    Path(id): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let deleted = call.write(Lane::Free, (id, conditions), |tx, requester, (id, conditions)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            permit.is_fresh()?;
            let found = passkeys::find(tx, &permit, id_named(id)?).await?;
            conditions.admit(&Passkey::of(&found))?;
            Ok(passkeys::remove(tx, &permit, &requester.keyring, found.id, requester.now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}
