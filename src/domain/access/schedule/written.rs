//! A schedule as people write it in JSON, made a real one here and nowhere else.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use super::{Day, Schedule, Window};

/// Zones as compiled into the binary: no file is read, and every node knows the same ones.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What is wrong with a schedule as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not a name of the IANA time zone database.
    #[error("unknown time zone `{0}`")]
    UnknownTimezone(String),
    /// Not `HH:MM`, or `24:00` elsewhere than at the end.
    #[error("`{0}` is no time of day: write 08:00 or 18:30, and 24:00 only as an end")]
    BadTime(String),
    /// No window at all, which could never be in force.
    #[error("a schedule needs at least one window")]
    NoWindows,
    /// More than anybody works by.
    #[error("a schedule has at most 50 windows")]
    TooManyWindows,
    /// A window without days, likewise.
    #[error("a window needs at least one day")]
    NoDays,
}

/// The most windows of a schedule.
const MOST_WINDOWS: usize = 50;

/// Each part is read by itself, so that whoever reads it can tell which part is wrong.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSchedule {
    timezone: Zone,
    windows: Windows,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Vec<WrittenWindow>", into = "Vec<WrittenWindow>")]
struct Windows(Vec<WrittenWindow>);

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWindow {
    days: Days,
    from: Begin,
    to: End,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Zone(TimeZone);

#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Day>", into = "BTreeSet<Day>")]
struct Days(BTreeSet<Day>);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Begin(Time);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct End(Time);

impl TryFrom<String> for Zone {
    type Error = ScheduleError;

    fn try_from(name: String) -> Result<Self, ScheduleError> {
        // The database also knows `Etc/Unknown`, which stands for having no idea.
        match ZONES.get(&name) {
            Ok(zone) if !zone.is_unknown() => Ok(Self(zone)),
            _ => Err(ScheduleError::UnknownTimezone(name)),
        }
    }
}

impl From<Zone> for String {
    fn from(Zone(zone): Zone) -> Self {
        let name = zone.iana_name();
        name.expect("a zone looked up by name has a name").to_owned()
    }
}

impl TryFrom<Vec<WrittenWindow>> for Windows {
    type Error = ScheduleError;

    fn try_from(windows: Vec<WrittenWindow>) -> Result<Self, ScheduleError> {
        match windows.len() {
            0 => Err(ScheduleError::NoWindows),
            1..=MOST_WINDOWS => Ok(Self(windows)),
            _ => Err(ScheduleError::TooManyWindows),
        }
    }
}

impl From<Windows> for Vec<WrittenWindow> {
    fn from(Windows(windows): Windows) -> Self {
        windows
    }
}

impl TryFrom<BTreeSet<Day>> for Days {
    type Error = ScheduleError;

    fn try_from(days: BTreeSet<Day>) -> Result<Self, ScheduleError> {
        if days.is_empty() {
            return Err(ScheduleError::NoDays);
        }
        Ok(Self(days))
    }
}

impl From<Days> for BTreeSet<Day> {
    fn from(Days(days): Days) -> Self {
        days
    }
}

impl TryFrom<String> for Begin {
    type Error = ScheduleError;

    fn try_from(written: String) -> Result<Self, ScheduleError> {
        time(&written).map(Self)
    }
}

impl From<Begin> for String {
    fn from(Begin(begin): Begin) -> Self {
        text(begin)
    }
}

impl TryFrom<String> for End {
    type Error = ScheduleError;

    fn try_from(written: String) -> Result<Self, ScheduleError> {
        if written == "24:00" {
            return Ok(Self(Time::midnight()));
        }
        time(&written).map(Self)
    }
}

impl From<End> for String {
    fn from(End(end): End) -> Self {
        if end == Time::midnight() {
            "24:00".to_owned()
        } else {
            text(end)
        }
    }
}

impl From<WrittenSchedule> for Schedule {
    fn from(written: WrittenSchedule) -> Self {
        let Windows(windows) = written.windows;
        Self {
            timezone: written.timezone.0,
            windows: windows.into_iter().map(Window::from).collect(),
        }
    }
}

impl From<Schedule> for WrittenSchedule {
    fn from(schedule: Schedule) -> Self {
        let windows = schedule.windows.into_iter().map(WrittenWindow::from);
        Self {
            timezone: Zone(schedule.timezone),
            windows: Windows(windows.collect()),
        }
    }
}

impl From<WrittenWindow> for Window {
    fn from(written: WrittenWindow) -> Self {
        Self {
            days: written.days.0,
            from: written.from.0,
            to: written.to.0,
        }
    }
}

impl From<Window> for WrittenWindow {
    fn from(window: Window) -> Self {
        Self {
            days: Days(window.days),
            from: Begin(window.from),
            to: End(window.to),
        }
    }
}

/// From exactly two digits, a colon and two digits, `00:00` to `23:59`.
fn time(written: &str) -> Result<Time, ScheduleError> {
    let two_digits = |part: &str| -> Option<i8> {
        let is_two_digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_two_digits.then(|| part.parse().ok()).flatten()
    };
    written
        .split_once(':')
        .and_then(|(hour, minute)| Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok())
        .ok_or_else(|| ScheduleError::BadTime(written.to_owned()))
}

fn text(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    /// What is written back for `timezone` and `windows`, or the error's words.
    fn rewritten(timezone: &str, windows: &str) -> Result<String, String> {
        serde_json::from_str::<Schedule>(&format!(r#"{{"timezone":"{timezone}","windows":{windows}}}"#))
            .map(|schedule| serde_json::to_string(&schedule).unwrap())
            .map_err(|error| error.to_string())
    }

    #[track_caller]
    fn assert_refused(timezone: &str, windows: &str, words: &str) {
        let error = rewritten(timezone, windows).unwrap_err();
        assert!(error.contains(words), "{timezone} {windows}: {error}");
    }

    #[test]
    fn a_schedule_is_written_back_as_it_was_written() {
        let office = r#"{"days":["mon","tue"],"from":"08:00","to":"18:30"}"#;
        let windows = &format!(r#"[{office},{{"days":["sun"],"from":"22:05","to":"24:00"}}]"#);
        let json = format!(r#"{{"timezone":"Europe/Berlin","windows":{windows}}}"#);
        assert_eq!(rewritten("Europe/Berlin", windows), Ok(json));
    }

    #[test]
    fn what_can_be_written_in_two_ways_is_written_back_in_one() {
        let written = rewritten(
            "europe/berlin",
            r#"[{"days":["tue","mon","tue"],"from":"08:00","to":"00:00"}]"#,
        );
        let json =
            r#"{"timezone":"Europe/Berlin","windows":[{"days":["mon","tue"],"from":"08:00","to":"24:00"}]}"#;
        assert_eq!(written.as_deref(), Ok(json));
        let utc = rewritten("UTC", r#"[{"days":["sat"],"from":"00:00","to":"24:00"}]"#);
        assert!(utc.unwrap().starts_with(r#"{"timezone":"UTC""#));
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let windows = r#"[{"days":["mon"],"from":"08:00","to":"18:00"}]"#;
        for zone in [
            "",
            "Europe/Atlantis",
            "Etc/Unknown",
            "+01:00",
            "CET-1CEST",
            "../etc/passwd",
        ] {
            assert_refused(zone, windows, &format!("unknown time zone `{zone}`"));
        }
    }

    #[test]
    fn a_time_that_is_not_on_the_clock_is_refused() {
        for time in [
            "", "8:00", "08:0", "0800", "08:60", "25:00", "24:01", "08:00:00", "+8:00", " 8:00", "08:00 ",
        ] {
            let from = format!(r#"[{{"days":["mon"],"from":"{time}","to":"18:00"}}]"#);
            assert_refused("UTC", &from, &format!("`{time}` is no time of day"));
            let to = format!(r#"[{{"days":["mon"],"from":"08:00","to":"{time}"}}]"#);
            assert_refused("UTC", &to, &format!("`{time}` is no time of day"));
        }
        assert_refused(
            "UTC",
            r#"[{"days":["mon"],"from":"24:00","to":"18:00"}]"#,
            "`24:00` is no time of day",
        );
    }

    #[test]
    fn a_schedule_without_windows_or_days_is_refused() {
        assert_refused("UTC", "[]", "at least one window");
        assert_refused(
            "UTC",
            r#"[{"days":[],"from":"08:00","to":"18:00"}]"#,
            "at least one day",
        );
        assert_refused(
            "UTC",
            r#"[{"days":["monday"],"from":"08:00","to":"18:00"}]"#,
            "unknown variant `monday`",
        );
    }

    #[test]
    fn a_schedule_without_end_is_refused() {
        let window = r#"{"days":["mon"],"from":"08:00","to":"18:00"}"#;
        assert!(rewritten("UTC", &format!("[{}]", [window; 50].join(","))).is_ok());
        assert_refused(
            "UTC",
            &format!("[{}]", [window; 51].join(",")),
            "at most 50 windows",
        );
    }

    #[test]
    fn a_field_nobody_knows_is_refused() {
        assert_refused(
            "UTC",
            r#"[{"days":["mon"],"from":"08:00","to":"18:00","until":"19:00"}]"#,
            "`until`",
        );
    }
}
