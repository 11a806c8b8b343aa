//! Passwords that were lost; and in which words a new one is refused, wherever it is chosen.

pub mod changed;
pub mod forgot;
pub mod over;
pub mod reset;
pub mod sent;

use crate::sign_in::{BadPassword, Guessable, NewPassword};
use crate::web::Frame;

/// What is wrong with a password that somebody chose, and what to do about it.
pub fn bad_password(frame: &Frame, bad: BadPassword) -> String {
    let key = match bad {
        BadPassword::TooShort(least) => return frame.t1("password-bad-short", "min", &least.to_string()),
        BadPassword::TooLong => {
            let most = NewPassword::MAX_CHARS.to_string();
            return frame.t1("password-bad-long", "max", &most);
        }
        BadPassword::Guessable(Guessable::Common) => "password-bad-common",
        BadPassword::Guessable(Guessable::Own) => "password-bad-own",
        BadPassword::Guessable(Guessable::Names) => "password-bad-names",
        BadPassword::Guessable(Guessable::Word) => "password-bad-word",
        BadPassword::Guessable(Guessable::Keys) => "password-bad-keys",
        BadPassword::Guessable(Guessable::Repeated) => "password-bad-repeated",
        BadPassword::Guessable(Guessable::Sequence) => "password-bad-sequence",
        BadPassword::Guessable(Guessable::Date) => "password-bad-date",
        BadPassword::Guessable(Guessable::Little) => "password-bad-little",
        BadPassword::Stolen => "password-bad-stolen",
        BadPassword::Used => "password-bad-used",
    };
    frame.t(key)
}
