//! Scopes: what an application asks for, as a set of names (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;

use crate::domain::access::{PermissionSet, allowed_by};

/// A set of scope names, at most 64 of at most 100 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(BTreeSet<String>);

/// The text is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("scope must be at most 64 names separated by single spaces")]
pub struct BadScope;

impl Scope {
    /// Reads the `scope` parameter; an empty one names nothing.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        // NQCHAR of RFC 6749 appendix A: printable ASCII without space, quote and backslash.
        let fits = |name: &str| {
            (1..=100).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        };
        let names: BTreeSet<String> = text.split(' ').map(str::to_owned).collect();
        (names.len() <= 64 && names.iter().all(|name| fits(name)))
            .then_some(Self(names))
            .ok_or(BadScope)
    }

    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether every name is in `other` too.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Those of these names that are in `other` too.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// All names but these.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        Self(
            self.0
                .iter()
                .filter(|name| !names.contains(&name.as_str()))
                .cloned()
                .collect(),
        )
    }

    /// All names of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// No name at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The most that a token of this scope can be used for: what its words allow (a permission's name, `read`, `write`),
    /// or no ceiling if it has none of these, as for a plain sign-in.
    pub fn ceiling(&self) -> Option<PermissionSet> {
        self.names().filter_map(allowed_by).reduce(PermissionSet::union)
    }

    /// The most that a token of this scope for Doorward's own API can be used for: what its words allow. One that
    /// names nothing of the kind allows nothing.
    pub fn api_ceiling(&self) -> PermissionSet {
        self.ceiling().unwrap_or(PermissionSet::EMPTY)
    }

    /// The same for what was asked of `all` that could be: whoever names fewer permissions, or none, never gets more.
    pub fn ceiling_within(&self, all: &Self) -> Option<PermissionSet> {
        match (self.ceiling(), all.ceiling()) {
            (named, None) => named,
            (named, Some(most)) => Some(named.map_or(PermissionSet::EMPTY, |named| named.intersection(most))),
        }
    }
}

/// The names, separated by single spaces.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Scope {
    type Error = BadScope;

    fn try_from(text: String) -> Result<Self, BadScope> {
        Self::parse(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl std::str::FromStr for Scope {
    type Err = BadScope;

    fn from_str(text: &str) -> Result<Self, BadScope> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Permission;

    #[test]
    fn names_are_a_set_in_one_order() {
        let scope = Scope::parse("profile openid profile").unwrap();
        assert_eq!(scope.to_string(), "openid profile");
        assert!(scope.is_within(&Scope::parse("email openid profile").unwrap()));
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for text in [
            " openid",
            "openid  email",
            "open\"id",
            "caf\u{e9}",
            "a\nb",
            &"x".repeat(101),
        ] {
            assert_eq!(Scope::parse(text), Err(BadScope), "{text:?}");
        }
    }

    #[test]
    fn a_scope_of_permissions_is_a_ceiling() {
        let ceiling = Scope::parse("openid device:read").unwrap().ceiling().unwrap();
        assert!(ceiling.contains(Permission::DeviceRead) && !ceiling.contains(Permission::DeviceWrite));
        assert_eq!(Scope::parse("openid").unwrap().ceiling(), None);
        let reading = Scope::parse("openid read").unwrap().ceiling().unwrap();
        assert!(reading.contains(Permission::MemberRead) && !reading.contains(Permission::DeviceWrite));
    }

    #[test]
    fn at_the_api_a_scope_without_permissions_allows_nothing() {
        let ceiling = |text: &str| Scope::parse(text).unwrap().api_ceiling();
        assert_eq!(ceiling("openid profile"), PermissionSet::EMPTY);
        assert!(ceiling("openid read").contains(Permission::MemberRead));
        assert!(!ceiling("read write").contains(Permission::MemberWrite));
        assert!(ceiling("read member:write").contains(Permission::MemberWrite));
    }

    #[test]
    fn fewer_names_are_never_a_higher_ceiling() {
        let within = |asked: &str, all: &str| {
            Scope::parse(asked)
                .unwrap()
                .ceiling_within(&Scope::parse(all).unwrap())
        };
        let read = PermissionSet::of(&[Permission::DeviceRead]);
        assert_eq!(within("openid", "openid device:read"), Some(PermissionSet::EMPTY));
        assert_eq!(
            within("device:read", "openid device:read device:write"),
            Some(read)
        );
        assert_eq!(within("device:read device:write", "device:read"), Some(read));
        assert_eq!(within("device:read", "openid"), Some(read));
        assert_eq!(within("openid", "openid email"), None);
    }
}
