//! `/v2/organizations/{org}/connections`: the upstream providers that an organization's people come by.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::body::{Body, LONG_BODY, Patch};
use super::call::{Call, id_named, organization_named};
use super::connection::{Connection, ConnectionKind, ConnectionToChange, ConnectionToMake};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::connections::{
    self, AskedMapping, Found, NewConnection, Replaced, client_secret, seal_secret,
};
use crate::directory::{DirectoryError, require, require_fresh};
use crate::domain::access::Permission;
use crate::domain::connection::{Mapping, Provider};
use crate::domain::id::ConnectionId;
use crate::domain::text::DisplayName;
use crate::random;
use crate::storage::sso_log::Line;

/// How one attempt to come by a connection went.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// Names it.
    #[schema(example = "att_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What the person read on the page that told them.
    #[schema(example = "7KQ2MXHD")]
    reference: String,
    /// How far it came: `provider`, `response`, `signature`, `conditions`, `attributes`, `person` or `done`.
    stage: &'static str,
    /// Why it came no further; null if it went well.
    #[schema(example = "wrong_audience")]
    refusal: Option<String>,
    /// The same in a sentence.
    detail: String,
    /// Who came, by the provider's name for them, as far as that was verified.
    subject: Option<String>,
    /// Whom they were taken for.
    user: Option<String>,
    /// Whether it was a try of whoever sets it up.
    test: bool,
    /// From where.
    ip: String,
}

impl Attempt {
    fn of(line: &Line) -> Self {
        Self {
            id: line.id.to_string(),
            at: line.at.to_string(),
            reference: line.reference.to_string(),
            stage: line.stage.as_str(),
            refusal: line.refusal.clone(),
            detail: line.detail.clone(),
            subject: line.subject.clone(),
            user: line.user.map(|user| user.to_string()),
            test: line.test,
            ip: line.address.clone(),
        }
    }
}

/// List connections
///
/// Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/connections", tag = "connections",
    operation_id = "list_connections",
    responses((status = 200, description = "A page of connections", body = List<Connection>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Connection>>, Problem> {
    asked.knows(&[])?;
    let public_url = call.state.config.public_url.clone();
    let found = call.read(
        (org, asked, public_url),
        |tx, requester, (org, asked, public_url)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
                let list = asked.of(requester, format!("connections {organization}"))?;
                let found = connections::list(tx, &permit, &list.page).await?;
                let shown = |row: &Found| Connection::of(row, public_url, requester.now);
                Ok(list.show(found, |row| row.connection.id.to_string(), shown))
            })
        },
    );
    Ok(Json(found.await?))
}

/// Get a connection
///
/// With what to register at the provider, and what it lacks to be enabled. Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/connections/{connection}", tag = "connections",
    operation_id = "get_connection",
    responses((status = 200, description = "The connection, without its secret", body = Connection)))]
pub async fn get(
    call: Call,
    Path((org, connection)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = call.read((org, connection), |tx, requester, (org, connection)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(connections::find(tx, &permit, id_named(connection)?).await?)
        })
    });
    Ok(conditions.answer(&call.shown(&found.await?)))
}

/// Make a connection
///
/// As a draft, which nobody comes by before it is enabled. A rule of its mapping gives only what whoever writes it holds.
/// Needs `connection:write`, and a fresh proof of who asks.
#[utoipa::path(post, path = "/v2/organizations/{org}/connections", tag = "connections",
    operation_id = "create_connection", request_body = ConnectionToMake,
    responses((status = 201, description = "The draft", body = Connection)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<ConnectionToMake, LONG_BODY>,
) -> Result<Made, Problem> {
    call.is_in_earnest()?;
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    call.may_change_connections(&org).await?;
    let new = call.connection_to_make(value).await?;
    let public_url = call.state.config.public_url.clone();
    let input = (org, attempt, new, public_url);
    let made = call.write(lane, input, |tx, requester, (org, attempt, new, public_url)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            let (keyring, now) = (&requester.keyring, requester.now);
            connections::create(tx, &permit, keyring, new, now).await?;
            let found = connections::find(tx, &permit, new.id).await?;
            let location = format!("/v2/organizations/{organization}/connections/{}", new.id);
            let shown = Connection::of(&found, public_url, now);
            attempt.made(tx, requester, location, &shown).await
        })
    });
    made.await
}

