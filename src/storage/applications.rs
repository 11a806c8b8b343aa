//! Applications: downstream clients.

use super::page::Page;
use super::query::{execute, fetch};
use super::row::{Row, join};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{ApplicationId, OrganizationId};
use crate::domain::oauth::{Application, ClientAuthentication, OpenTo, RedirectUri};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
struct ApplicationRow {
    id: String,
    organization_id: String,
    name: String,
    authentication: String,
    secret_hash: Option<Vec<u8>>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    scope: String,
    resources: String,
    grant_types: String,
    admin_api: bool,
    id_token_on_refresh: bool,
    id_token_algorithm: String,
    require_pkce: bool,
    require_nonce: bool,
    first_party: bool,
    every_organization: bool,
}

impl TryFrom<ApplicationRow> for Application {
    type Error = StorageError;

    fn try_from(columns: ApplicationRow) -> Result<Self, StorageError> {
        let row = Row::of("applications", &columns.id);
        let uris = |column, text: &str| -> Result<Vec<RedirectUri>, StorageError> {
            text.split(' ')
                .filter(|uri| !uri.is_empty())
                .map(|uri| row.some(column, RedirectUri::register(uri).ok()))
                .collect()
        };
        let hash = columns
            .secret_hash
            .as_deref()
            .map(|bytes| row.hash("secret_hash", bytes))
            .transpose()?;
        let authentication = ClientAuthentication::from_stored(&columns.authentication, hash);
        Ok(Self {
            id: row.parse("id", &columns.id)?,
            organization: row.parse("organization_id", &columns.organization_id)?,
            name: row.some("name", DisplayName::parse(&columns.name).ok())?,
            authentication: row.some("authentication", authentication)?,
            redirect_uris: uris("redirect_uris", &columns.redirect_uris)?,
            post_logout_redirect_uris: uris("post_logout_redirect_uris", &columns.post_logout_redirect_uris)?,
            scope: row.parse("scope", &columns.scope)?,
            resources: row.parse_list("resources", &columns.resources)?,
            grant_types: row.parse_list("grant_types", &columns.grant_types)?,
            admin_api: columns.admin_api,
            id_token_on_refresh: columns.id_token_on_refresh,
            id_token_algorithm: row.parse("id_token_algorithm", &columns.id_token_algorithm)?,
            require_pkce: columns.require_pkce,
            require_nonce: columns.require_nonce,
            first_party: columns.first_party,
            open_to: if columns.every_organization {
                OpenTo::EveryOrganization
            } else {
                OpenTo::OwnMembers
            },
        })
    }
}

/// Stores a new application.
pub async fn insert(tx: &mut Tx<'_>, application: &Application, now: Timestamp) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO applications (id, organization_id, name, authentication, secret_hash, redirect_uris, \
         post_logout_redirect_uris, scope, resources, id_token_algorithm, require_pkce, require_nonce, first_party, \
         every_organization, active, created_at, grant_types, admin_api, id_token_on_refresh) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        application.id.to_string(),
        application.organization.to_string(),
        application.name.as_str(),
        application.authentication.method(),
        application
            .authentication
            .secret_hash()
            .map(|hash| hash.as_bytes().to_vec()),
        join(&application.redirect_uris),
        join(&application.post_logout_redirect_uris),
        application.scope.to_string(),
        application.resources.join(" "),
        application.id_token_algorithm.name(),
        application.require_pkce,
        application.require_nonce,
        application.first_party,
        application.open_to == OpenTo::EveryOrganization,
        true,
        now.millis(),
        join(&application.grant_types),
        application.admin_api,
        application.id_token_on_refresh,
    )?;
    tx.changed(Topic::Application(application.id));
    Ok(())
}

