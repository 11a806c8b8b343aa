//! Points in time as the whole product counts them: Unix milliseconds, UTC.

use std::fmt;
use std::time::Duration;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Only `clock.rs` makes one of the present; everything else is handed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From Unix milliseconds, as the database stores them.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole Unix seconds, rounded down, as JWT's `NumericDate` wants them (RFC 7519 §2).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This point moved later; stops at the end of time instead of overflowing.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(duration)))
    }

    /// This point moved earlier; stops at the beginning of time instead of overflowing.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(duration)))
    }

    /// How long after `earlier` this is; zero if it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC, e.g. `2026-11-22T09:30:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// The text is no point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a date and time of RFC 3339 with its offset, such as 2026-11-22T09:30:00Z")]
pub struct BadTimestamp;

impl std::str::FromStr for Timestamp {
    type Err = BadTimestamp;

    /// RFC 3339 §5.6, with whatever offset; what is finer than a millisecond is cut off. Other forms of ISO 8601 are
    /// refused, as are times beyond the year 9999.
    fn from_str(text: &str) -> Result<Self, BadTimestamp> {
        let bytes = text.as_bytes();
        let date_and_time = b"dddd-dd-ddTdd:dd:dd";
        let begins = bytes.len() > date_and_time.len()
            && date_and_time
                .iter()
                .zip(bytes)
                .all(|(wanted, byte)| match wanted {
                    b'd' => byte.is_ascii_digit(),
                    wanted => byte.eq_ignore_ascii_case(wanted),
                });
        let rest = text.get(date_and_time.len()..).unwrap_or_default();
        let offset = match rest.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        let fraction = rest.len() - offset.len();
        let ends = match offset.as_bytes() {
            [b'Z' | b'z'] => true,
            [b'+' | b'-', h, i, b':', m, n] => [h, i, m, n].iter().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if !begins || !ends || fraction == 1 {
            return Err(BadTimestamp);
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| BadTimestamp)?;
        Ok(Self(moment.as_millisecond()))
    }
}

/// When a day of the calendar begins and ends in UTC, such as `2026-11-22`.
pub fn day(text: &str) -> Option<(Timestamp, Timestamp)> {
    let whole = text.len() == "dddd-dd-dd".len();
    let date: jiff::civil::Date = text.parse().ok().filter(|_| whole)?;
    let midnight = |date: jiff::civil::Date| {
        let moment = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Timestamp(moment.timestamp().as_millisecond()))
    };
    Some((midnight(date)?, midnight(date.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_read_with_whatever_offset_and_shown_in_utc() {
        for (text, shown) in [
            ("2026-11-22T09:30:00Z", "2026-11-22T09:30:00Z"),
            ("2026-11-22t09:30:00z", "2026-11-22T09:30:00Z"),
            ("2026-11-22T10:30:00+01:00", "2026-11-22T09:30:00Z"),
            ("2026-11-22T00:00:00.123456-09:30", "2026-11-22T09:30:00.123Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                text.parse::<Timestamp>().map(|time| time.to_string()),
                Ok(shown.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_is_a_point_in_time() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T09:30:00",
            "2026-11-22 09:30:00Z",
            "2026-11-22T09:30Z",
            "2026-11-22T09:30:00.Z",
            "2026-11-22T09:30:00,5Z",
            "2026-11-22T09:30:00+01",
            "2026-11-22T09:30:00+0100",
            "2026-11-22T09:30:00Z[UTC]",
            "2026-02-30T09:30:00Z",
            "2026-11-22T25:30:00Z",
            "+02026-11-22T09:30:00Z",
            "20261-11-22T09:30:00Z",
            " 2026-11-22T09:30:00Z",
            "1795339800",
            "2026-11-22T09:30:0\u{e9}",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(BadTimestamp), "{text}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_utc_has_it() {
        let read = |text: &str| day(text).map(|(begin, end)| (begin.to_string(), end.to_string()));
        let ends = (
            "2024-02-29T00:00:00Z".to_owned(),
            "2024-03-01T00:00:00Z".to_owned(),
        );
        assert_eq!(read("2024-02-29"), Some(ends));
        for text in [
            "2023-02-29",
            "2024-1-1",
            "20240101",
            "2024-02-29T00:00:00Z",
            "+2024-02-2",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
