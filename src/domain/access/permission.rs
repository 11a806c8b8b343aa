//! The catalogue of permissions: all there are, each `resource:action`.
//!
//! Who holds which is `role.rs`. Nothing outside this table is a permission.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares the catalogue, so that a variant and its name stand together once.
macro_rules! permissions {
    ($count:literal: $($variant:ident = $resource:literal : $action:literal;)*) => {
        /// Something one may be allowed to do. Ordered as in the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Permission {
            $(#[doc = concat!("`", $resource, ":", $action, "`")] $variant,)*
        }

        impl Permission {
            /// Every permission, in catalogue order.
            pub const ALL: [Self; $count] = [$(Self::$variant),*];

            /// The whole name, e.g. `device:write`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => concat!($resource, ":", $action)),* }
            }

            /// What is acted on, e.g. `device`.
            pub const fn resource(self) -> &'static str {
                match self { $(Self::$variant => $resource),* }
            }

            /// What is done to it, e.g. `write`.
            pub const fn action(self) -> &'static str {
                match self { $(Self::$variant => $action),* }
            }
        }
    };
}

permissions! { 32:
    ProductRead = "product":"read";
    ProductWrite = "product":"write";
    ProductCreate = "product":"create";
    ProductDelete = "product":"delete";
    DeviceRead = "device":"read";
    DeviceWrite = "device":"write";
    FirmwareRead = "firmware":"read";
    FirmwareWrite = "firmware":"write";
    DeploymentRead = "deployment":"read";
    DeploymentWrite = "deployment":"write";
    DeploymentExecute = "deployment":"execute";
    OrganizationRead = "organization":"read";
    OrganizationWrite = "organization":"write";
    OrganizationDelete = "organization":"delete";
    OrganizationTransfer = "organization":"transfer";
    MemberRead = "member":"read";
    MemberWrite = "member":"write";
    GroupRead = "group":"read";
    GroupWrite = "group":"write";
    WebhookRead = "webhook":"read";
    WebhookWrite = "webhook":"write";
    UsageWrite = "usage":"write";
    EventWrite = "event":"write";
    InvitationWrite = "invitation":"write";
    RoleWrite = "role":"write";
    SessionWrite = "session":"write";
    ApiKeyWrite = "api_key":"write";
    ApplicationWrite = "application":"write";
    ConnectionWrite = "connection":"write";
    AuditLogRead = "audit_log":"read";
    BillingRead = "billing":"read";
    BillingWrite = "billing":"write";
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no permission's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission `{0}`")]
pub struct UnknownPermission(pub String);

impl FromStr for Permission {
    type Err = UnknownPermission;

    /// From the exact name; neither case nor spaces are forgiven.
    fn from_str(name: &str) -> Result<Self, UnknownPermission> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == name)
            .ok_or_else(|| UnknownPermission(name.to_owned()))
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_permission_is_found_again_by_its_name() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(permission));
            let resource_and_action = format!("{}:{}", permission.resource(), permission.action());
            assert_eq!(permission.to_string(), resource_and_action);
        }
    }

    #[test]
    fn no_two_permissions_share_a_name() {
        let names: BTreeSet<_> = Permission::ALL.map(Permission::as_str).into();
        assert_eq!(names.len(), Permission::ALL.len());
    }

    #[test]
    fn a_name_that_is_not_in_the_catalogue_is_refused_and_told_back() {
        for name in [
            "",
            "device",
            "device:",
            "Device:write",
            "device:write ",
            "device:*",
        ] {
            assert_eq!(
                name.parse::<Permission>(),
                Err(UnknownPermission(name.to_owned()))
            );
        }
    }

    #[test]
    fn in_json_a_permission_is_its_name() {
        let json = serde_json::to_string(&Permission::ApiKeyWrite).unwrap();
        assert_eq!(json, r#""api_key:write""#);
        assert_eq!(
            serde_json::from_str::<Permission>(&json).unwrap(),
            Permission::ApiKeyWrite
        );
        let error = serde_json::from_str::<Permission>(r#""api_key:eat""#).unwrap_err();
        assert!(
            error.to_string().contains("unknown permission `api_key:eat`"),
            "{error}"
        );
    }
}
