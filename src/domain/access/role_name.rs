//! Names of roles that organizations make.

use std::fmt;

use super::role::BuiltInRole;
use crate::domain::organization::OrganizationName;

/// A slug like an organization's, and no built-in role's name. Exact: there is no other case to be mistaken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName(String);

/// Why a text is no name for a role of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleNameError {
    /// Not a slug.
    #[error("a role's name has 2 to 63 characters a-z, 0-9 and hyphens, and no hyphen at either end")]
    NoSlug,
    /// A built-in role's.
    #[error("this is the name of a built-in role")]
    BuiltIn,
}

impl RoleName {
    /// Reads a name; changes nothing about it.
    pub fn parse(text: &str) -> Result<Self, RoleNameError> {
        if text.parse::<BuiltInRole>().is_ok() {
            return Err(RoleNameError::BuiltIn);
        }
        match OrganizationName::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(RoleNameError::NoSlug),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or7_no_role_is_called_like_a_built_in_one_or_nearly_so() {
        for role in BuiltInRole::ALL {
            assert_eq!(RoleName::parse(role.name()), Err(RoleNameError::BuiltIn));
        }
        for text in [
            "Owner",
            "OWNER",
            " owner",
            "owner ",
            "\u{FF4F}wner",
            "owner\u{200B}",
            "o",
            "",
        ] {
            assert_eq!(RoleName::parse(text), Err(RoleNameError::NoSlug), "{text:?}");
        }
        assert_eq!(RoleName::parse("night-watch").unwrap().to_string(), "night-watch");
    }
}
