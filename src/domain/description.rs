//! Descriptions: what people write about a thing, on one line.

use super::text::misleads;
use unicode_normalization::UnicodeNormalization;

/// At most 500 characters, NFC, trimmed, without control or bidi-control characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description(String);

/// Why a text is no description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DescriptionError {
    /// More than 500 characters.
    #[error("a description has at most 500 characters")]
    TooLong,
    /// A control, bidi-control or line-breaking character.
    #[error("a description can't contain control characters")]
    Control,
}

impl Description {
    /// The longest, in characters.
    pub const MAX_CHARS: usize = 500;

    /// Reads a description as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, DescriptionError> {
        let text: String = text.trim().nfc().collect();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(DescriptionError::TooLong);
        }
        if text.chars().any(misleads) {
            return Err(DescriptionError::Control);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_may_be_empty_and_never_misleads() {
        assert_eq!(Description::parse("  "), Ok(Description::default()));
        assert_eq!(Description::parse(" By night ").unwrap().as_str(), "By night");
        assert_eq!(Description::parse("a\nb"), Err(DescriptionError::Control));
        assert_eq!(Description::parse("a\u{202E}b"), Err(DescriptionError::Control));
        assert_eq!(
            Description::parse(&"x".repeat(501)),
            Err(DescriptionError::TooLong)
        );
    }
}
