//! One counter for each word of a closed list.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Exposition;

/// A closed list of words.
pub trait Label: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The word on the page.
    fn word(self) -> &'static str;
}

/// One counter for each word.
pub struct Counters<L> {
    counts: Box<[AtomicU64]>,
    label: PhantomData<L>,
}

impl<L: Label> Default for Counters<L> {
    fn default() -> Self {
        Self {
            counts: L::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            label: PhantomData,
        }
    }
}

impl<L: Label> Counters<L> {
    /// One more.
    pub fn count(&self, label: L) {
        let place = L::ALL.iter().position(|known| *known == label);
        if let Some(count) = place.and_then(|place| self.counts.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A sample for each word, those that never happened too: a rate needs its zero.
    pub(super) fn write(&self, page: &mut Exposition, family: &str, name: &str) {
        for (label, count) in L::ALL.iter().zip(&self.counts) {
            page.sample(family, &[(name, label.word())], count.load(Ordering::Relaxed));
        }
    }
}
