//! What the rules of a connection give, by name.

use super::Found;
use crate::directory::{DirectoryError, Permit};
use crate::domain::access::Permission;
use crate::domain::connection::{Mapped, MappingRule};
use crate::domain::id::OrganizationId;
use crate::storage::{StorageError, Tx, groups, roles};

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// For which value.
    pub value: String,
    /// The name of the role or group.
    pub name: String,
    /// Whether it is a role.
    pub is_role: bool,
}

/// What the rules of a connection give, in their order.
pub async fn gifts<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    found: &Found,
) -> Result<Vec<Gift>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let mut all = Vec::new();
    for rule in &found.connection.mapping.rules {
        all.extend(gift(tx, permit.organization(), rule).await?);
    }
    Ok(all)
}

/// What a rule gives; nothing if that is gone.
pub async fn gift(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    rule: &MappingRule,
) -> Result<Option<Gift>, StorageError> {
    let (is_role, name) = match rule.gives {
        Mapped::Role(id) => {
            let found = roles::available(tx, organization, id).await?;
            (true, found.map(|role| role.name))
        }
        Mapped::Group(id) => {
            let found = groups::by_id(tx, organization, id).await?;
            (false, found.map(|group| group.name.to_string()))
        }
    };
    Ok(name.map(|name| Gift {
        value: rule.value.clone(),
        name,
        is_role,
    }))
}
