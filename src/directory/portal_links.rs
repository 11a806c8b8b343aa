//! Set-up links: by one, a tenant's own IT sets a connection up without an account here. What is done by it, whoever made it
//! answers for, and could still do themselves.

use std::time::Duration;

use super::{DirectoryError, Permit};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::id::{ConnectionId, PortalLinkId};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::portal_links::{self, PortalLink};
use crate::storage::{Listed, Page, Tx};

/// The shortest and the longest that a link can be good.
pub const LIFETIMES: [Duration; 2] = [Duration::from_hours(1), Duration::from_hours(7 * 24)];

/// A link that was just drawn.
#[derive(Clone)]
pub struct NewPortalLink {
    /// Its id.
    pub id: PortalLinkId,
    /// The connection's that it will set up.
    pub connection: ConnectionId,
    /// What opens it.
    pub secret: SecretHash,
    /// How long it is good.
    pub lifetime: Duration,
}

/// Makes a link.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewPortalLink,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let [shortest, longest] = LIFETIMES;
    if !(shortest..=longest).contains(&new.lifetime) {
        return Err(DirectoryError::field(
            "/expires_in",
            "it must be 1h to 168h, or 1d to 7d",
        ));
    }
    let link = PortalLink {
        id: new.id,
        organization: permit.organization(),
        connection: new.connection,
        made_by: permit.actor().to_string(),
        created_at: now,
        expires_at: now.plus(new.lifetime),
        revoked_at: None,
    };
    portal_links::insert(tx, &link, &new.secret).await?;
    let event = permit.event("portal_link.created").on(new.id);
    let event = event.with("expires_at", link.expires_at.to_string());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// A page of the links of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<PortalLink>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let rows = portal_links::list(tx, permit.organization(), page).await?;
    Ok(page
        .of(rows, portal_links::count(tx, permit.organization()))
        .await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: PortalLinkId,
) -> Result<PortalLink, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let found = portal_links::find(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Takes one back. What was set up by it stays.
pub async fn revoke<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    link: &PortalLink,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    if link.revoked_at.is_some() {
        return Ok(());
    }
    portal_links::revoke(tx, link.id, now).await?;
    let event = permit.event("portal_link.revoked").on(link.id);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
