//! Organizations: the tenants of an instance.

use std::fmt;

use super::access::Policy;
use super::id::OrganizationId;
use super::session::{FactorRules, SessionLimits};
use super::text::DisplayName;

/// A tenant as the database holds it.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Never changes.
    pub id: OrganizationId,
    /// Unique and never changes.
    pub name: OrganizationName,
    /// What people read.
    pub display_name: DisplayName,
    /// The conditions of `access::decide`.
    pub policy: Policy,
    /// How long a session may act for it.
    pub session_limits: SessionLimits,
    /// Which second factors it counts.
    pub factors: FactorRules,
}

/// The slug of an organization: 2 to 63 of `[a-z0-9-]`, neither first nor last a hyphen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrganizationName(String);

/// The text is no organization name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an organization name has 2 to 63 characters a-z, 0-9 and hyphens, and no hyphen at either end")]
pub struct BadOrganizationName;

impl OrganizationName {
    /// Reads a slug; changes nothing about it.
    pub fn parse(text: &str) -> Result<Self, BadOrganizationName> {
        let fits = (2..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        fits.then(|| Self(text.to_owned())).ok_or(BadOrganizationName)
    }

    /// Makes a slug of what a person calls it: `Acme GmbH & Co` becomes `acme-gmbh-co`.
    pub fn from_display_name(name: &DisplayName) -> Result<Self, BadOrganizationName> {
        let mut slug = String::new();
        for character in name.as_str().to_lowercase().chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(63);
        Self::parse(slug.trim_end_matches('-'))
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganizationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for OrganizationName {
    type Err = BadOrganizationName;

    fn from_str(text: &str) -> Result<Self, BadOrganizationName> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_what_people_call_it() {
        let slug = |name: &str| OrganizationName::from_display_name(&DisplayName::parse(name).unwrap());
        assert_eq!(slug("Acme GmbH & Co.").unwrap().as_str(), "acme-gmbh-co");
        assert_eq!(slug("!"), Err(BadOrganizationName));
    }

    #[test]
    fn a_slug_is_never_mended() {
        for text in ["a", "-acme", "acme-", "Acme", "ac me", "org_01", ""] {
            assert_eq!(
                OrganizationName::parse(text),
                Err(BadOrganizationName),
                "{text:?}"
            );
        }
    }
}
