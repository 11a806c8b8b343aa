//! Rehearsals: what a change would do to everybody's access, found out by doing it in a transaction that is undone.
//!
//! Owns the comparison of an organization before and after. Never knows which change it is: whatever the use case does,
//! its consequences are read back by the functions that judge live requests.

mod outlook;
mod standing;

pub use outlook::{Change, Cut, Ended, Outlook, Person, Places, Who};
pub use standing::Standing;

use super::{DirectoryError, Requester, require};
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::storage::Tx;

/// What of an organization whoever rehearses may be told: no more than they may read anyway.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    /// What people and applications hold.
    access: bool,
    /// The sessions that act for it.
    sessions: bool,
    /// Its keys.
    keys: bool,
}

impl Sight {
    /// Decides it, on rows read here and now, before the change.
    pub async fn of(
        tx: &mut Tx<'_>,
        requester: &Requester,
        organization: OrganizationId,
    ) -> Result<Self, DirectoryError> {
        let mut may = [false; 5];
        let asked = [
            Permission::AuditLogRead,
            Permission::RoleWrite,
            Permission::MemberRead,
            Permission::SessionWrite,
            Permission::ApiKeyWrite,
        ];
        for (permission, may) in asked.into_iter().zip(&mut may) {
            *may = match require(tx, requester, organization, permission).await {
                Ok(_) => true,
                Err(DirectoryError::Denied(..)) => false,
                Err(other) => return Err(other),
            };
        }
        let [log, roles, members, sessions, keys] = may;
        // What roles and grants give, and who has them, is what access comes from.
        Ok(Self {
            access: log || roles && members,
            sessions,
            keys,
        })
    }
}
