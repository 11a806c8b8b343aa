//! Roles: named sets of permissions, six of them built in.
//!
//! Owns what the built-in roles hold. Who holds a role is told by memberships and grants.

use std::fmt;
use std::str::FromStr;

use super::permission::Permission::{
    ApiKeyWrite, ApplicationWrite, AuditLogRead, BillingRead, BillingWrite, ConnectionWrite,
    DeploymentExecute, DeploymentRead, DeploymentWrite, DeviceRead, DeviceWrite, EventWrite, FirmwareRead,
    FirmwareWrite, GroupRead, GroupWrite, InvitationWrite, MemberRead, MemberWrite, OrganizationDelete,
    OrganizationRead, OrganizationTransfer, OrganizationWrite, ProductCreate, ProductDelete, ProductRead,
    ProductWrite, RoleWrite, SessionWrite, UsageWrite, WebhookRead, WebhookWrite,
};
use super::permission_set::PermissionSet;
use crate::domain::id::RoleId;

/// A role as loaded: one of the built-in rows or one that an organization made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its row. Built-in roles have rows too, with ids made at set-up.
    pub id: RoleId,
    /// Unique within the organization; built-in names are taken everywhere.
    pub name: String,
    /// What it gives.
    pub permissions: PermissionSet,
}

/// A role that every installation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuiltInRole {
    /// Everything, also giving the organization away or deleting it.
    Owner,
    /// Everything but that.
    Admin,
    /// Products and what belongs to them, webhooks and usage.
    Manager,
    /// Products and what belongs to them, short of deleting.
    Developer,
    /// Devices and deployments as they run.
    Operator,
    /// Looking only.
    Viewer,
}

/// What each built-in role holds, row by row as in DESIGN §3.
#[rustfmt::skip]
const TABLE: [([u8; 6], PermissionSet); 10] = [
    // owner admin manager developer operator viewer
    ([1, 1, 1, 1, 1, 1], PermissionSet::of(&[ProductRead, DeviceRead, FirmwareRead, DeploymentRead])),
    ([1, 1, 1, 1, 1, 0], PermissionSet::of(&[DeviceWrite])),
    ([1, 1, 1, 1, 0, 0], PermissionSet::of(&[ProductWrite, FirmwareWrite, DeploymentWrite])),
    ([1, 1, 1, 1, 1, 0], PermissionSet::of(&[DeploymentExecute])),
    ([1, 1, 1, 1, 0, 0], PermissionSet::of(&[ProductCreate])),
    ([1, 1, 1, 0, 0, 0], PermissionSet::of(&[ProductDelete])),
    ([1, 1, 1, 1, 1, 1], PermissionSet::of(&[OrganizationRead, MemberRead, GroupRead])),
    ([1, 1, 1, 0, 0, 0], PermissionSet::of(&[WebhookRead, WebhookWrite, UsageWrite, EventWrite])),
    ([1, 1, 0, 0, 0, 0], PermissionSet::of(&[
        MemberWrite, InvitationWrite, RoleWrite, GroupWrite, SessionWrite, ApiKeyWrite, ApplicationWrite,
        ConnectionWrite, OrganizationWrite, AuditLogRead, BillingRead, BillingWrite,
    ])),
    ([1, 0, 0, 0, 0, 0], PermissionSet::of(&[OrganizationDelete, OrganizationTransfer])),
];

impl BuiltInRole {
    /// Every built-in role, from the one that holds most to the one that holds least.
    pub const ALL: [Self; 6] = [
        Self::Owner,
        Self::Admin,
        Self::Manager,
        Self::Developer,
        Self::Operator,
        Self::Viewer,
    ];

    /// The name of its row, e.g. `manager`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Developer => "developer",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    /// What it gives.
    pub fn permissions(self) -> PermissionSet {
        TABLE
            .iter()
            .filter(|(ticks, _)| ticks[self as usize] == 1)
            .fold(PermissionSet::EMPTY, |held, (_, row)| held.union(*row))
    }

    /// The row of this role that set-up stores under `id`.
    pub fn with_id(self, id: RoleId) -> Role {
        Role {
            id,
            name: self.name().to_owned(),
            permissions: self.permissions(),
        }
    }
}

impl fmt::Display for BuiltInRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no built-in role's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role `{0}`")]
pub struct UnknownRole(pub String);

impl FromStr for BuiltInRole {
    type Err = UnknownRole;

    /// From the exact, lower-case name.
    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Copied from DESIGN §3, character for character.
    const DESIGN: &str = "\
| | owner | admin | manager | developer | operator | viewer |
|---|---|---|---|---|---|---|
| product device firmware deployment `:read` | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |
| `device:write` | ✓ | ✓ | ✓ | ✓ | ✓ | |
| `product:write firmware:write deployment:write` | ✓ | ✓ | ✓ | ✓ | | |
| `deployment:execute` | ✓ | ✓ | ✓ | ✓ | ✓ | |
| `product:create` | ✓ | ✓ | ✓ | ✓ | | |
| `product:delete` | ✓ | ✓ | ✓ | | | |
| `organization:read member:read group:read` | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |
| `webhook:read webhook:write usage:write event:write` | ✓ | ✓ | ✓ | | | |
| `member:write invitation:write role:write group:write session:write api_key:write application:write connection:write organization:write audit_log:read billing:read billing:write` | ✓ | ✓ | | | | |
| `organization:delete organization:transfer` | ✓ | | | | | |";

    /// The permissions a row names, whether whole or as resources followed by what is done to each.
    fn named(label: &str) -> PermissionSet {
        let mut resources = Vec::new();
        let mut names = Vec::new();
        for word in label.replace('`', "").split_whitespace() {
            match word.strip_prefix(':') {
                Some(action) => names.extend(resources.drain(..).map(|it: String| format!("{it}:{action}"))),
                None if word.contains(':') => names.push(word.to_owned()),
                None => resources.push(word.to_owned()),
            }
        }
        assert!(resources.is_empty(), "no action for {resources:?}");
        names.join(" ").parse().unwrap()
    }

    fn cells(line: &str) -> Vec<&str> {
        line.trim_matches('|').split('|').map(str::trim).collect()
    }

    #[test]
    fn every_built_in_role_holds_what_the_design_ticks_and_nothing_else() {
        let mut lines = DESIGN.lines();
        let heads: Vec<BuiltInRole> = cells(lines.next().unwrap())[1..]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        assert_eq!(heads, BuiltInRole::ALL);

        let rows: Vec<Vec<&str>> = lines.skip(1).map(cells).collect();
        let every_row = rows
            .iter()
            .fold(PermissionSet::EMPTY, |all, row| all.union(named(row[0])));
        assert_eq!(
            every_row,
            PermissionSet::ALL,
            "the design's table is the whole catalogue"
        );

        for (column, role) in BuiltInRole::ALL.into_iter().enumerate() {
            for row in &rows {
                for permission in named(row[0]).iter() {
                    let ticked = row[column + 1] == "✓";
                    assert_eq!(
                        role.permissions().contains(permission),
                        ticked,
                        "{role} {permission}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_role_is_found_by_its_exact_name() {
        for role in BuiltInRole::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert_eq!(
            "Owner".parse::<BuiltInRole>(),
            Err(UnknownRole("Owner".to_owned()))
        );
    }
}
