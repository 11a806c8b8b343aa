//! Templates: roles that many organizations want, for them to make their own of.
//!
//! A template is never held by anybody. What is made of one is a role like any other.

use super::permission::Permission::{
    AuditLogRead, BillingRead, BillingWrite, DeploymentExecute, DeploymentRead, DeploymentWrite, DeviceRead,
    EventWrite, FirmwareRead, FirmwareWrite, GroupRead, GroupWrite, InvitationWrite, MemberRead,
    OrganizationRead, ProductRead, UsageWrite, WebhookRead,
};
use super::permission_set::PermissionSet;

/// A role to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleTemplate {
    /// What the role is called unless its maker says otherwise; the template's own name too.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it gives.
    pub permissions: PermissionSet,
}

/// What everybody sees who belongs to an organization.
const LOOKING: PermissionSet = PermissionSet::of(&[
    OrganizationRead,
    MemberRead,
    GroupRead,
    ProductRead,
    DeviceRead,
    FirmwareRead,
    DeploymentRead,
]);

/// `LOOKING` and this.
const fn looking_and(more: PermissionSet) -> PermissionSet {
    LOOKING.union(more)
}

impl RoleTemplate {
    /// Every template there is.
    pub const ALL: [Self; 4] = [
        Self {
            name: "team-manager",
            description: "Invites people, makes teams and says who is in them, deploys, and watches how things run",
            permissions: looking_and(PermissionSet::of(&[
                GroupWrite,
                InvitationWrite,
                DeploymentWrite,
                DeploymentExecute,
                WebhookRead,
            ])),
        },
        Self {
            name: "release-manager",
            description: "Publishes firmware and rolls it out",
            permissions: looking_and(PermissionSet::of(&[
                FirmwareWrite,
                DeploymentWrite,
                DeploymentExecute,
                EventWrite,
                UsageWrite,
            ])),
        },
        Self {
            name: "auditor",
            description: "Sees everything that can be looked at, the audit log too, and changes nothing",
            permissions: looking_and(PermissionSet::of(&[AuditLogRead, BillingRead, WebhookRead])),
        },
        Self {
            name: "billing-clerk",
            description: "Keeps what the organization is billed by, and nothing else",
            permissions: PermissionSet::of(&[OrganizationRead, BillingRead, BillingWrite]),
        },
    ];

    /// The template of this exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BuiltInRole, RoleName};
    use super::*;

    #[test]
    fn every_template_can_be_made_and_is_found_by_its_name() {
        for template in RoleTemplate::ALL {
            assert!(RoleName::parse(template.name).is_ok());
            assert_eq!(RoleTemplate::named(template.name), Some(template));
            assert!(!template.permissions.is_empty());
        }
        assert_eq!(RoleTemplate::named("Auditor"), None);
    }

    #[test]
    fn an_admin_holds_enough_to_make_any_of_them() {
        for template in RoleTemplate::ALL {
            assert!(template.permissions.is_subset(BuiltInRole::Admin.permissions()));
        }
    }

    #[test]
    fn an_auditor_writes_nothing() {
        let auditor = RoleTemplate::named("auditor").unwrap().permissions;
        assert!(auditor.iter().all(|permission| permission.action() == "read"));
    }
}
