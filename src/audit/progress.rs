//! How far sealing has come through the positions of the log, and which of them it passed without seeing anything.
//!
//! PostgreSQL gives a position before the transaction that got it commits, so a later position can be seen first. What
//! was passed by is looked at again each round, until every transaction that was open then is over: it would have been
//! seen by then, or will never be.

/// A transaction of a role whose transactions we can't see is waited for this long, in milliseconds. Nodes of one
/// installation share a role and see each other's.
const AT_LEAST: i64 = 10_000;

/// The first position that there is.
const FIRST: i64 = 1;

/// Positions at which nothing was seen, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: i64,
    pub(super) to: i64,
    /// When they were passed by, by the database's clock.
    since: i64,
}

/// What a round found out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round<'a> {
    /// Every position that was seen in the gaps and from `next` on, without leaving one out, in order.
    pub(super) seen: &'a [i64],
    /// When the oldest transaction began that was open before anybody looked; nothing where none comes late.
    pub(super) oldest: Option<i64>,
    /// The moment after.
    pub(super) moment: i64,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    /// Every position before was looked at.
    pub(super) next: i64,
    /// Those of them that are to be looked at again, in order.
    pub(super) gaps: Vec<Gap>,
}

impl Progress {
    pub(super) fn beginning() -> Self {
        Self {
            next: FIRST,
            gaps: Vec::new(),
        }
    }

    /// How far it has come after a round.
    pub(super) fn after(&self, round: Round<'_>) -> Self {
        let last = round.seen.last().map_or(self.next, |last| last.saturating_add(1));
        let next = last.max(self.next);
        let passed = (next > self.next).then_some(Gap {
            from: self.next,
            to: next - 1,
            since: round.moment,
        });
        let gaps = self.gaps.iter().copied().chain(passed);
        let left = gaps.flat_map(|gap| gap.without(round.seen));
        let gaps = left.filter(|gap| !gap.is_over(round)).collect();
        Self { next, gaps }
    }

    /// Whether a position is still to be looked at.
    pub(super) fn awaits(&self, position: i64) -> bool {
        position >= self.next || self.gaps.iter().any(|gap| gap.contains(position))
    }

    pub(super) fn ranges(&self) -> Vec<(i64, i64)> {
        self.gaps.iter().map(|gap| (gap.from, gap.to)).collect()
    }

    /// The gaps, each as three numbers of eight bytes.
    pub(super) fn skipped(&self) -> Vec<u8> {
        let numbers = self.gaps.iter().flat_map(|gap| [gap.from, gap.to, gap.since]);
        numbers.flat_map(i64::to_be_bytes).collect()
    }

    /// Reads what was stored.
    pub(super) fn read(next: i64, skipped: &[u8]) -> Option<Self> {
        let (gaps, []) = skipped.as_chunks::<24>() else {
            return None;
        };
        let number = |bytes: &[u8]| bytes.try_into().map(i64::from_be_bytes).ok();
        let gaps = gaps.iter().map(|gap| {
            Some(Gap {
                from: number(&gap[..8])?,
                to: number(&gap[8..16])?,
                since: number(&gap[16..])?,
            })
        });
        let gaps = gaps.collect::<Option<_>>()?;
        Some(Self { next, gaps })
    }
}

impl Gap {
    fn contains(&self, position: i64) -> bool {
        (self.from..=self.to).contains(&position)
    }

    /// What is left of it.
    fn without(self, seen: &[i64]) -> Vec<Self> {
        let begin = seen.partition_point(|position| *position < self.from);
        let mut left = Vec::new();
        let mut from = self.from;
        for position in seen[begin..].iter().take_while(|position| **position <= self.to) {
            if from < *position {
                left.push(Self {
                    from,
                    to: position - 1,
                    ..self
                });
            }
            from = position.saturating_add(1);
        }
        if from <= self.to {
            left.push(Self { from, ..self });
        }
        left
    }

    /// Whether nothing can come there any more.
    fn is_over(&self, round: Round<'_>) -> bool {
        round
            .oldest
            .is_none_or(|oldest| self.since < oldest && round.moment.saturating_sub(self.since) >= AT_LEAST)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// A transaction that gets a position: when it begins, when it ends, and whether it commits.
    #[derive(Debug, Clone, Copy)]
    struct Writer {
        begins: i64,
        ends: i64,
        commits: bool,
    }

    fn writers() -> impl Strategy<Value = Vec<Writer>> {
        let writer = (0..60_000_i64, 0..40_000_i64, prop::bool::weighted(0.8));
        let writer = writer.prop_map(|(begins, lasts, commits)| Writer {
            begins,
            ends: begins + lasts,
            commits,
        });
        prop::collection::vec(writer, 0..60)
    }

    proptest! {
        /// Positions in the order in which transactions begin, visible in the order in which they end.
        #[test]
        fn every_row_is_sealed_exactly_once(mut writers in writers(), pace in 500..20_000_i64, most in 1..20_usize) {
            writers.sort_by_key(|writer| writer.begins);
            let position = |place: usize| i64::try_from(place).unwrap() + FIRST;
            let mut progress = Progress::beginning();
            let mut sealed = BTreeSet::new();
            for turn in 0..400 {
                let moment = turn * pace;
                let open = writers.iter().filter(|writer| writer.begins <= moment && moment < writer.ends);
                let oldest = open.map(|writer| writer.begins).min().unwrap_or(moment);
                let visible = writers.iter().enumerate().filter(|(_, writer)| writer.commits && writer.ends <= moment);
                let waiting: Vec<i64> = visible.map(|(place, _)| position(place)).collect();
                let late = waiting.iter().copied().filter(|position| *position < progress.next && progress.awaits(*position));
                let fresh = waiting.iter().copied().filter(|position| *position >= progress.next).take(most);
                let seen: Vec<i64> = late.chain(fresh).collect();
                for position in &seen {
                    prop_assert!(sealed.insert(*position), "{position} twice");
                }
                progress = progress.after(Round { seen: &seen, oldest: Some(oldest), moment });
                let stored = Progress::read(progress.next, &progress.skipped());
                prop_assert_eq!(stored, Some(progress.clone()));
            }
            let committed = writers.iter().enumerate().filter(|(_, writer)| writer.commits);
            let committed: BTreeSet<i64> = committed.map(|(place, _)| position(place)).collect();
            prop_assert_eq!(sealed, committed);
            prop_assert!(progress.gaps.is_empty(), "nobody is waited for any more: {:?}", progress);
        }
    }

    #[test]
    fn where_none_comes_late_nothing_is_waited_for() {
        let round = Round {
            seen: &[2, 5],
            oldest: None,
            moment: 0,
        };
        let after = Progress::beginning().after(round);
        assert_eq!((after.next, after.gaps.len()), (6, 0));
    }

    #[test]
    fn a_position_far_away_is_one_gap() {
        let round = Round {
            seen: &[1, i64::MAX],
            oldest: Some(0),
            moment: 1,
        };
        let after = Progress::beginning().after(round);
        assert_eq!(after.ranges(), [(2, i64::MAX - 1)]);
        assert!(after.awaits(7) && !after.awaits(1));
    }

    #[test]
    fn what_was_stored_otherwise_is_not_read() {
        assert_eq!(Progress::read(1, &[0; 23]), None);
    }
}
