//! Names that people see: bounded, in one Unicode form, with nothing in them that hides or reorders text.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A name for people or things, 1 to 100 characters, NFC, trimmed, without control or bidi-control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why a text is no display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisplayNameError {
    /// Nothing but white space.
    #[error("a name can't be empty")]
    Empty,
    /// More than 100 characters.
    #[error("a name has at most 100 characters")]
    TooLong,
    /// A control, bidi-control or line-breaking character.
    #[error("a name can't contain control characters")]
    Control,
}

impl DisplayName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 100;

    /// Reads a name as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, DisplayNameError> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() {
            return Err(DisplayNameError::Empty);
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(DisplayNameError::TooLong);
        }
        if name.chars().any(misleads) {
            return Err(DisplayNameError::Control);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters, and those that reorder or hide the text around them (Unicode TR36 §2.10).
pub fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_composed() {
        assert_eq!(
            DisplayName::parse("  Ame\u{301}lie ").unwrap().as_str(),
            "Am\u{e9}lie"
        );
    }

    #[test]
    fn se12_a_name_that_reorders_the_page_is_refused() {
        assert_eq!(
            DisplayName::parse("Bob\u{202E}nimda"),
            Err(DisplayNameError::Control)
        );
        assert_eq!(DisplayName::parse("Bob\nAdmin"), Err(DisplayNameError::Control));
        assert_eq!(
            DisplayName::parse(&"x".repeat(101)),
            Err(DisplayNameError::TooLong)
        );
    }
}
