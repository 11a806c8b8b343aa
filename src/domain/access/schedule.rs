//! Schedules: the hours of the week in which a grant is in force.
//!
//! Owns the rule; `opening.rs` owns when one next opens, `written.rs` how an API user writes one. Hours are those of the wall clock in the
//! schedule's time zone: an hour skipped in spring is never covered, one repeated in autumn is covered twice.

mod opening;
mod written;

use std::collections::BTreeSet;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use self::written::ScheduleError;
use crate::domain::time::Timestamp;

/// Weekly windows in one time zone; there is always at least one window, of at least one day.
///
/// In JSON, and so in the database and the API:
/// `{"timezone":"Europe/Berlin","windows":[{"days":["mon","tue"],"from":"08:00","to":"18:00"}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "written::WrittenSchedule", into = "written::WrittenSchedule")]
pub struct Schedule {
    timezone: TimeZone,
    windows: Vec<Window>,
}

/// From one minute to another on some days of the week, the last minute not included.
///
/// When `to` is not after `from`, the window runs past midnight into the next day. An end at 24:00 is kept
/// as 00:00: the window then reaches the next day without covering any of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    days: BTreeSet<Day>,
    from: Time,
    to: Time,
}

/// A day of the week, Monday first as in ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Schedule {
    /// Whether `now` falls into a window. A time beyond the calendar (year 9999) falls into none.
    pub fn covers(&self, now: Timestamp) -> bool {
        let Ok(moment) = jiff::Timestamp::from_millisecond(now.millis()) else {
            return false;
        };
        let local = self.timezone.to_datetime(moment);
        self.windows
            .iter()
            .any(|window| window.covers(local.weekday(), local.time()))
    }
}

impl Window {
    fn covers(&self, day: Weekday, time: Time) -> bool {
        let began_today = self.days.contains(&day.into());
        let began_yesterday = self.days.contains(&day.previous().into());
        if self.from < self.to {
            began_today && self.from <= time && time < self.to
        } else {
            began_today && self.from <= time || began_yesterday && time < self.to
        }
    }
}

