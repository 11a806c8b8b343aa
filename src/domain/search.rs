//! Searching for people: the words that a person is found by, and what somebody types to find them.

use unicode_normalization::UnicodeNormalization;

use super::email::Email;
use super::text::DisplayName;

/// The most words of a name that are searched.
const MOST_WORDS: usize = 12;

/// The longest stretch of a word that is searched, in characters.
const LONGEST_WORD: usize = 64;

/// What a person is found by: the email address and each word of the name, in comparable form, each once.
pub fn words_of(email: &Email, name: &DisplayName) -> Vec<String> {
    let mut words = vec![email.comparable()];
    for word in split(name.as_str()).take(MOST_WORDS) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// What somebody typed to find a person: each part is the beginning of one of the person's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search([String; Search::MOST_PARTS]);

/// The text asks for too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a search has at most three words")]
pub struct TooManyWords;

impl Search {
    /// The most parts of a search.
    pub const MOST_PARTS: usize = 3;

    /// Reads what was typed; nothing finds everybody.
    pub fn parse(text: &str) -> Result<Self, TooManyWords> {
        let mut parts = split(text);
        let search = Self(std::array::from_fn(|_| parts.next().unwrap_or_default()));
        match parts.next() {
            None => Ok(search),
            Some(_) => Err(TooManyWords),
        }
    }

    /// Whether it finds everybody.
    pub fn is_empty(&self) -> bool {
        self.0[0].is_empty()
    }

    /// Its parts; the last are empty if there are fewer.
    pub fn parts(&self) -> &[String; Self::MOST_PARTS] {
        &self.0
    }
}

/// The words of a text as they are compared: case-folded, NFC, cut where they are too long to search.
fn split(text: &str) -> impl Iterator<Item = String> {
    let fold = |word: &str| {
        let folded: String = word.to_lowercase().nfc().collect();
        if folded.contains('@') {
            folded
        } else {
            folded.chars().take(LONGEST_WORD).collect()
        }
    };
    text.split_whitespace().map(fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(email: &str, name: &str) -> Vec<String> {
        words_of(&Email::parse(email).unwrap(), &DisplayName::parse(name).unwrap())
    }

    #[test]
    fn a_person_is_found_by_email_and_each_word_of_the_name() {
        assert_eq!(
            words("Zoe@X.example", "Zoe\u{308} van der Zoe\u{308}"),
            ["zoe@x.example", "zo\u{eb}", "van", "der"]
        );
    }

    #[test]
    fn words_are_bounded_in_number_and_length() {
        let many: Vec<String> = (10..40).map(|n| n.to_string()).collect();
        assert_eq!(words("a@x.example", &many.join(" ")).len(), 1 + MOST_WORDS);
        let long = words("a@x.example", &"\u{d1}".repeat(100));
        assert_eq!(long[1].chars().count(), LONGEST_WORD);
    }

    #[test]
    fn a_search_is_folded_as_words_are() {
        let search = Search::parse("  ZOE\u{308}  Van ").unwrap();
        assert_eq!(
            search.parts(),
            &["zo\u{eb}".to_owned(), "van".to_owned(), String::new()]
        );
        assert!(Search::parse(" ").unwrap().is_empty());
        assert_eq!(Search::parse("a b c d"), Err(TooManyWords));
    }
}
