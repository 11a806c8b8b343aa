//! Phone numbers that messages are sent to, as E.164 has them.

use std::fmt;
use std::str::FromStr;

/// `+` and 8 to 15 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// How numbers begin that may be written to: `+49`, or longer, `+1212`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPrefix(String);

/// The text is no phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write the number with its country, such as +49 151 2345678")]
pub struct BadPhoneNumber;

/// Codes of countries that have two digits (ITU-T E.164); `1` and `7` have one, and all others three.
const TWO_DIGITS: &[&str] = &[
    "20", "27", "28", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
    "81", "82", "83", "84", "86", "89", "90", "91", "92", "93", "94", "95", "98",
];

impl PhoneNumber {
    /// Reads a number as somebody typed it: with spaces, dashes, dots, slashes and brackets, or none. What stands for a
    /// digit that one leaves out when calling from abroad, `(0)`, is no part of a number.
    pub fn parse(text: &str) -> Result<Self, BadPhoneNumber> {
        if text.len() > 64 || text.contains("(0)") {
            return Err(BadPhoneNumber);
        }
        let digits = text.trim().strip_prefix('+').ok_or(BadPhoneNumber)?;
        let between =
            |c: char| c.is_whitespace() || "-.()/".contains(c) || ('\u{2010}'..='\u{2013}').contains(&c);
        let digits: String = digits.chars().filter(|c| !between(*c)).collect();
        let right = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if right {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(BadPhoneNumber)
        }
    }

    /// `+4915112345678`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it for its owner to know it by, and for nobody to call it: `+49 ••• ••42`.
    pub fn masked(&self) -> String {
        let (country, last) = (self.country(), &self.0[self.0.len() - 2..]);
        format!("+{country} ••• ••{last}")
    }

    /// The code of its country, without the plus.
    fn country(&self) -> &str {
        let digits = &self.0[1..];
        let length = match &digits[..2] {
            two if two.starts_with(['1', '7']) => 1,
            two if TWO_DIGITS.contains(&two) => 2,
            _ => 3,
        };
        &digits[..length]
    }

    /// The thousand numbers that it is one of: who is paid for messages owns many in a row.
    pub fn range(&self) -> &str {
        &self.0[..self.0.len() - 3]
    }
}

impl NumberPrefix {
    /// Whether a number begins like this.
    pub fn admits(&self, number: &PhoneNumber) -> bool {
        number.0.starts_with(&self.0)
    }

    /// `+49`
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NumberPrefix {
    type Err = BadPhoneNumber;

    fn from_str(text: &str) -> Result<Self, BadPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(BadPhoneNumber)?;
        let right = (1..=8).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        right.then(|| Self(text.to_owned())).ok_or(BadPhoneNumber)
    }
}

impl FromStr for PhoneNumber {
    type Err = BadPhoneNumber;

    /// As it is stored, and in no other way.
    fn from_str(text: &str) -> Result<Self, BadPhoneNumber> {
        Self::parse(text).and_then(|number| {
            if number.0 == text {
                Ok(number)
            } else {
                Err(BadPhoneNumber)
            }
        })
    }
}

/// A number is a person's, and no business of a log.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_written() {
        for text in [
            "+4915112345678",
            " +49 151 1234-5678 ",
            "+49 (151) 12 34 56 78",
            "+49.151/12345678",
            "+49\u{a0}151\u{2013}12345678",
        ] {
            assert_eq!(
                PhoneNumber::parse(text).unwrap().as_str(),
                "+4915112345678",
                "{text}"
            );
        }
        assert!(PhoneNumber::parse("+12345678").is_ok());
        assert!(PhoneNumber::parse("+123456789012345").is_ok());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "015112345678",
            "004915112345678",
            "+1234567",
            "+1234567890123456",
            "+0915112345678",
            "++4915112345678",
            "+49 (0)151 12345678",
            "+49 151 1234567a",
            "+49 151 12345678 ext. 9",
            "+４９15112345678",
            "+4915112345678\n+4915112345679x",
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(BadPhoneNumber), "{text}");
        }
        assert!(
            "+49 15112345678".parse::<PhoneNumber>().is_err(),
            "not as it is stored"
        );
    }

    #[test]
    fn its_owner_knows_it_and_nobody_else_can_call_it() {
        let masked = |text| PhoneNumber::parse(text).unwrap().masked();
        assert_eq!(masked("+4915112345642"), "+49 ••• ••42");
        assert_eq!(masked("+12125550100"), "+1 ••• ••00");
        assert_eq!(masked("+79161234567"), "+7 ••• ••67");
        assert_eq!(masked("+98912345678"), "+98 ••• ••78");
        assert_eq!(masked("+35312345678"), "+353 ••• ••78");
        let debugged = format!("{:?}", PhoneNumber::parse("+4915112345642").unwrap());
        assert_eq!(debugged, "PhoneNumber(+49 ••• ••42)");
    }

    #[test]
    fn sm2_a_list_of_countries_admits_what_begins_like_one() {
        let germany: NumberPrefix = "+49".parse().unwrap();
        assert!(germany.admits(&PhoneNumber::parse("+4915112345678").unwrap()));
        assert!(!germany.admits(&PhoneNumber::parse("+48512345678").unwrap()));
        for text in ["49", "+", "+0", "+4a", "+123456789", "+ 49"] {
            assert!(text.parse::<NumberPrefix>().is_err(), "{text}");
        }
        assert_eq!(
            PhoneNumber::parse("+4915112345678").unwrap().range(),
            "+4915112345"
        );
    }
}
