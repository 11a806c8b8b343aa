//! Sets of permissions: small, copied freely, always in catalogue order.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::permission::{Permission, UnknownPermission};

/// A set of permissions, one bit each.
///
/// Its text form, as in databases and scopes, is the names separated by one space; its JSON form is a list.
/// The bits themselves are never stored: they follow the catalogue's order, which may change.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// No permission.
    pub const EMPTY: Self = Self(0);

    /// Every permission.
    pub const ALL: Self = Self::of(&Permission::ALL);

    /// The set of these; naming one twice changes nothing.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, tail @ ..] = rest {
            bits |= bit(*first);
            rest = tail;
        }
        Self(bits)
    }

    /// Whether `permission` is in the set.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this one and not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of this is in `other` too.
    pub const fn is_subset(self, other: Self) -> bool {
        self.difference(other).is_empty()
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The permissions in it, in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .into_iter()
            .filter(move |permission| self.contains(*permission))
    }
}

const fn bit(permission: Permission) -> u64 {
    1 << permission as u8
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions
            .into_iter()
            .fold(Self::EMPTY, |set, permission| Self(set.0 | bit(permission)))
    }
}

/// The names, in braces, so that a failed test says what differs.
impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

/// The names, separated by one space; nothing for the empty set.
impl fmt::Display for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, permission) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{permission}")?;
        }
        Ok(())
    }
}

impl FromStr for PermissionSet {
    type Err = UnknownPermission;

    /// From the text form. A second space in a row is a name that is empty, and so unknown.
    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        if text.is_empty() {
            return Ok(Self::EMPTY);
        }
        text.split(' ').map(str::parse::<Permission>).collect()
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{DeviceRead, DeviceWrite, ProductRead};

    #[test]
    fn the_whole_set_holds_every_permission_and_the_empty_set_none() {
        for permission in Permission::ALL {
            assert!(PermissionSet::ALL.contains(permission));
            assert!(!PermissionSet::EMPTY.contains(permission));
        }
        assert!(PermissionSet::EMPTY.is_empty());
        assert!(!PermissionSet::ALL.is_empty());
    }

    #[test]
    fn sets_combine_as_sets_do() {
        let reads = PermissionSet::of(&[ProductRead, DeviceRead]);
        let devices = PermissionSet::of(&[DeviceRead, DeviceWrite]);
        assert_eq!(
            reads.union(devices),
            PermissionSet::of(&[ProductRead, DeviceRead, DeviceWrite])
        );
        assert_eq!(reads.intersection(devices), PermissionSet::of(&[DeviceRead]));
        assert_eq!(reads.difference(devices), PermissionSet::of(&[ProductRead]));
        assert!(reads.intersection(devices).is_subset(reads));
        assert!(!reads.is_subset(devices));
    }

    #[test]
    fn a_set_is_written_in_catalogue_order_with_one_space_between() {
        let set: PermissionSet = [DeviceWrite, ProductRead, DeviceWrite].into_iter().collect();
        assert_eq!(set.to_string(), "product:read device:write");
        assert_eq!("device:write product:read".parse(), Ok(set));
        assert_eq!(PermissionSet::EMPTY.to_string(), "");
        assert_eq!("".parse(), Ok(PermissionSet::EMPTY));
        assert_eq!(PermissionSet::ALL.to_string().parse(), Ok(PermissionSet::ALL));
    }

    #[test]
    fn text_with_an_unknown_name_or_a_stray_space_is_refused() {
        for (text, unknown) in [
            ("device:read device:eat", "device:eat"),
            ("device:read ", ""),
            (" ", ""),
        ] {
            assert_eq!(
                text.parse::<PermissionSet>(),
                Err(UnknownPermission(unknown.to_owned()))
            );
        }
    }

    #[test]
    fn in_json_a_set_is_a_list_of_names() {
        let set = PermissionSet::of(&[DeviceWrite, ProductRead]);
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"["product:read","device:write"]"#);
        assert_eq!(serde_json::from_str::<PermissionSet>(&json).unwrap(), set);
        assert!(serde_json::from_str::<PermissionSet>(r#"["device:eat"]"#).is_err());
    }
}
