//! Permits for provisioning systems: minted from the row of the token that one shows, in the transaction that uses it.
//!
//! A token acts in its own organization and nowhere else, for members and groups alone. It changes nobody who may do more
//! than its maker handed on, and never an owner (OR3, SC4).

use std::marker::PhantomData;

use super::{GroupPermit, Permit, PersonPermit};
use crate::audit::{Actor, Origin};
use crate::directory::DirectoryError;
use crate::directory::members::keep::holds_no_more;
use crate::domain::access::{Holdings, Permission};
use crate::domain::id::{GroupId, UserId};
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::scim_tokens::{self, ScimToken};
use crate::storage::{Tx, managed_users};

/// A provisioning system that asks, before anybody looked whether it may.
#[derive(Clone)]
pub struct Provisioner {
    /// What stands for the token that it shows.
    pub secret: SecretHash,
    /// When.
    pub now: Timestamp,
    /// From where.
    pub origin: Origin,
    /// What audit events are authenticated with.
    pub keyring: Keyring,
}

impl Provisioner {
    /// The token that it shows, if it is good. Where it is used from is not the person's address, so an organization's
    /// list of networks doesn't bind it (DESIGN §4).
    pub async fn recognise(&self, tx: &mut Tx<'_>) -> Result<ScimToken, DirectoryError> {
        let token = scim_tokens::by_secret(tx, &self.secret).await?;
        token
            .filter(|token| self.now < token.expires_at)
            .ok_or(DirectoryError::Unauthenticated)
    }
}

/// Decides, on the token's row as it is here and now, whether a provisioning system may do something.
pub async fn require_provisioner<'t>(
    tx: &mut Tx<'t>,
    provisioner: &Provisioner,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let token = provisioner.recognise(tx).await?;
    if !token.permissions.contains(permission) {
        return Err(DirectoryError::Denied(permission, Vec::new()));
    }
    Ok(Permit {
        organization: token.organization,
        actor: Actor::ScimToken(token.id),
        via: None,
        origin: Some(provisioner.origin.clone()),
        permission: Some(permission),
        product: None,
        holdings: Holdings::of(token.permissions, None),
        superuser: false,
        stands_above: false,
        portal_link: None,
        brand: PhantomData,
    })
}

/// The same for who is in one group.
pub(in crate::directory) async fn require_provisioner_in_group<'t>(
    tx: &mut Tx<'t>,
    provisioner: &Provisioner,
    group: GroupId,
) -> Result<GroupPermit<'t>, DirectoryError> {
    let within = require_provisioner(tx, provisioner, Permission::GroupWrite).await?;
    Ok(GroupPermit::of_any(within, group))
}

/// The same for a person whom the token's organization manages. To it there is nobody else.
pub(in crate::directory) async fn require_provisioner_of_person<'t>(
    tx: &mut Tx<'t>,
    provisioner: &Provisioner,
    person: UserId,
) -> Result<PersonPermit<'t>, DirectoryError> {
    let permit = require_provisioner(tx, provisioner, Permission::MemberWrite).await?;
    if managed_users::manager(tx, person).await? != Some(permit.organization()) {
        return Err(DirectoryError::NotFound);
    }
    holds_no_more(tx, &permit, person, provisioner.now).await?;
    Ok(PersonPermit::of_manager(permit, person))
}
