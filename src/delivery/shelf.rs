//! The shelf: the letters that were delivered lately, as they read, for whoever tries Doorward out without a mailbox.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::Written;
use crate::domain::id::LetterId;
use crate::domain::time::Timestamp;

/// So many letters are kept.
const MOST: usize = 100;

/// Letters that were delivered since the start, the newest first. Cheap to copy.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<VecDeque<Arc<Kept>>>>);

/// A letter on the shelf.
pub struct Kept {
    /// Its id.
    pub id: LetterId,
    /// Whom it is for.
    pub to: String,
    /// When it was posted.
    pub posted_at: Timestamp,
    /// What it says.
    pub written: Written,
}

impl Shelf {
    /// The letters.
    pub fn letters(&self) -> Vec<Arc<Kept>> {
        self.lock().iter().cloned().collect()
    }

    pub(super) fn put(&self, letter: Kept) {
        let mut letters = self.lock();
        letters.retain(|kept| kept.id != letter.id);
        letters.push_front(Arc::new(letter));
        letters.truncate(MOST);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Kept>>> {
        self.0.lock().expect("no panic while the shelf is held")
    }
}