impl From<Weekday> for Day {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule of one window in Berlin, e.g. `["sat"]`, `22:00`, `06:00`.
    fn berlin(days: &str, from: &str, to: &str) -> Schedule {
        let window = format!(r#"{{"days":{days},"from":"{from}","to":"{to}"}}"#);
        serde_json::from_str(&format!(r#"{{"timezone":"Europe/Berlin","windows":[{window}]}}"#)).unwrap()
    }

    /// From RFC 3339, e.g. `2026-11-23T08:00:00+01:00`, a Monday.
    fn at(moment: &str) -> Timestamp {
        Timestamp::from_millis(moment.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[track_caller]
    fn assert_covers(schedule: &Schedule, expectations: &[(&str, bool)]) {
        for (moment, covered) in expectations {
            assert_eq!(schedule.covers(at(moment)), *covered, "{moment}");
        }
    }

    #[test]
    fn a_window_begins_at_its_first_minute_and_ends_before_its_last() {
        assert_covers(
            &berlin(r#"["mon","wed"]"#, "08:00", "18:00"),
            &[
                ("2026-11-23T07:59:59.999+01:00", false),
                ("2026-11-23T08:00:00+01:00", true),
                ("2026-11-23T17:59:59.999+01:00", true),
                ("2026-11-23T18:00:00+01:00", false),
                ("2026-11-24T12:00:00+01:00", false),
                ("2026-11-25T12:00:00+01:00", true),
            ],
        );
    }

    #[test]
    fn a_window_that_ends_before_it_begins_runs_into_the_next_day() {
        assert_covers(
            &berlin(r#"["sun"]"#, "22:00", "06:00"),
            &[
                ("2026-11-22T05:00:00+01:00", false),
                ("2026-11-22T21:59:00+01:00", false),
                ("2026-11-22T22:00:00+01:00", true),
                ("2026-11-23T05:59:00+01:00", true),
                ("2026-11-23T06:00:00+01:00", false),
                ("2026-11-23T22:00:00+01:00", false),
            ],
        );
    }

    #[test]
    fn a_window_may_end_at_24_00_and_takes_nothing_of_the_next_day() {
        assert_covers(
            &berlin(r#"["fri"]"#, "20:00", "24:00"),
            &[
                ("2026-11-27T23:59:59.999+01:00", true),
                ("2026-11-28T00:00:00+01:00", false),
            ],
        );
        assert_covers(
            &berlin(r#"["fri"]"#, "00:00", "24:00"),
            &[
                ("2026-11-26T23:59:59+01:00", false),
                ("2026-11-27T00:00:00+01:00", true),
                ("2026-11-27T23:59:59+01:00", true),
                ("2026-11-28T00:00:00+01:00", false),
            ],
        );
    }

    #[test]
    fn a_window_that_ends_when_it_begins_lasts_a_whole_day() {
        assert_covers(
            &berlin(r#"["mon"]"#, "08:00", "08:00"),
            &[
                ("2026-11-23T07:59:00+01:00", false),
                ("2026-11-23T08:00:00+01:00", true),
                ("2026-11-24T07:59:00+01:00", true),
                ("2026-11-24T08:00:00+01:00", false),
            ],
        );
    }

    #[test]
    fn office_hours_stay_at_eight_on_the_wall_when_summer_time_begins_and_ends() {
        assert_covers(
            &berlin(r#"["fri","mon"]"#, "08:00", "18:00"),
            &[
                ("2026-03-27T06:59:00Z", false),
                ("2026-03-27T07:00:00Z", true),
                ("2026-03-30T05:59:00Z", false),
                ("2026-03-30T06:00:00Z", true),
                ("2026-10-23T06:00:00Z", true),
                ("2026-10-26T06:59:00Z", false),
                ("2026-10-26T07:00:00Z", true),
            ],
        );
    }

    #[test]
    fn the_hour_skipped_in_spring_is_never_covered() {
        // On 2026-03-29 clocks in Berlin go from 02:00 (01:00Z) to 03:00.
        assert_covers(
            &berlin(r#"["sun"]"#, "02:00", "03:00"),
            &[
                ("2026-03-29T00:59:59Z", false),
                ("2026-03-29T01:00:00Z", false),
                ("2026-03-22T01:30:00Z", true),
            ],
        );
        assert_covers(
            &berlin(r#"["sat"]"#, "22:00", "02:30"),
            &[("2026-03-29T00:59:59Z", true), ("2026-03-29T01:00:00Z", false)],
        );
    }

    #[test]
    fn the_hour_repeated_in_autumn_is_covered_both_times() {
        // On 2026-10-25 clocks in Berlin go from 03:00 (01:00Z) back to 02:00.
        assert_covers(
            &berlin(r#"["sun"]"#, "02:00", "03:00"),
            &[
                ("2026-10-24T23:59:59Z", false),
                ("2026-10-25T00:00:00Z", true),
                ("2026-10-25T01:00:00Z", true),
                ("2026-10-25T01:59:59Z", true),
                ("2026-10-25T02:00:00Z", false),
            ],
        );
    }

    #[test]
    fn any_one_of_several_windows_is_enough() {
        let schedule: Schedule = serde_json::from_str(
            r#"{"timezone":"Asia/Kolkata","windows":[
                {"days":["mon"],"from":"08:00","to":"12:00"},{"days":["mon"],"from":"13:00","to":"17:00"}]}"#,
        )
        .unwrap();
        assert_covers(
            &schedule,
            &[
                ("2026-11-23T11:59:00+05:30", true),
                ("2026-11-23T12:30:00+05:30", false),
                ("2026-11-23T13:00:00+05:30", true),
            ],
        );
    }

    #[test]
    fn a_time_beyond_the_calendar_is_not_covered() {
        let always = berlin(r#"["mon","tue","wed","thu","fri","sat","sun"]"#, "00:00", "24:00");
        assert!(!always.covers(Timestamp::from_millis(i64::MAX)));
        assert!(always.covers(Timestamp::from_millis(0)));
    }
}
