//! What a provisioning system calls a user or group of its own.

use crate::domain::text::misleads;

/// A name that somebody else gave: 1 to 255 characters, kept letter by letter. It is no id of ours, whatever it looks
/// like (SC2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId(String);

/// The text is no external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an externalId has 1 to 255 characters, and no control characters")]
pub struct NotAnExternalId;

impl ExternalId {
    /// Reads one as it was sent.
    pub fn parse(text: &str) -> Result<Self, NotAnExternalId> {
        if !(1..=255).contains(&text.chars().count()) || text.chars().any(misleads) {
            return Err(NotAnExternalId);
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_letter_by_letter_and_bounded() {
        assert_eq!(ExternalId::parse(" 00uA ").unwrap().as_str(), " 00uA ");
        for text in ["", "a\0", "a\nb", "\u{202E}", &"x".repeat(256)] {
            assert_eq!(ExternalId::parse(text), Err(NotAnExternalId), "{text:?}");
        }
    }
}
