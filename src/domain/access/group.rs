//! Groups: what sorts there are, and when two names are the same.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::subject::GroupName;

/// What sort of group. It changes nothing about access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GroupKind {
    /// Any.
    #[default]
    Group,
    /// People who work together.
    Team,
    /// A part of the organization.
    Department,
}

/// A name that is no kind's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a group is a group, a team or a department")]
pub struct UnknownGroupKind;

impl GroupKind {
    /// Its name, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Team => "team",
            Self::Department => "department",
        }
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for GroupKind {
    type Err = UnknownGroupKind;

    fn from_str(name: &str) -> Result<Self, UnknownGroupKind> {
        [Self::Group, Self::Team, Self::Department]
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or(UnknownGroupKind)
    }
}

impl GroupName {
    /// What two names have in common that people would take for one: case and width don't matter. To find a group by
    /// and to refuse a second one, never to decide access, which goes by ids (OR7).
    pub fn comparable(name: &str) -> String {
        name.nfkc().collect::<String>().to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_exact_name() {
        for kind in [GroupKind::Group, GroupKind::Team, GroupKind::Department] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("Team".parse::<GroupKind>(), Err(UnknownGroupKind));
    }

    #[test]
    fn names_that_people_take_for_one_compare_alike() {
        for same in ["Équipe", "ÉQUIPE", "E\u{301}quipe", "Équ\u{FF49}pe"] {
            assert_eq!(GroupName::comparable(same), "équipe", "{same}");
        }
        assert_ne!(GroupName::comparable("Equipe"), "équipe");
    }
}
