//! SA30: whoever has a ciphertext that was meant for us, and may try as often as they like, learns nothing of what is in it.
//!
//! Only an assertion that was signed before it was encrypted can be tried: where the response is signed too, no ciphertext but
//! the provider's own is looked at.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::saml::Refusal;

use super::super::documents::{AES256_GCM, Answer, RSA_OAEP, Shape, encryption_template, read};
use crate::harness::Dice;
use crate::harness::times::Times;

const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";

/// A document with its two ciphertexts: the content's key, and the content.
pub(crate) struct Tried {
    document: String,
    places: [Range<usize>; 2],
    values: [Vec<u8>; 2],
}

/// Which of the two.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Key,
    Content,
}

impl Tried {
    pub(crate) fn of(document: &str) -> Self {
        let places: Vec<_> = document
            .match_indices("<xenc:CipherValue>")
            .map(|(at, tag)| {
                let start = at + tag.len();
                start..start + document[start..].find('<').unwrap()
            })
            .collect();
        let places: [_; 2] = places.try_into().unwrap();
        let value = |place: &Range<usize>| {
            let dense: String = document[place.clone()].split_ascii_whitespace().collect();
            STANDARD.decode(dense).unwrap()
        };
        let values = places.each_ref().map(value);
        Self {
            document: document.to_owned(),
            places,
            values,
        }
    }

    fn encrypted(cipher: &str, transport: &str) -> Self {
        let mut answer = Answer::genuine();
        answer.encryption = encryption_template(cipher, transport);
        Self::of(&answer.sent(Shape::Encrypted))
    }

    /// The document with one of its ciphertexts changed.
    pub(crate) fn with(&self, part: Part, change: impl FnOnce(&mut Vec<u8>)) -> String {
        let part = match part {
            Part::Key => 0,
            Part::Content => 1,
        };
        let mut value = self.values[part].clone();
        change(&mut value);
        let place = &self.places[part];
        let (before, after) = (&self.document[..place.start], &self.document[place.end..]);
        [before, &STANDARD.encode(value), after].concat()
    }

    /// The same with a bit changed somewhere.
    fn flipped(&self, part: Part, dice: &mut Dice) -> String {
        self.with(part, |value| {
            let at = dice.below(value.len());
            value[at] ^= 1 << dice.below(8);
        })
    }

    /// The same with something else in it, of any length.
    fn random(&self, part: Part, length: usize, dice: &mut Dice) -> String {
        self.with(part, |value| *value = bytes(length, dice))
    }
}

fn bytes(length: usize, dice: &mut Dice) -> Vec<u8> {
    (0..length)
        .map(|_| u8::try_from(dice.below(256)).unwrap())
        .collect()
}

/// How an answer is refused for each of some variants.
fn refusals(variants: impl Iterator<Item = String>) -> BTreeSet<&'static str> {
    variants
        .map(|document| read(document).expect_err("nobody wrote that").code())
        .collect()
}

#[test]
fn sa30_a_thousand_bad_ciphertexts_are_one_error() {
    let mut dice = Dice::seeded(30);
    let genuine = Tried::encrypted(AES256_GCM, RSA_OAEP);
    assert!(read(&genuine.document).is_ok());
    let wrapped = genuine.values[0].len();
    let variants = (0..1_000).map(|number| match number % 5 {
        0 => genuine.flipped(Part::Content, &mut dice),
        1 => genuine.flipped(Part::Key, &mut dice),
        2 => {
            let length = dice.below(64);
            genuine.random(Part::Content, length, &mut dice)
        }
        // Of the right length, of another, or larger than the modulus.
        3 => {
            let length = *dice.one(&[0, 1, wrapped - 1, wrapped, wrapped + 1]);
            genuine.random(Part::Key, length, &mut dice)
        }
        _ => genuine.with(Part::Key, |value| value.fill(0xFF)),
    });
    let found = refusals(variants.collect::<Vec<_>>().into_iter());
    assert_eq!(found, BTreeSet::from([Refusal::Undecipherable.code()]));
}

/// The ciphers whose padding would answer are refused by their name, before anything is decrypted: what is in the ciphertext
/// makes no difference, not even whether it is one.
#[test]
fn sa30_a_thousand_paddings_are_not_looked_at() {
    let mut dice = Dice::seeded(31);
    for (cipher, transport, why) in [
        (CBC, RSA_OAEP, Refusal::EncryptedWithCbc),
        (AES256_GCM, RSA_1_5, Refusal::KeyTransportRsa15),
        (CBC, RSA_1_5, Refusal::EncryptedWithCbc),
    ] {
        let genuine = Tried::encrypted(cipher, transport);
        let blocks = genuine.values[1].len() / 16;
        let mut variants = vec![genuine.document.clone()];
        // The byte before the last block decides what padding comes out of it: each of its 256 values.
        for value in 0..=u8::MAX {
            variants.push(genuine.with(Part::Content, |content| content[(blocks - 1) * 16 - 1] = value));
        }
        // What begins with 0 and 2 is well padded, as one in some ten thousand is.
        for _ in 0..256 {
            variants.push(genuine.flipped(Part::Key, &mut dice));
            let length = dice.below(256);
            variants.push(genuine.random(Part::Key, length, &mut dice));
        }
        assert_eq!(refusals(variants.into_iter()), BTreeSet::from([why.code()]));
    }
}

/// How often each is asked.
const TRIES: usize = 300;

/// Whether the key's padding was right takes no longer to say than that it was wrong: what was no key opens nothing, in the same
/// time. Noise is judged as where an address is guessed: both kinds in turn, told apart if a guesser does better than a coin, or
/// if their medians differ by more than rearranging them would make; in each of three rounds.
#[test]
fn sa30_a_key_that_opens_nothing_takes_as_long_as_none() {
    let genuine = Tried::encrypted(AES256_GCM, RSA_OAEP);
    // A good key that another assertion was encrypted with, …
    let other = Tried::encrypted(AES256_GCM, RSA_OAEP);
    let good = genuine.with(Part::Key, |value| value.clone_from(&other.values[0]));
    // … one of another length, …
    let mut shorter = Answer::genuine();
    shorter.encryption = encryption_template("http://www.w3.org/2009/xmlenc11#aes128-gcm", RSA_OAEP);
    shorter.session_key = "aes-128";
    let shorter = Tried::of(&shorter.sent(Shape::Encrypted));
    let short = genuine.with(Part::Key, |value| value.clone_from(&shorter.values[0]));
    // … and what is no key.
    let none = genuine.with(Part::Key, |value| *value.last_mut().unwrap() ^= 1);
    for pair in [[&good, &none], [&short, &none]] {
        let rounds: Vec<_> = (0..3).map_while(|_| measured(pair).tells_apart()).collect();
        assert!(rounds.len() < 3, "{rounds:?}");
    }
    // What can be told apart is: a key of another length, which everybody sees, is not even tried.
    let cut = genuine.with(Part::Key, |value| value.truncate(10));
    assert!(measured([&good, &cut]).tells_apart().is_some());
}

/// Both in turn, in pairs whose order alternates.
#[expect(clippy::disallowed_methods, reason = "this is what is measured")]
fn measured(pair: [&String; 2]) -> Times {
    let mut times = Times([Vec::new(), Vec::new()]);
    for number in 0..TRIES {
        for turn in 0..2 {
            let which = (number + turn) % 2;
            let began = Instant::now();
            let refused = read(pair[which]).err();
            let took = began.elapsed();
            assert_eq!(refused, Some(Refusal::Undecipherable));
            times.0[which].push(took);
        }
    }
    times
}
