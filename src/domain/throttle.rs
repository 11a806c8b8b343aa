//! How long after failures the next try may come (DESIGN §4): a growing delay, never a lock-out for good.

use std::time::Duration;

use super::time::Timestamp;

/// What is counted: how many failures are free, and how fast the delay grows after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Failures without any delay.
    pub free: i64,
    /// The longest delay.
    pub longest: Duration,
}

impl Allowance {
    /// Strangers trying one account.
    pub const ACCOUNT: Self = Self {
        free: 5,
        longest: Duration::from_mins(5),
    };
    /// A device the account knows; strangers can't touch this counter.
    pub const DEVICE: Self = Self {
        free: 10,
        longest: Duration::from_mins(5),
    };
    /// Everything from one network, whichever the account.
    pub const NETWORK: Self = Self {
        free: 50,
        longest: Duration::from_mins(5),
    };

    /// Failures are forgotten after a day without one.
    pub const MEMORY: Duration = Duration::from_hours(24);

    /// The delay after so many failures: 1 s, then twice as long each time.
    pub fn delay_after(self, failures: i64) -> Duration {
        let beyond = failures.saturating_sub(self.free);
        match u32::try_from(beyond) {
            Ok(beyond @ 1..=20) => Duration::from_secs(1 << (beyond - 1)).min(self.longest),
            Ok(beyond) if beyond > 20 => self.longest,
            _ => Duration::ZERO,
        }
    }
}

/// What is known of earlier failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row.
    pub count: i64,
    /// No try before this.
    pub blocked_until: Timestamp,
    /// When the newest was.
    pub last_at: Timestamp,
}

impl Failures {
    /// One more try, counted as failed until it turns out well; or how long to wait for it.
    pub fn one_more(before: Option<Self>, allowance: Allowance, now: Timestamp) -> Result<Self, Duration> {
        let remembered = before.filter(|before| now.since(before.last_at) <= Allowance::MEMORY);
        match remembered {
            Some(before) if now < before.blocked_until => Err(before.blocked_until.since(now)),
            before => {
                let count = before.map_or(0, |before| before.count).saturating_add(1);
                Ok(Self {
                    count,
                    blocked_until: now.plus(allowance.delay_after(count)),
                    last_at: now,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_after_the_free_tries_and_stays_bounded() {
        let delay = |failures| Allowance::ACCOUNT.delay_after(failures).as_secs();
        assert_eq!([delay(5), delay(6), delay(7), delay(8)], [0, 1, 2, 4]);
        assert_eq!([delay(15), delay(25), delay(i64::MAX)], [300, 300, 300]);
    }

    #[test]
    fn a_try_inside_the_delay_is_told_how_long_to_wait() {
        let start = Timestamp::from_millis(1_000_000);
        let mut failures = None;
        for _ in 0..6 {
            failures = Some(Failures::one_more(failures, Allowance::ACCOUNT, start).unwrap());
        }
        assert_eq!(
            Failures::one_more(failures, Allowance::ACCOUNT, start),
            Err(Duration::from_secs(1))
        );
        let later = start.plus(Duration::from_secs(1));
        assert_eq!(
            Failures::one_more(failures, Allowance::ACCOUNT, later)
                .unwrap()
                .count,
            7
        );
        let next_week = start.plus(Duration::from_hours(168));
        assert_eq!(
            Failures::one_more(failures, Allowance::ACCOUNT, next_week)
                .unwrap()
                .count,
            1
        );
    }
}
