//! What a password looks like, and what may be wrong with one that somebody chooses (NIST 800-63B-4 §3.1.1.2): too short
//! or easy to guess, and nothing else. No kind of character is asked for, and none is refused.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A password that may be set as far as its length goes, in NFC: at most 128 characters and 512 bytes, any of them.
pub struct NewPassword(Zeroizing<String>);

/// Why a password can't be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Fewer characters than are asked for.
    #[error("a password needs at least {0} characters; a few words in a row will do")]
    TooShort(usize),
    /// More than 128 characters or 512 bytes, which nobody types and hashing would pay for.
    #[error("a password has at most 128 characters")]
    TooLong,
    /// It falls to those who guess.
    #[error("this password is easy to guess: {0}")]
    Guessable(Guessable),
    /// It was stolen from somebody before.
    #[error("this password is on a list of stolen ones, which are tried first; choose another")]
    Stolen,
    /// It is the present one, or was not so long ago.
    #[error("this is your password already, or was not long ago; choose another")]
    Used,
}

/// What makes a password easy to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Guessable {
    /// Too many people have it, or one much like it.
    #[error("many people choose it, or one much like it")]
    Common,
    /// It is made of the person's own name or address, or of an organization's name.
    #[error("it is made of your name, your address or your organization's name")]
    Own,
    /// It is made of names.
    #[error("names are tried first; add a few unrelated words")]
    Names,
    /// It is one word, or hardly more.
    #[error("a word or two are tried first; add a few unrelated words")]
    Word,
    /// Its keys are neighbours.
    #[error("rows of keys are tried first; take a few unrelated words")]
    Keys,
    /// It says the same again and again.
    #[error("repeating makes it longer, not better; take a few unrelated words")]
    Repeated,
    /// It counts, or says the alphabet.
    #[error("sequences are tried first; take a few unrelated words")]
    Sequence,
    /// It is a date or a year.
    #[error("dates and years are tried first; add a few unrelated words")]
    Date,
    /// There is too little in it.
    #[error("there is too little in it; add another word or two")]
    Little,
}

impl NewPassword {
    /// The fewest characters where a password stands alone.
    pub const MIN_CHARS: usize = 15;
    /// The fewest where it is one of two factors.
    pub const MIN_CHARS_OF_TWO: usize = 8;
    /// The most, anywhere.
    pub const MAX_CHARS: usize = 128;

    /// Reads a password that stands alone.
    pub fn parse(text: &str) -> Result<Self, BadPassword> {
        Self::of_length(text, Self::MIN_CHARS)
    }

    /// Reads a password of at least so many characters.
    pub fn of_length(text: &str, least: usize) -> Result<Self, BadPassword> {
        let password = normalized(text).ok_or(BadPassword::TooLong)?;
        let length = password.chars().count();
        if length < least {
            return Err(BadPassword::TooShort(least));
        }
        if length > Self::MAX_CHARS {
            return Err(BadPassword::TooLong);
        }
        Ok(Self(password))
    }

    /// The text, for whoever judges or hashes it.
    pub(super) fn text(&self) -> &Zeroizing<String> {
        &self.0
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
    fn length_is_counted_in_characters_as_they_are_composed() {
        assert!(NewPassword::parse("correct horse b").is_ok());
        assert_eq!(
            NewPassword::parse("correct horse ").err(),
            Some(BadPassword::TooShort(15))
        );
        assert!(NewPassword::parse(&"\u{9580}".repeat(15)).is_ok());
        assert_eq!(
            NewPassword::parse(&"e\u{301}".repeat(14)).err(),
            Some(BadPassword::TooShort(15))
        );
        for long in ["a".repeat(129), "\u{9580}".repeat(171)] {
            assert_eq!(NewPassword::parse(&long).err(), Some(BadPassword::TooLong));
        }
        assert!(NewPassword::of_length("8 chars!", 8).is_ok());
    }
}
