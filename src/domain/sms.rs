//! Codes by text message: what they are for, how long they are good, and how many are sent.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::id::SignInId;
use super::phone::{NumberPrefix, PhoneNumber};

/// Six random digits.
pub struct SmsCode(Zeroizing<String>);

/// What a code is for. It is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsPurpose {
    /// Showing that a number is one's own.
    Enrolment,
    /// This one sign-in.
    SignIn(SignInId),
}

/// To whom messages go, and how many in a day, as an operator sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsRules {
    /// How numbers begin that are written to.
    pub countries: Vec<NumberPrefix>,
    /// The most from the whole instance.
    pub daily_limit: i64,
    /// The most for the people of one organization.
    pub organization_daily_limit: i64,
    /// The most to numbers that begin like one of the list.
    pub country_daily_limit: i64,
}

/// The shortest time between two messages to one person.
pub const BETWEEN: Duration = Duration::from_secs(30);
/// What a day is: the last 24 hours, whenever it is.
pub const DAY: Duration = Duration::from_hours(24);
/// The most in a day to one person.
pub const PER_USER: i64 = 10;
/// The most in a day to one number, whoever has it for theirs.
pub const PER_NUMBER: i64 = 10;
/// The most in a day to a thousand numbers in a row: who is paid for messages owns such.
pub const PER_RANGE: i64 = 30;
/// The most in a day that one network asks for.
pub const PER_NETWORK: i64 = 50;

impl SmsCode {
    /// How long a code is good.
    pub const LIFETIME: Duration = Duration::from_mins(5);
    /// How often one may be tried. With ten codes a day that is 50 tries at a million, 5 in 100,000 (MF4, SM1).
    pub const MOST_TRIES: i64 = 5;

    /// The code of these random bytes: no digit is likelier than another by more than one in a trillion.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(Zeroizing::new(format!(
            "{:06}",
            u64::from_be_bytes(bytes) % 1_000_000
        )))
    }

    /// Reads what somebody typed: six digits, with spaces between them or not.
    pub fn parse(text: &str) -> Option<Self> {
        super::totp::digits(text).map(Self)
    }

    /// The digits, for the one message they are sent in.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SmsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsCode(…)")
    }
}

impl SmsPurpose {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrolment => "enrolment",
            Self::SignIn(_) => "sign_in",
        }
    }

    /// The sign-in that it is for; empty if it is for none.
    pub fn sign_in(self) -> String {
        match self {
            Self::Enrolment => String::new(),
            Self::SignIn(id) => id.to_string(),
        }
    }
}

impl SmsRules {
    /// The entry of the list that admits a number; nothing if none does. The longest if more do.
    pub fn country_of(&self, number: &PhoneNumber) -> Option<&NumberPrefix> {
        let admitting = self.countries.iter().filter(|prefix| prefix.admits(number));
        admitting.max_by_key(|prefix| prefix.as_str().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_whatever_is_drawn() {
        assert_eq!(SmsCode::from_bytes([0; 8]).expose(), "000000");
        assert_eq!(
            SmsCode::from_bytes(1_000_007_u64.to_be_bytes()).expose(),
            "000007"
        );
        assert_eq!(SmsCode::from_bytes([0xff; 8]).expose().len(), 6);
        assert_eq!(SmsCode::parse(" 000 007").unwrap().expose(), "000007");
        assert!(SmsCode::parse("7").is_none());
        assert_eq!(format!("{:?}", SmsCode::from_bytes([0; 8])), "SmsCode(…)");
    }
}
