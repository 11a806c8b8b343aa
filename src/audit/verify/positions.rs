//! A set of positions of the log: an eighth of a byte for each, wherever they lie.

use std::collections::BTreeMap;

/// Positions in one part.
const PART: i64 = 4096;

/// The set.
#[derive(Default)]
pub(super) struct Positions(BTreeMap<i64, Box<[u64; 64]>>);

impl Positions {
    /// Puts one in; answers whether it was not there yet.
    pub(super) fn insert(&mut self, position: i64) -> bool {
        let (part, word, bit) = place(position);
        let words = self.0.entry(part).or_insert_with(|| Box::new([0; 64]));
        let absent = words[word] & bit == 0;
        words[word] |= bit;
        absent
    }

    pub(super) fn contains(&self, position: i64) -> bool {
        let (part, word, bit) = place(position);
        self.0.get(&part).is_some_and(|words| words[word] & bit != 0)
    }
}

fn place(position: i64) -> (i64, usize, u64) {
    let within = position.rem_euclid(PART);
    let word = usize::try_from(within / 64).expect("a part has 64 words");
    (position.div_euclid(PART), word, 1 << (within % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_there_and_nothing_else() {
        let mut positions = Positions::default();
        let some = [1, 2, 63, 64, 4095, 4096, -1, i64::MAX, i64::MIN];
        for position in some {
            assert!(!positions.contains(position) && positions.insert(position));
        }
        for position in some {
            assert!(positions.contains(position) && !positions.insert(position));
        }
        assert!(!positions.contains(3) && !positions.contains(i64::MAX - 1));
    }
}
