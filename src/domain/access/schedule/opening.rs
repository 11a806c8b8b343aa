//! When a schedule next opens, for whoever waits before a closed one.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Schedule;
use crate::domain::time::Timestamp;

/// How far ahead is looked. A window of a single day that spring skips opens the week after.
const DAYS_AHEAD: i32 = 15;

impl Schedule {
    /// The first moment after `now` that falls into a window, if `now` does not.
    ///
    /// The clock on the wall runs on evenly but for the zone's own changes. So a window opens at a time that it names,
    /// or at such a change, and no other moment has to be looked at.
    pub fn opens_after(&self, now: Timestamp) -> Option<Timestamp> {
        if self.covers(now) {
            return None;
        }
        let moment = jiff::Timestamp::from_millisecond(now.millis()).ok()?;
        // A window that began yesterday, by this clock, may be entered by a change of the clock alone.
        let today = self.timezone.to_datetime(moment).date();
        let begins = (0..=DAYS_AHEAD).flat_map(|day| self.begins_on(today.saturating_add(day.days())));
        let changes = self.timezone.following(moment).take(2);
        let changes = changes.map(|change| change.timestamp().as_millisecond());
        begins
            .chain(changes)
            .map(Timestamp::from_millis)
            .filter(|opening| now < *opening && self.covers(*opening))
            .min()
    }

    /// The moments, Unix milliseconds, at which a window may begin on this day: two where the hour comes twice.
    fn begins_on(&self, day: Date) -> impl Iterator<Item = i64> + '_ {
        self.windows.iter().flat_map(move |window| {
            let begin = self.timezone.to_ambiguous_timestamp(day.to_datetime(window.from));
            [begin.earlier(), begin.later()]
                .into_iter()
                .filter_map(|moment| moment.ok().map(jiff::Timestamp::as_millisecond))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The same, looking at every minute.
    fn by_the_minute(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
        let minute = now.millis().div_euclid(60_000);
        (minute + 1..minute + 1 + 15 * 24 * 60)
            .map(|minute| Timestamp::from_millis(minute * 60_000))
            .find(|moment| schedule.covers(*moment))
    }

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let days = prop::sample::subsequence(vec!["mon", "wed", "sat", "sun"], 1..=3);
        let zone = prop::sample::select(vec![
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
        ]);
        let time = || (0..24, prop::sample::select(vec![0, 15, 30]));
        (zone, days, time(), time()).prop_map(|(zone, days, (from, past), (to, beyond))| {
            let window = json!({ "days": days, "from": format!("{from:02}:{past:02}"), "to": format!("{to:02}:{beyond:02}") });
            serde_json::from_value(json!({ "timezone": zone, "windows": [window] })).unwrap()
        })
    }

    /// Near the changes of 2026, in spring and in autumn, north and south.
    fn any_moment() -> impl Strategy<Value = Timestamp> {
        let near = [
            "2026-03-28T12:00:00Z",
            "2026-10-24T12:00:00Z",
            "2026-03-08T00:00:00Z",
            "2026-11-01T00:00:00Z",
            "2026-10-03T12:00:00Z",
            "2026-04-04T12:00:00Z",
        ];
        (prop::sample::select(near.to_vec()), -3_000_i64..3_000).prop_map(|(near, minutes)| {
            let near: Timestamp = near.parse().unwrap();
            Timestamp::from_millis(near.millis() + minutes * 60_000 + 17_000)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_opens_when_looking_at_every_minute_would_find_it_open(
            schedule in any_schedule(), now in any_moment(),
        ) {
            let expected = if schedule.covers(now) { None } else { by_the_minute(&schedule, now) };
            prop_assert_eq!(schedule.opens_after(now), expected);
        }
    }

    #[test]
    fn a_window_that_spring_skips_opens_the_week_after() {
        let nights =
            r#"{"timezone":"Europe/Berlin","windows":[{"days":["sun"],"from":"02:00","to":"03:00"}]}"#;
        let nights: Schedule = serde_json::from_str(nights).unwrap();
        let monday = "2026-03-23T12:00:00Z".parse().unwrap();
        assert_eq!(
            nights.opens_after(monday).unwrap().to_string(),
            "2026-04-05T00:00:00Z"
        );
    }

    #[test]
    fn an_open_schedule_and_one_beyond_the_calendar_open_no_more() {
        let always = r#"{"timezone":"UTC","windows":[{"days":["mon","tue","wed","thu","fri","sat","sun"],"from":"00:00","to":"24:00"}]}"#;
        let always: Schedule = serde_json::from_str(always).unwrap();
        assert_eq!(always.opens_after(Timestamp::from_millis(0)), None);
        assert_eq!(always.opens_after(Timestamp::from_millis(i64::MAX)), None);
    }
}
