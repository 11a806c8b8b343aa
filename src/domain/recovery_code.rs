//! Recovery codes: ten of them, kept on paper for when every other second factor is out of reach.

use std::fmt;

use zeroize::Zeroizing;

/// Crockford's base32: no letter in it looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 80 random bits in 16 characters.
#[derive(PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// So many are made at once.
    pub const SET: usize = 10;
    /// Of so many random bytes each.
    pub const BYTES: usize = 10;
    /// With so few left, a person is asked to make new ones.
    pub const FEW: i64 = 3;

    const CHARACTERS: usize = 16;

    /// The code of these random bytes.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let bits = bytes
            .iter()
            .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let character = |place: usize| {
            let five = usize::try_from(bits >> (5 * (Self::CHARACTERS - 1 - place)) & 31);
            char::from(ALPHABET[five.unwrap_or_default()])
        };
        Self(Zeroizing::new((0..Self::CHARACTERS).map(character).collect()))
    }

    /// Reads what somebody typed, however they put case, spaces and dashes, and whichever of two that look alike.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 200 {
            return None;
        }
        let typed = text.chars().filter(|c| !c.is_whitespace() && !is_dash(*c));
        let meant = |c: char| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let code: Zeroizing<String> = Zeroizing::new(typed.map(meant).collect());
        let right = code.len() == Self::CHARACTERS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        right.then_some(Self(code))
    }

    /// Its 16 characters, of which only a keyed hash is stored.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As it is printed: `xxxx-xxxx-xxxx-xxxx`.
    pub fn in_groups(&self) -> Zeroizing<String> {
        let groups: Vec<&str> = (0..Self::CHARACTERS)
            .step_by(4)
            .map(|start| &self.0[start..start + 4])
            .collect();
        Zeroizing::new(groups.join("-"))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// What a pen, a keyboard or a word processor takes for a dash.
fn is_dash(character: char) -> bool {
    character == '-' || matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mf6_every_bit_of_eighty_is_in_the_code() {
        let plain = RecoveryCode::from_bytes([0; 10]);
        assert_eq!(plain.in_groups().as_str(), "0000-0000-0000-0000");
        assert_eq!(RecoveryCode::from_bytes([0xff; 10]).expose(), "zzzzzzzzzzzzzzzz");
        for bit in 0..80 {
            let mut bytes = [0; 10];
            bytes[bit / 8] = 1 << (bit % 8);
            assert!(RecoveryCode::from_bytes(bytes) != plain, "bit {bit}");
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = RecoveryCode::from_bytes([0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf]);
        assert_eq!(code.in_groups().as_str(), "0123-4567-89ab-cdef");
        for typed in [
            "0123-4567-89ab-cdef",
            "0123456789ABCDEF",
            " o123 4567\u{a0}89aB\u{2013}CDEF\n",
            "OI23-4567-89AB-CDEF",
            "0l23 4567 89ab cdef",
        ] {
            assert!(
                RecoveryCode::parse(typed).is_some_and(|read| read == code),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in [
            "",
            "0123-4567-89ab-cde",
            "0123-4567-89ab-cdef0",
            "0123-4567-89ab-cdeu",
            "0123_4567_89ab_cdef",
        ] {
            assert!(RecoveryCode::parse(text).is_none(), "{text}");
        }
        assert!(RecoveryCode::parse(&"0".repeat(300)).is_none());
        assert_eq!(
            format!("{:?}", RecoveryCode::from_bytes([1; 10])),
            "RecoveryCode(…)"
        );
    }
}
