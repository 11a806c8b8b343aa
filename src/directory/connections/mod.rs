//! Connections: an organization's own upstream providers, as its administrators set them up.
//!
//! Whoever is behind an enabled connection says of people who they are. So to enable one, and to change more than the name
//! of one that is, is for those who hold everything here (as with applications that are asked no consent for); what a
//! rule of one gives, its author holds for good (OR3); and who is behind one never changes once it was enabled: another
//! issuer is another connection, as the same subject may be somebody else there (UP3).

mod attempts;
mod gifts;
mod mapping;
mod metadata;
mod places;
mod provider;
mod readiness;
mod replaced;
mod secret;
mod status;
mod watch;

pub use attempts::attempts;
pub use gifts::{Gift, gift, gifts};
pub use mapping::{AskedGift, AskedMapping, AskedRule};
pub use metadata::{fetch_metadata, import, reimport, usual_name};
pub use places::{acs_url, callback_url, signed_out_url, sp_entity_id};
pub use provider::{AskedOidc, AskedSaml, client_secret};
pub use readiness::lacks;
pub use replaced::Replaced;
pub use secret::{open_secret, seal_secret};
pub use watch::{refresh_metadata, warn_of_certificates};

use std::collections::BTreeMap;

use super::{DirectoryError, Permit, told};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::connection::{Connection, ConnectionStatus, Mapped, Mapping, Provider};
use crate::domain::id::{ConnectionId, RoleId};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Listed, Page, Tx, connections, roles};

/// A connection with what else is known of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// As it is stored.
    pub connection: Connection,
    /// Its client secret, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// The names of the roles that its rules give.
    pub roles: BTreeMap<RoleId, String>,
}

/// A connection to make, as a draft.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its id.
    pub id: ConnectionId,
    /// What people call it.
    pub name: DisplayName,
    /// Who is behind it.
    pub provider: Provider,
    /// The client secret, sealed.
    pub sealed_secret: Option<Vec<u8>>,
    /// What is made of its attributes.
    pub mapping: AskedMapping,
    /// Whether whoever comes by it becomes a member.
    pub creates_members: bool,
    /// Whether its word on a second factor counts.
    pub trusts_mfa: bool,
}

/// What to change of a connection; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionChange {
    /// Another name.
    pub name: Option<DisplayName>,
    /// Who is behind it, whole.
    pub provider: Option<Provider>,
    /// Another client secret, sealed, or none.
    pub sealed_secret: Replaced<Vec<u8>>,
    /// What is made of its attributes, whole.
    pub mapping: Option<AskedMapping>,
    /// Whether whoever comes by it becomes a member.
    pub creates_members: Option<bool>,
    /// Whether its word on a second factor counts.
    pub trusts_mfa: Option<bool>,
    /// Whether people come by it.
    pub status: Option<ConnectionStatus>,
}

/// A page of the connections of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<Found>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let organization = permit.organization();
    let mut rows = Vec::new();
    for connection in connections::list(tx, organization, page).await? {
        rows.push(whole(tx, connection).await?);
    }
    Ok(page.of(rows, connections::count(tx, organization)).await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ConnectionId,
) -> Result<Found, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let found = connections::find(tx, permit.organization(), id).await?;
    whole(tx, found.ok_or(DirectoryError::NotFound)?).await
}

/// Makes a draft: nobody comes by it before it is enabled.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewConnection,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let organization = permit.organization();
    if connections::count(tx, organization).await? >= Connection::MOST {
        return Err(DirectoryError::LimitReached {
            resource: "connections",
            limit: Connection::MOST,
        });
    }
    let mapping = mapping::resolve(tx, permit, &new.mapping, &[]).await?;
    mapping::may_give(tx, permit, &mapping, now).await?;
    let connection = Connection {
        id: new.id,
        organization,
        name: new.name.clone(),
        status: ConnectionStatus::Draft,
        provider: new.provider.clone(),
        mapping,
        creates_members: new.creates_members,
        trusts_mfa: new.trusts_mfa,
        created_at: now,
        updated_at: now,
    };
    connections::insert(tx, &connection).await?;
    if new.sealed_secret.is_some() {
        connections::set_secret(tx, new.id, new.sealed_secret.as_deref()).await?;
    }
    watch::keep(tx, &connection, now).await?;
    let event = permit.event("connection.created").on(new.id);
    let made = whole(tx, connection).await?;
    audit::record(tx, keyring, &event.made(&told::connection(&made)), now).await?;
    Ok(())
}

