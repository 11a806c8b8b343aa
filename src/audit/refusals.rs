//! Refusals: as many as anybody likes to provoke, so summed before they are written.

use std::collections::HashMap;

use super::{Actor, Event};
use crate::domain::id::OrganizationId;
use crate::domain::network::Network;
use crate::domain::time::Timestamp;

/// Refusals of one kind, from one network, within one minute.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Refusals {
    pub(super) kind: &'static str,
    pub(super) network: Network,
    pub(super) organization: Option<OrganizationId>,
    pub(super) minute: i64,
}

/// How many there were, and when.
pub(super) struct Sum {
    count: u64,
    first: Timestamp,
    last: Timestamp,
}

/// The sums that are not written yet.
pub(super) type Sums = HashMap<Refusals, Sum>;

impl Sum {
    pub(super) fn begin(now: Timestamp) -> Self {
        Self {
            count: 1,
            first: now,
            last: now,
        }
    }

    pub(super) fn one_more(&mut self, now: Timestamp) {
        self.count = self.count.saturating_add(1);
        self.last = self.last.max(now);
    }
}

impl Refusals {
    /// The minute of a moment, counted from 1970.
    pub(super) fn minute(now: Timestamp) -> i64 {
        now.seconds().div_euclid(60)
    }

    /// What the log says of them, and as of when.
    pub(super) fn event(self, sum: &Sum) -> (Event, Timestamp) {
        let event = Event::of(self.kind, Actor::Nobody)
            .refused()
            .within_network(self.network)
            .with("count", sum.count)
            .with("since", sum.first.to_string());
        let event = match self.organization {
            Some(organization) => event.within(organization),
            None => event,
        };
        (event, sum.last)
    }
}
