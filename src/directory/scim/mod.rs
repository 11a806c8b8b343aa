//! Provisioning over SCIM: an organization's own directory keeps its members and groups here. Each act goes by the use cases
//! that administrators' acts go by, behind a permit minted from the row of a SCIM token.
//!
//! A user of SCIM is a membership; a group of SCIM is one that SCIM made. Roles are never a provisioning system's to give.

pub mod groups;
pub mod people;
pub mod tokens;
pub mod warnings;

use crate::domain::scim::Filter;

/// Which of many, and which stretch of those.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// What they are to be like.
    pub filter: Option<Filter>,
    /// The first to answer, counted from one.
    pub start: usize,
    /// At most so many.
    pub count: usize,
}

/// What was asked for.
#[derive(Debug)]
pub struct Answered<T> {
    /// How many there are, on all pages.
    pub total: usize,
    /// The stretch.
    pub rows: Vec<T>,
}

/// How many rows are looked at in one go.
const STRETCH: i64 = 200;

impl<T> Answered<T> {
    fn none() -> Self {
        Self {
            total: 0,
            rows: Vec::new(),
        }
    }

    /// One more that is so.
    fn take(&mut self, asked: &Asked, row: T) {
        self.total += 1;
        if self.total >= asked.start && self.rows.len() < asked.count {
            self.rows.push(row);
        }
    }

    /// Whether nothing that comes is answered any more.
    fn is_full(&self, asked: &Asked) -> bool {
        self.rows.len() >= asked.count
    }
}