/// Change a connection
///
/// To enable one, or to change more than the name of one that is, is for those who hold every permission here: who comes
/// by it is who its provider says. Disabled, what stood on its word ends at once. Needs `connection:write`, all that its
/// rules give, and a fresh proof of who asks.
#[utoipa::path(patch, path = "/v2/organizations/{org}/connections/{connection}", tag = "connections",
    operation_id = "update_connection",
    request_body(content = ConnectionToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The connection as it is now", body = Connection)))]
pub async fn update(
    call: Call,
    Path((org, connection)): Path<(String, String)>,
    conditions: Conditions,
    Patch(change): Patch<ConnectionToChange, LONG_BODY>,
) -> Result<Response, Problem> {
    call.is_in_earnest()?;
    let lane = call.lane_of(&org).await?;
    call.may_change_connections(&org).await?;
    let known = (org.clone(), connection.clone());
    let old = call.read(known, |tx, requester, (org, connection)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
            Ok(connections::find(tx, &permit, id_named(connection)?).await?)
        })
    });
    let old = old.await?;
    let change = call.connection_change(change, &old).await?;
    let public_url = call.state.config.public_url.clone();
    let input = (org, old, conditions, change, public_url);
    let changed = call.write(
        lane,
        input,
        |tx, requester, (org, old, conditions, change, public_url)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
                let now = requester.now;
                let found = connections::find(tx, &permit, old.connection.id).await?;
                conditions.admit(&Connection::of(&found, public_url, now))?;
                // What is asked was read over what there was a moment ago.
                if found.connection != old.connection {
                    return Err(
                        DirectoryError::Already("the connection was changed meanwhile".to_owned()).into(),
                    );
                }
                connections::change(tx, &permit, &requester.keyring, &found, change, now).await?;
                Ok(connections::find(tx, &permit, found.connection.id).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&call.shown(&changed.await?)))
}

/// Delete a connection
///
/// Whoever came by it comes by it no more, and what stood on its word ends at once. Needs what changing it needs.
#[utoipa::path(delete, path = "/v2/organizations/{org}/connections/{connection}", tag = "connections",
    operation_id = "delete_connection",
    responses((status = 204, description = "The connection is gone")))]
pub async fn delete(
    call: Call,
    Path((org, connection)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let public_url = call.state.config.public_url.clone();
    let input = (org, connection, conditions, public_url);
    let deleted = call.write(
        lane,
        input,
        |tx, requester, (org, connection, conditions, public_url)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
                let now = requester.now;
                let found = connections::find(tx, &permit, id_named(connection)?).await?;
                conditions.admit(&Connection::of(&found, public_url, now))?;
                Ok(connections::delete(tx, &permit, &requester.keyring, &found, now).await?)
            })
        },
    );
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List attempts to come by a connection
///
/// Its SSO log of the last 90 days, the newest first: how far each came, and why no further. Needs `connection:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/connections/{connection}/attempts", tag = "connections",
    operation_id = "list_connection_attempts",
    responses((status = 200, description = "A page of attempts", body = List<Attempt>)))]
pub async fn list_attempts(
    call: Call,
    Path((org, connection)): Path<(String, String)>,
    asked: Listing,
) -> Result<Json<List<Attempt>>, Problem> {
    asked.knows(&[])?;
    let found = call.read(
        (org, connection, asked),
        |tx, requester, (org, connection, asked)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::ConnectionWrite).await?;
                let list = asked.of(requester, format!("attempts {connection}"))?;
                let found = connections::attempts(tx, &permit, id_named(connection)?, &list.page).await?;
                Ok(list.show(found, |row| row.id.to_string(), Attempt::of))
            })
        },
    );
    Ok(Json(found.await?))
}