/// The application of a `client_id`, unless it is switched off.
pub async fn active(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Application>, StorageError> {
    let row = fetch!(
        fetch_optional as ApplicationRow,
        tx,
        "SELECT id, organization_id, name, authentication, secret_hash, redirect_uris, post_logout_redirect_uris, \
         scope, resources, grant_types, admin_api, id_token_on_refresh, id_token_algorithm, require_pkce, require_nonce, \
         first_party, every_organization \
         FROM applications WHERE id = $1 AND active",
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Switches an application on or off.
pub async fn set_active(tx: &mut Tx<'_>, id: ApplicationId, active: bool) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE applications SET active = $2 WHERE id = $1",
        id.to_string(),
        active
    )?;
    tx.changed(Topic::Application(id));
    Ok(())
}

/// An application as its organization sees it.
#[derive(Debug, Clone)]
pub struct Registered {
    /// What was registered.
    pub application: Application,
    /// Whether it is switched on.
    pub active: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct RegisteredRow {
    #[sqlx(flatten)]
    application: ApplicationRow,
    active: bool,
    created_at: i64,
}

impl TryFrom<RegisteredRow> for Registered {
    type Error = StorageError;

    fn try_from(columns: RegisteredRow) -> Result<Self, StorageError> {
        Ok(Self {
            application: columns.application.try_into()?,
            active: columns.active,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// An application of an organization, on or off.
pub async fn by_id(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ApplicationId,
) -> Result<Option<Registered>, StorageError> {
    let row = fetch!(
        fetch_optional as RegisteredRow,
        tx,
        "SELECT id, organization_id, name, authentication, secret_hash, redirect_uris, post_logout_redirect_uris, \
         scope, resources, grant_types, admin_api, id_token_on_refresh, id_token_algorithm, require_pkce, require_nonce, \
         first_party, every_organization, active, created_at \
         FROM applications WHERE organization_id = $1 AND id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's applications, on or off, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
) -> Result<Vec<Registered>, StorageError> {
    let rows = fetch!(
        fetch_all as RegisteredRow,
        tx,
        "SELECT id, organization_id, name, authentication, secret_hash, redirect_uris, post_logout_redirect_uris, \
         scope, resources, grant_types, admin_api, id_token_on_refresh, id_token_algorithm, require_pkce, require_nonce, \
         first_party, every_organization, active, created_at \
         FROM applications WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many applications an organization has.
pub async fn count(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<i64, StorageError> {
    let (count,) = fetch!(
        fetch_one as (i64,),
        tx,
        "SELECT COUNT(*) FROM applications WHERE organization_id = $1",
        organization.to_string(),
    )?;
    Ok(count)
}

/// Replaces what was registered, the secret's hash too; id and organization stay.
pub async fn update(tx: &mut Tx<'_>, application: &Application) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE applications SET name = $3, authentication = $4, secret_hash = $5, redirect_uris = $6, \
         post_logout_redirect_uris = $7, scope = $8, resources = $9, id_token_algorithm = $10, require_pkce = $11, \
         require_nonce = $12, first_party = $13, every_organization = $14, grant_types = $15, admin_api = $16, \
         id_token_on_refresh = $17 WHERE organization_id = $1 AND id = $2",
        application.organization.to_string(),
        application.id.to_string(),
        application.name.as_str(),
        application.authentication.method(),
        application
            .authentication
            .secret_hash()
            .map(|hash| hash.as_bytes().to_vec()),
        join(&application.redirect_uris),
        join(&application.post_logout_redirect_uris),
        application.scope.to_string(),
        application.resources.join(" "),
        application.id_token_algorithm.name(),
        application.require_pkce,
        application.require_nonce,
        application.first_party,
        application.open_to == OpenTo::EveryOrganization,
        join(&application.grant_types),
        application.admin_api,
        application.id_token_on_refresh,
    )?;
    tx.changed(Topic::Application(application.id));
    Ok(())
}

/// Forgets an application, and with it its consents, families and grants.
pub async fn delete(tx: &mut Tx<'_>, id: ApplicationId) -> Result<(), StorageError> {
    execute!(tx, "DELETE FROM applications WHERE id = $1", id.to_string())?;
    tx.changed(Topic::Application(id));
    Ok(())
}
