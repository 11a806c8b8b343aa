//! Whether what an authenticator sent is in form: CBOR of definite lengths and little depth (CTAP 2.1 §8), and nothing
//! after what its flags announce (WebAuthn §6.1). The library reads what it needs, and lets the rest pass.

/// How many arrays and maps may be within each other.
const DEEPEST: u8 = 8;

/// Authenticator data have more after their fixed part: a new credential.
const HAS_CREDENTIAL: u8 = 0x40;

/// Authenticator data have more after their fixed part: extensions.
const HAS_EXTENSIONS: u8 = 0x80;

/// Whether authenticator data are what a passkey that is shown has.
pub(super) fn is_assertion(data: &[u8]) -> bool {
    fixed_part(data).is_some_and(|(flags, rest)| flags & HAS_CREDENTIAL == 0 && ends(flags, rest))
}

/// Whether an attestation object is what a new passkey has.
pub(super) fn is_attestation(object: &[u8]) -> bool {
    let whole = after_item(object, DEEPEST).is_some_and(<[u8]>::is_empty);
    let data = authenticator_data(object).and_then(fixed_part);
    whole
        && data.is_some_and(|(flags, rest)| {
            flags & HAS_CREDENTIAL != 0 && after_credential(rest).is_some_and(|rest| ends(flags, rest))
        })
}

/// The flags, and what follows relying party, flags and counter.
fn fixed_part(data: &[u8]) -> Option<(u8, &[u8])> {
    let (fixed, rest) = data.split_at_checked(37)?;
    Some((fixed[32], rest))
}

/// Nothing is left but extensions, if they are announced.
fn ends(flags: u8, rest: &[u8]) -> bool {
    if flags & HAS_EXTENSIONS == 0 {
        return rest.is_empty();
    }
    after_item(rest, DEEPEST).is_some_and(<[u8]>::is_empty)
}

/// What follows model, id and key of a new credential.
fn after_credential(data: &[u8]) -> Option<&[u8]> {
    let (_model, rest) = data.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (_id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    after_item(rest, DEEPEST)
}

/// The value of `authData` in the map that an attestation object is.
fn authenticator_data(object: &[u8]) -> Option<&[u8]> {
    let (head, mut rest) = object.split_first()?;
    if head >> 5 != 5 {
        return None;
    }
    for _ in 0..(head & 0x1F) {
        let value = after_item(rest, DEEPEST)?;
        let key = &rest[..rest.len() - value.len()];
        if key == b"\x68authData" {
            let (2, length, content) = head_of(value)? else {
                return None;
            };
            return content.get(..usize::try_from(length).ok()?);
        }
        rest = after_item(value, DEEPEST)?;
    }
    None
}

/// The kind of the first item, its number or length, and what follows that. No length is left open.
fn head_of(input: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (head, rest) = input.split_first()?;
    let (number, rest) = match head & 0x1F {
        short @ 0..=23 => (u64::from(short), rest),
        width @ 24..=27 => {
            let (bytes, rest) = rest.split_at_checked(1 << (width - 24))?;
            (
                bytes
                    .iter()
                    .fold(0, |number, byte| number << 8 | u64::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    Some((head >> 5, number, rest))
}

/// What follows the first item; nothing if there is none in form.
fn after_item(input: &[u8], depth: u8) -> Option<&[u8]> {
    let (kind, number, mut rest) = head_of(input)?;
    let within = match kind {
        0 | 1 | 7 => 0,
        2 | 3 => return rest.get(usize::try_from(number).ok()?..),
        4 => number,
        5 => number.checked_mul(2)?,
        _ => return None,
    };
    let depth = depth.checked_sub(1)?;
    for _ in 0..within {
        rest = after_item(rest, depth)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wa9_an_item_ends_where_it_says() {
        assert_eq!(after_item(&[0x00, 9], 3), Some([9].as_slice()));
        assert_eq!(after_item(&[0x18, 0xFF, 9], 3), Some([9].as_slice()));
        assert_eq!(
            after_item(&[0xA1, 0x61, b'a', 0x82, 1, 0x41, 0], 3),
            Some([].as_slice())
        );
        assert_eq!(after_item(&[0xF5], 3), Some([].as_slice()));
    }

    #[test]
    fn wa9_bombs_are_no_items() {
        for bomb in [
            [0x9F; 64].as_slice(),
            &[0x81; 64],
            &[0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x58],
            &[0xC0, 0x00],
            &[],
        ] {
            assert_eq!(after_item(bomb, DEEPEST), None, "{bomb:?}");
        }
    }

    #[test]
    fn wa9_nothing_follows_what_is_announced() {
        let data = |flags: u8, rest: &[u8]| [[0; 32].as_slice(), &[flags], &[0; 4], rest].concat();
        assert!(is_assertion(&data(0x05, &[])));
        assert!(is_assertion(&data(0x85, &[0xA0])));
        for (flags, rest) in [
            (0x05, [0].as_slice()),
            (0x85, &[]),
            (0x85, &[0xA0, 0]),
            (0x45, &[]),
        ] {
            assert!(!is_assertion(&data(flags, rest)), "{flags} {rest:?}");
        }
        assert!(!is_assertion(&[0; 36]));
    }
}
