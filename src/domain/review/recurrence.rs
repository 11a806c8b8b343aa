//! How often a review is held again.

use std::str::FromStr;

use super::UnknownName;
use crate::domain::time::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Every so many days or months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrence {
    every: u16,
    unit: Unit,
}

/// A review that is held again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// How often.
    pub every: Recurrence,
    /// When the first of them started: what the others are counted from, so that none drifts.
    pub from: Timestamp,
    /// When the next one starts by itself.
    pub next_at: Timestamp,
}

impl Repeats {
    /// Every so often from a start on, for the next time after `now`.
    pub fn from(every: Recurrence, from: Timestamp, now: Timestamp) -> Self {
        Self {
            every,
            from,
            next_at: every.next(from, now),
        }
    }
}

/// What a recurrence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of 24 hours.
    Days,
    /// Of the calendar, in UTC.
    Months,
}

/// Why this is no recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a review is held again every 1 to 366 days, or every 1 to 24 months")]
pub struct RecurrenceError;

impl Recurrence {
    /// Every 1 to 366 days, or every 1 to 24 months.
    pub fn of(every: u16, unit: Unit) -> Result<Self, RecurrenceError> {
        let most = match unit {
            Unit::Days => 366,
            Unit::Months => 24,
        };
        if (1..=most).contains(&every) {
            Ok(Self { every, unit })
        } else {
            Err(RecurrenceError)
        }
    }

    /// How many.
    pub fn every(self) -> u16 {
        self.every
    }

    /// Of what.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// The first time after `now` that is a whole number of times after `start`. A month later is the same day of the
    /// month, or the last one of a shorter month.
    pub fn next(self, start: Timestamp, now: Timestamp) -> Timestamp {
        let mut times = 1;
        loop {
            match self.later(start, times) {
                Some(at) if at <= now => times += 1,
                Some(at) => return at,
                // Beyond the end of time.
                None => return Timestamp::from_millis(i64::MAX),
            }
        }
    }

    fn later(self, start: Timestamp, times: i64) -> Option<Timestamp> {
        let count = i64::from(self.every).checked_mul(times)?;
        let span = match self.unit {
            Unit::Days => 24.hours().checked_mul(count).ok()?,
            Unit::Months => 1.month().checked_mul(count).ok()?,
        };
        let start = jiff::Timestamp::from_millisecond(start.millis()).ok()?;
        let at = start.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
        Some(Timestamp::from_millis(at.timestamp().as_millisecond()))
    }
}

impl Unit {
    /// The name that databases know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
        }
    }
}

impl FromStr for Unit {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "days" => Ok(Self::Days),
            "months" => Ok(Self::Months),
            _ => Err(UnknownName),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_of_a_shorter_month() {
        let monthly = Recurrence::of(1, Unit::Months).unwrap();
        let start = at("2026-01-31T09:30:00Z");
        for (now, next) in [
            ("2026-01-31T09:30:00Z", "2026-02-28T09:30:00Z"),
            ("2026-02-28T09:29:59Z", "2026-02-28T09:30:00Z"),
            ("2026-02-28T09:30:00Z", "2026-03-31T09:30:00Z"),
            ("2027-06-01T00:00:00Z", "2027-06-30T09:30:00Z"),
        ] {
            assert_eq!(monthly.next(start, at(now)), at(next), "{now}");
        }
    }

    #[test]
    fn ninety_days_are_ninety_days() {
        let quarterly = Recurrence::of(90, Unit::Days).unwrap();
        let start = at("2026-11-22T09:30:00Z");
        assert_eq!(quarterly.next(start, start), at("2027-02-20T09:30:00Z"));
        assert_eq!(
            quarterly.next(start, at("2027-02-20T09:30:00Z")),
            at("2027-05-21T09:30:00Z")
        );
    }

    #[test]
    fn what_is_never_or_too_seldom_is_no_recurrence() {
        for (every, unit) in [
            (0, Unit::Days),
            (367, Unit::Days),
            (0, Unit::Months),
            (25, Unit::Months),
        ] {
            assert_eq!(Recurrence::of(every, unit), Err(RecurrenceError));
        }
    }
}
