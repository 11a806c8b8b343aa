//! Organizations: making them.

use super::{DirectoryError, InstancePermit};
use crate::audit::{self, Event};
use crate::domain::access::Policy;
use crate::domain::id::OrganizationId;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::session::SessionLimits;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, organizations};

/// An organization to make.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// Drawn before the transaction.
    pub id: OrganizationId,
    /// Its slug.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
}

/// Makes an organization without members, under the instance's own limits.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &InstancePermit<'t>,
    keyring: &Keyring,
    new: &NewOrganization,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = Organization {
        id: new.id,
        name: new.name.clone(),
        display_name: new.display_name.clone(),
        policy: Policy {
            ip_allowlist: Vec::new(),
            require_mfa: false,
        },
        session_limits: SessionLimits::INSTANCE,
    };
    if !organizations::insert(tx, &organization, now).await? {
        return Err(DirectoryError::Taken("the organization's name"));
    }
    let event = Event::of("organization.created", permit.actor())
        .within(new.id)
        .on(new.id);
    audit::record(tx, keyring, &event.with("name", new.name.as_str()), now).await?;
    Ok(())
}
