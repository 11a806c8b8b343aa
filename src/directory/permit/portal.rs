//! The permit of whoever follows a set-up link: of whoever made it, as they are now, for its one connection.

use super::{Permit, require_still};
use crate::audit::{Actor, Origin};
use crate::directory::DirectoryError;
use crate::domain::access::Permission;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::storage::Tx;
use crate::storage::portal_links::{self, PortalLink};

/// A permit to set up one connection.
#[derive(Debug)]
pub struct PortalPermit<'t> {
    permit: Permit<'t>,
    link: PortalLink,
}

impl<'t> PortalPermit<'t> {
    /// What it lets do.
    pub fn permit(&self) -> &Permit<'t> {
        &self.permit
    }

    /// The link.
    pub fn link(&self) -> &PortalLink {
        &self.link
    }
}

/// Decides, on rows read here and now, whether a link is good, and whether whoever made it could still do what it is for.
pub async fn require_portal<'t>(
    tx: &mut Tx<'t>,
    secret: &SecretHash,
    origin: &Origin,
    now: Timestamp,
) -> Result<PortalPermit<'t>, DirectoryError> {
    let link = portal_links::by_secret(tx, secret).await?;
    let link = link
        .filter(|link| link.is_good(now))
        .ok_or(DirectoryError::NotFound)?;
    let maker = maker(&link);
    let permit = require_still(tx, maker, link.organization, Permission::ConnectionWrite, now).await;
    let permit = permit.map_err(|error| match error {
        DirectoryError::Storage(error) => DirectoryError::Storage(error),
        _ => DirectoryError::NotFound,
    })?;
    let permit = Permit {
        origin: Some(origin.clone()),
        portal_link: Some(link.id),
        ..permit
    };
    Ok(PortalPermit { permit, link })
}

/// Whoever made it, as the audit log names them.
fn maker(link: &PortalLink) -> Actor {
    let text = &link.made_by;
    let person = text.parse().map(Actor::User);
    let program = || text.parse().map(Actor::Key);
    let application = |_| text.parse().map(Actor::Application);
    person
        .or_else(|_| program())
        .or_else(application)
        .unwrap_or(Actor::Nobody)
}
