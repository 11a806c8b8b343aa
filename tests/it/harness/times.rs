//! Whether two kinds of request can be told apart by how long they take.
//!
//! How noise is judged: both kinds are asked for in turn, in pairs whose order alternates, so whatever else the machine does
//! falls on both alike. A pair of kinds is told apart if a guesser who sees one time of each would name the right one clearly
//! more often than by tossing a coin (the area under the ROC curve), or if their medians differ by more than 1 ms and by more
//! than they do in 98 of 100 rearrangements that swap the two times of a pair or leave them, as a coin says: if the kind made
//! no difference, each such would be as likely. What leaks does so in each round, what is noise does not: silence in one round
//! of three is silence.

use std::time::Duration;

use super::Dice;

/// How much better than a coin a guesser may do: 0.05 beyond what chance allows once in forty times.
const CLEARLY: f64 = 0.05;

/// Times of two kinds, asked for in turn.
pub(crate) struct Times(pub(crate) [Vec<Duration>; 2]);

impl Times {
    fn median(times: &[Duration]) -> Duration {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    }

    /// How often a time of the second kind is longer than one of the first.
    fn area(&self) -> f64 {
        let [first, second] = &self.0;
        let mut longer = 0.0;
        for one in first {
            for other in second {
                longer += match other.cmp(one) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let pairs = (first.len() * second.len()) as f64;
        longer / pairs
    }

    /// How far apart the medians are.
    fn apart(&self) -> Duration {
        Self::median(&self.0[0]).abs_diff(Self::median(&self.0[1]))
    }

    /// How far apart they would be by chance, at most, in 98 of 100 rearrangements.
    fn by_chance(&self) -> Duration {
        let mut dice = Dice::seeded(2026);
        let mut apart: Vec<_> = (0..500)
            .map(|_| {
                let mut swapped = Self(self.0.clone());
                let [first, second] = &mut swapped.0;
                for (one, other) in first.iter_mut().zip(second) {
                    if dice.below(2) == 0 {
                        std::mem::swap(one, other);
                    }
                }
                swapped.apart()
            })
            .collect();
        apart.sort_unstable();
        apart[apart.len() * 98 / 100]
    }

    /// How they are told apart, if they are.
    pub(crate) fn tells_apart(&self) -> Option<String> {
        let first = &self.0[0];
        let (area, apart, by_chance) = (self.area(), self.apart(), self.by_chance());
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let chance = 2.0 / (6.0 * first.len() as f64).sqrt();
        let told = (area - 0.5).abs() > CLEARLY + chance || apart > by_chance.max(Duration::from_millis(1));
        told.then(|| format!("area {area:.3}, medians {apart:?} apart where chance makes {by_chance:?}"))
    }
}
