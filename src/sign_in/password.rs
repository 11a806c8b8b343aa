//! What a new password must be like (NIST 800-63B-4 §3.1.1.2): long, and nothing else.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password that may be set: 15 to 128 characters and at most 512 bytes, any of them, in NFC.
pub struct NewPassword(Zeroizing<String>);

/// Why a password can't be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Fewer than 15 characters.
    #[error("a password needs at least 15 characters; a few words in a row will do")]
    TooShort,
    /// More than 128 characters or 512 bytes, which nobody types and hashing would pay for.
    #[error("a password has at most 128 characters")]
    TooLong,
}

impl NewPassword {
    /// The fewest characters where a password stands alone.
    pub const MIN_CHARS: usize = 15;
    /// The most, anywhere.
    pub const MAX_CHARS: usize = 128;

    /// Reads a password that somebody chooses.
    pub fn parse(text: &str) -> Result<Self, BadPassword> {
        let password = normalized(text).ok_or(BadPassword::TooLong)?;
        let length = password.chars().count();
        if length < Self::MIN_CHARS {
            return Err(BadPassword::TooShort);
        }
        if length > Self::MAX_CHARS {
            return Err(BadPassword::TooLong);
        }
        Ok(Self(password))
    }

    pub(super) fn into_inner(self) -> Zeroizing<String> {
        self.0
    }
}

/// The form in which passwords are hashed; nothing if it is longer than any password can be.
pub(super) fn normalized(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > 512 {
        return None;
    }
    Some(Zeroizing::new(text.nfc().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_and_nothing_else_is_asked() {
        assert!(NewPassword::parse("correct horse b").is_ok());
        assert_eq!(
            NewPassword::parse("correct horse ").err(),
            Some(BadPassword::TooShort)
        );
        assert!(NewPassword::parse(&"\u{9580}".repeat(15)).is_ok());
        assert_eq!(
            NewPassword::parse(&"a".repeat(129)).err(),
            Some(BadPassword::TooLong)
        );
    }
}
