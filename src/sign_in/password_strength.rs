//! How hard a password is to guess, by what people choose (zxcvbn): dictionaries, keyboards, dates, and the person's own
//! words.

use zxcvbn::Score;
use zxcvbn::feedback::Warning;
use zxcvbn::matching::patterns::MatchPattern;

use super::Guessable;

/// What takes fewer than 10^8 guesses is refused.
const LEAST: Score = Score::Three;

/// What is behind so many characters makes no password worse, and the estimate slow.
const LOOKED_AT: usize = 100;

/// A person's own words make a password longer, not better: so many letters and digits are to be left without them.
const BESIDES_OWN: usize = 6;

/// What makes a password easy to guess, if it is. `own_words` are in lower case.
pub(super) fn weakness(password: &str, own_words: &[String]) -> Option<Guessable> {
    if besides(password, own_words) < BESIDES_OWN {
        return Some(Guessable::Own);
    }
    let looked_at: String = password.chars().take(LOOKED_AT).collect();
    let own: Vec<&str> = own_words.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(&looked_at, &own);
    if estimate.score() >= LEAST {
        return None;
    }
    let says_own = estimate.sequence().iter().any(|part| match &part.pattern {
        MatchPattern::Dictionary(found) => own.contains(&found.matched_word.as_str()),
        _ => false,
    });
    if says_own {
        return Some(Guessable::Own);
    }
    let warning = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    Some(match warning {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Guessable::Common,
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Guessable::Names,
        Some(Warning::AWordByItselfIsEasyToGuess) => Guessable::Word,
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            Guessable::Keys
        }
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => Guessable::Repeated,
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Guessable::Sequence,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Guessable::Date,
        None => Guessable::Little,
    })
}

/// How many letters and digits a password has besides a person's own words.
fn besides(password: &str, own_words: &[String]) -> usize {
    let mut rest = password.to_lowercase();
    let mut longest_first: Vec<&String> = own_words.iter().collect();
    longest_first.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    for word in longest_first {
        rest = rest.replace(word.as_str(), " ");
    }
    if rest == password.to_lowercase() {
        return usize::MAX;
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_alice(password: &str) -> Option<Guessable> {
        let own = ["alice@acme.example", "alice", "archer", "acme", "example"];
        weakness(password, &own.map(str::to_owned))
    }

    #[test]
    fn each_weakness_is_named() {
        for (password, why) in [
            ("passwordpassword", Guessable::Repeated),
            ("alicearcher2026", Guessable::Own),
            ("AliceArcher@acme.example", Guessable::Own),
            ("qwertyuiopasdfghj", Guessable::Common),
            ("aaaaaaaaaaaaaaaaaaaa", Guessable::Repeated),
            ("abcdefghijklmnopq", Guessable::Sequence),
            ("password1", Guessable::Common),
        ] {
            assert_eq!(of_alice(password), Some(why), "{password}");
        }
    }

    #[test]
    fn a_few_unrelated_words_are_good_whoever_says_them() {
        for password in [
            "alice keeps the keys",
            "bob drives the rover",
            "teapot lantern gravel",
            "\u{9580}\u{306e}\u{524d}\u{3067}\u{5f85}\u{3064}\u{732b}\u{3068}\u{72ac}",
        ] {
            assert_eq!(of_alice(password), None, "{password}");
        }
    }
}