impl Call {
    fn shown(&self, found: &Found) -> Connection {
        Connection::of(found, &self.state.config.public_url, self.now())
    }

    /// Asked before documents are fetched and read for anybody; and again in the transaction that uses them.
    async fn may_change_connections(&self, org: &str) -> Result<(), Problem> {
        let may = self.read(org.to_owned(), |tx, requester, org| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                require_fresh(tx, requester, organization, Permission::ConnectionWrite).await?;
                Ok(())
            })
        });
        may.await
    }

    async fn connection_to_make(&self, asked: ConnectionToMake) -> Result<NewConnection, Problem> {
        let id: ConnectionId = random::id(self.now());
        asked.fits_its_kind()?;
        let secret = asked
            .client_secret
            .clone()
            .map(client_secret)
            .transpose()?
            .map(Zeroizing::new);
        let provider = match asked.kind {
            ConnectionKind::Oidc => Provider::Oidc(asked.oidc().make()?),
            ConnectionKind::Saml => {
                let particulars = asked.saml();
                let xml = match (&asked.metadata_xml, &asked.metadata_url) {
                    (Some(xml), None) => xml.clone().into_bytes(),
                    (None, Some(url)) => connections::fetch_metadata(&self.state.outbound, url).await?,
                    _ => {
                        let one = "give the provider's metadata, or where it is: one of both";
                        return Err(Problem::field("/metadata_xml", one));
                    }
                };
                Provider::Saml(connections::import(&xml, particulars, self.now())?)
            }
        };
        let name = match &asked.name {
            Some(name) => DisplayName::parse(name).map_err(|error| Problem::field("/name", error))?,
            None => connections::usual_name(&provider),
        };
        let mapping = match asked.mapping {
            Some(mapping) => mapping.on(&Mapping::default())?,
            None => AskedMapping::default(),
        };
        Ok(NewConnection {
            id,
            name,
            provider,
            sealed_secret: secret.map(|secret| seal_secret(&self.requester.keyring, id, &secret)),
            mapping,
            creates_members: asked.creates_members,
            trusts_mfa: asked.trusts_mfa,
        })
    }

    async fn connection_change(
        &self,
        asked: ConnectionToChange,
        old: &Found,
    ) -> Result<connections::ConnectionChange, Problem> {
        let connection = &old.connection;
        asked.fits(&connection.provider)?;
        let provider = match &connection.provider {
            Provider::Oidc(oidc) => Provider::Oidc(asked.oidc().over(oidc.clone())?),
            Provider::Saml(saml) => {
                let saml = asked.saml().over(saml.clone())?;
                let xml = match (&asked.metadata_xml, asked.new_metadata_url()) {
                    (Some(xml), None) => Some(xml.clone().into_bytes()),
                    (None, Some(url)) => Some(connections::fetch_metadata(&self.state.outbound, url).await?),
                    (None, None) => None,
                    (Some(_), Some(_)) => {
                        let one = "give the newer metadata, or where it is: one of both";
                        return Err(Problem::field("/metadata_xml", one));
                    }
                };
                Provider::Saml(match xml {
                    Some(xml) => connections::reimport(&saml, &xml, self.now())?,
                    None => saml,
                })
            }
        };
        let keyring = &self.requester.keyring;
        let name = asked.name.as_deref().map(DisplayName::parse).transpose();
        Ok(connections::ConnectionChange {
            name: name.map_err(|error| Problem::field("/name", error))?,
            provider: Some(provider),
            sealed_secret: match asked.new_secret()? {
                Replaced::Kept => Replaced::Kept,
                Replaced::Gone => Replaced::Gone,
                Replaced::By(secret) => Replaced::By(seal_secret(keyring, connection.id, &secret)),
            },
            mapping: match asked.mapping {
                Some(mapping) => Some(mapping.on(&connection.mapping)?),
                None => None,
            },
            creates_members: asked.creates_members,
            trusts_mfa: asked.trusts_mfa,
            status: asked.status.map(super::connection::ConnectionSwitch::status),
        })
    }
}
