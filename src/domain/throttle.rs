//! How long after failures the next try may come (DESIGN §4): a growing delay, never a lock-out for good.

use std::time::Duration;

use super::time::Timestamp;

/// What is counted: how many failures are free, how fast the delay grows after them, and how fast they are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Failures without any delay.
    pub free: i64,
    /// The longest delay.
    pub longest: Duration,
    /// One failure is forgotten each time this passes.
    pub forgets_one_in: Duration,
    /// After so many failures, within what is not forgotten, the person whom they are about is told, if it is one's.
    pub told_at: Option<i64>,
}

impl Allowance {
    /// Strangers trying one account.
    ///
    /// About 40 tries on the first day and 24 on each after it: failures never come to the hundred that NIST 800-63B-4 §3.2.2
    /// allows. Whoever has no device that is known, and can't wait, asks for a link to another password.
    pub const ACCOUNT: Self = Self {
        free: 5,
        longest: Duration::from_hours(1),
        forgets_one_in: Duration::from_hours(1),
        told_at: Some(10),
    };
    /// A device the account knows; strangers can't touch this counter.
    pub const DEVICE: Self = Self {
        free: 10,
        longest: Duration::from_mins(5),
        forgets_one_in: Duration::from_hours(1),
        told_at: None,
    };
    /// Everything from one network by devices that nobody knows, whichever the account. An office has many people, and
    /// people mistype.
    pub const NETWORK: Self = Self {
        free: 50,
        longest: Duration::from_mins(5),
        forgets_one_in: Duration::from_mins(1),
        told_at: None,
    };

    /// Anybody at one person's codes, whatever the device. At most 32 tries on the first day and fewer after it: of a
    /// million codes three are good at a time, so a day's guessing succeeds with less than 1 in 10,000 (MF4).
    pub const CODE: Self = Self {
        free: 5,
        longest: Duration::from_mins(90),
        forgets_one_in: Duration::from_hours(4),
        told_at: Some(5),
    };

    /// One password on many accounts, by devices that nobody knows: so many accounts are free. People who fail seldom fail
    /// alike.
    pub const SPREAD: Self = Self {
        free: 20,
        longest: Duration::from_mins(5),
        forgets_one_in: Duration::from_mins(10),
        told_at: None,
    };
    /// Letters to one address for another password.
    pub const RESETS_OF_ONE: Self = Self {
        free: 3,
        longest: Duration::from_hours(1),
        forgets_one_in: Duration::from_hours(1),
        told_at: None,
    };
    /// Letters that one network asks for.
    pub const RESETS_OVER: Self = Self {
        free: 30,
        longest: Duration::from_mins(5),
        forgets_one_in: Duration::from_mins(1),
        told_at: None,
    };

    /// No counter is worth keeping after this long without a failure.
    pub const MEMORY: Duration = Duration::from_hours(48);

    /// The delay after so many failures: 1 s, then twice as long each time.
    pub fn delay_after(self, failures: i64) -> Duration {
        match failures.saturating_sub(self.free) {
            ..=0 => Duration::ZERO,
            beyond @ 1..=20 => Duration::from_secs(1 << (beyond - 1)).min(self.longest),
            _ => self.longest,
        }
    }
}

/// What is known of earlier failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many are not forgotten.
    pub count: i64,
    /// No try before this.
    pub blocked_until: Timestamp,
    /// Up to when forgetting has been reckoned.
    pub reckoned_at: Timestamp,
}

impl Failures {
    /// The first failure.
    pub fn first(now: Timestamp) -> Self {
        Self {
            count: 1,
            blocked_until: now,
            reckoned_at: now,
        }
    }