/// Changes one, and switches it on or off.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    before: &Found,
    change: &ConnectionChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let old = &before.connection;
    let mapping = match &change.mapping {
        Some(asked) => mapping::resolve(tx, permit, asked, &old.mapping.rules).await?,
        None => old.mapping.clone(),
    };
    let new = Connection {
        name: change.name.clone().unwrap_or_else(|| old.name.clone()),
        provider: change.provider.clone().unwrap_or_else(|| old.provider.clone()),
        creates_members: change.creates_members.unwrap_or(old.creates_members),
        trusts_mfa: change.trusts_mfa.unwrap_or(old.trusts_mfa),
        status: change.status.unwrap_or(old.status),
        mapping,
        ..old.clone()
    };
    let sealed_secret = &change.sealed_secret.clone().over(before.sealed_secret.clone());
    let says_more_than_its_name = Connection {
        name: old.name.clone(),
        ..new.clone()
    } != *old
        || sealed_secret != &before.sealed_secret;
    if new == *old && !says_more_than_its_name {
        return Ok(());
    }
    stays_who_it_is(old, &new)?;
    if says_more_than_its_name {
        mapping::may_give(tx, permit, &old.mapping, now).await?;
        mapping::may_give(tx, permit, &new.mapping, now).await?;
        if old.is_enabled() || new.is_enabled() {
            status::may_vouch(permit)?;
        }
    }
    if new.is_enabled() {
        status::has_what_it_takes(&new, sealed_secret.is_some(), now)?;
    }
    if old.is_enabled() && !new.is_enabled() {
        status::is_not_required(tx, &new).await?;
        status::end_its_word(tx, new.id).await?;
    }
    let stored = Connection {
        updated_at: now,
        ..new
    };
    connections::update(tx, &stored).await?;
    watch::keep(tx, &stored, now).await?;
    if sealed_secret != &before.sealed_secret {
        connections::set_secret(tx, stored.id, sealed_secret.as_deref()).await?;
    }
    let event = permit
        .event(status::verb(old.status, stored.status))
        .on(stored.id);
    let after = whole(tx, stored).await?;
    let event = event.changed(&told::connection(before), &told::connection(&after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Forgets one. Whoever came by it comes by it no more, and what stood on its word ends with this transaction.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &Found,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let connection = &found.connection;
    if connection.is_enabled() {
        status::may_vouch(permit)?;
    }
    status::is_not_required(tx, connection).await?;
    status::end_its_word(tx, connection.id).await?;
    connections::delete(tx, permit.organization(), connection.id).await?;
    let event = permit.event("connection.deleted").on(connection.id);
    audit::record(tx, keyring, &event.unmade(&told::connection(found)), now).await?;
    Ok(())
}

/// Once people came by it, its subjects stay who they are.
fn stays_who_it_is(old: &Connection, new: &Connection) -> Result<(), DirectoryError> {
    let another = "people came by it: for another provider make another connection";
    match (&old.provider, &new.provider) {
        _ if old.status == ConnectionStatus::Draft => Ok(()),
        (Provider::Oidc(old), Provider::Oidc(new)) if old.issuer != new.issuer => {
            Err(DirectoryError::field("/issuer", another))
        }
        // Of one issuer, subjects may differ from client to client (OpenID Connect Core §8).
        (Provider::Oidc(old), Provider::Oidc(new)) if old.client_id != new.client_id => {
            Err(DirectoryError::field("/client_id", another))
        }
        (Provider::Saml(old), Provider::Saml(new)) if old.entity_id != new.entity_id => {
            Err(DirectoryError::field("/metadata_xml", another))
        }
        _ => Ok(()),
    }
}

async fn whole(tx: &mut Tx<'_>, connection: Connection) -> Result<Found, DirectoryError> {
    Ok(Found {
        sealed_secret: connections::secret(tx, connection.id).await?,
        roles: role_names(tx, &connection, &connection.mapping).await?,
        connection,
    })
}

async fn role_names(
    tx: &mut Tx<'_>,
    connection: &Connection,
    mapping: &Mapping,
) -> Result<BTreeMap<RoleId, String>, DirectoryError> {
    let mut names = BTreeMap::new();
    for rule in &mapping.rules {
        if let Mapped::Role(id) = rule.gives
            && !names.contains_key(&id)
            && let Some(role) = roles::available(tx, connection.organization, id).await?
        {
            names.insert(id, role.name);
        }
    }
    Ok(names)
}