    /// One more try, counted as failed until it turns out well; or how long to wait for it.
    pub fn one_more(before: Option<Self>, allowance: Allowance, now: Timestamp) -> Result<Self, Duration> {
        let none = Self {
            count: 0,
            blocked_until: now,
            reckoned_at: now,
        };
        let before = before.map_or(none, |before| before.fade(allowance, now));
        let wait = before.blocked_until.since(now);
        // A delay longer than any that is given was written by a clock that went wrong; it counts for nothing.
        if wait > Duration::ZERO && wait <= allowance.longest {
            return Err(wait);
        }
        let count = before.count.saturating_add(1);
        Ok(Self {
            count,
            blocked_until: now.plus(allowance.delay_after(count)),
            ..before
        })
    }

    /// Forgets what time has made up for. What is left of an interval counts towards the next.
    fn fade(self, allowance: Allowance, now: Timestamp) -> Self {
        let interval = allowance.forgets_one_in;
        let passed = now.since(self.reckoned_at).as_millis() / interval.as_millis();
        let forgotten = i64::try_from(passed).unwrap_or(i64::MAX);
        if forgotten >= self.count {
            return Self {
                count: 0,
                reckoned_at: now,
                ..self
            };
        }
        let steps = u32::try_from(forgotten).unwrap_or(u32::MAX);
        Self {
            count: self.count - forgotten,
            reckoned_at: self.reckoned_at.plus(interval * steps),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn after(tries: i64, allowance: Allowance, now: Timestamp) -> Failures {
        let mut failures = None;
        for _ in 0..tries {
            failures = Some(Failures::one_more(failures, allowance, now).unwrap());
        }
        failures.unwrap()
    }

    #[test]
    fn the_delay_doubles_after_the_free_tries_and_stays_bounded() {
        let delay = |failures| Allowance::ACCOUNT.delay_after(failures).as_secs();
        assert_eq!([delay(5), delay(6), delay(7), delay(8)], [0, 1, 2, 4]);
        assert_eq!([delay(15), delay(25), delay(i64::MAX)], [512, 3600, 3600]);
    }

    #[test]
    fn a_try_inside_the_delay_is_told_how_long_to_wait() {
        let failures = Some(after(6, Allowance::ACCOUNT, START));
        let again = |now| Failures::one_more(failures, Allowance::ACCOUNT, now);
        assert_eq!(again(START), Err(Duration::from_secs(1)));
        assert_eq!(again(START.plus(Duration::from_secs(1))).unwrap().count, 7);
    }

    #[test]
    fn failures_fade_one_by_one_however_often_one_tries() {
        let allowance = Allowance::NETWORK;
        let mut failures = after(40, allowance, START);
        let mut now = START;
        for _ in 0..60 {
            // Ninety seconds between tries: three are forgotten for each two made.
            now = now.plus(Duration::from_secs(90));
            failures = Failures::one_more(Some(failures), allowance, now).unwrap();
        }
        assert_eq!(failures.count, 40 - 90 + 60);
        let next_day = Failures::one_more(Some(failures), allowance, now.plus(Duration::from_hours(24)));
        assert_eq!(next_day.unwrap().count, 1);
    }

    #[test]
    fn mf4_a_day_of_guessing_at_codes_succeeds_with_less_than_one_in_ten_thousand() {
        let allowance = Allowance::CODE;
        let (mut failures, mut tries, mut now) = (None, 0, START);
        let end = START.plus(Duration::from_hours(24));
        while now < end {
            match Failures::one_more(failures, allowance, now) {
                Ok(more) => {
                    tries += 1;
                    failures = Some(more);
                }
                Err(wait) => now = now.plus(wait),
            }
        }
        assert!(tries * 3 * 10_000 <= 1_000_000, "{tries} tries");
        assert!(tries > 20, "nobody is shut out for a day: {tries} tries");
    }

    #[test]
    fn f7_a_clock_that_jumped_ahead_blocks_nobody_after_it_came_back() {
        let ahead = after(6, Allowance::ACCOUNT, START.plus(Duration::from_hours(9000)));
        assert!(Failures::one_more(Some(ahead), Allowance::ACCOUNT, START).is_ok());
    }
}
