//! How much each caller of the API may ask: a count for each credential and network and minute, in this process.
//!
//! Memory is bounded: at most [`MOST_CALLERS`] are counted apart, and who comes when all places are taken is counted with
//! their network's others.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// So many callers are counted apart.
const MOST_CALLERS: usize = 65_536;

/// How long a count lasts.
const WINDOW: Duration = Duration::from_mins(1);

/// Counts requests.
pub struct RateLimit {
    quota: u32,
    windows: Mutex<HashMap<u128, Window>>,
}

struct Window {
    began: Timestamp,
    used: u32,
}

/// What a caller has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether this request is within it.
    pub granted: bool,
    /// How many requests a minute there are.
    pub quota: u32,
    /// How many are left.
    pub remaining: u32,
    /// Seconds until there are as many again, at least 1.
    pub reset: u64,
}

impl RateLimit {
    /// So many requests a minute for each caller.
    pub fn new(quota: u32) -> Self {
        Self {
            quota,
            windows: Mutex::default(),
        }
    }

    /// Counts one request of a caller: of `credential` if it is known to be good, else of `network`.
    pub fn count(&self, credential: Option<u128>, network: u128, now: Timestamp) -> Allowance {
        let mut windows = self.windows.lock().expect("no panic while the map is held");
        let known = credential.filter(|credential| windows.contains_key(credential));
        self.take(&mut windows, known.unwrap_or(network), now)
    }

    /// A credential was recognised: from now on it is counted by itself.
    pub fn recognised(&self, credential: u128, now: Timestamp) {
        let mut windows = self.windows.lock().expect("no panic while the map is held");
        if !windows.contains_key(&credential) {
            self.take(&mut windows, credential, now);
        }
    }

    fn take(&self, windows: &mut HashMap<u128, Window>, caller: u128, now: Timestamp) -> Allowance {
        if windows.len() >= MOST_CALLERS && !windows.contains_key(&caller) {
            windows.retain(|_, window| now.since(window.began) < WINDOW);
            if windows.len() >= MOST_CALLERS {
                return self.allowance(self.quota, now, now);
            }
        }
        let window = windows.entry(caller).or_insert(Window { began: now, used: 0 });
        if now.since(window.began) >= WINDOW {
            *window = Window { began: now, used: 0 };
        }
        window.used = window.used.saturating_add(1);
        self.allowance(window.used, window.began, now)
    }

    fn allowance(&self, used: u32, began: Timestamp, now: Timestamp) -> Allowance {
        let left = WINDOW.saturating_sub(now.since(began));
        Allowance {
            granted: used <= self.quota,
            quota: self.quota,
            remaining: self.quota.saturating_sub(used),
            reset: super::seconds_to_wait(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_000_000_000);

    #[test]
    fn a_guessed_credential_is_counted_with_its_network_until_it_is_recognised() {
        let limit = RateLimit::new(2);
        assert!(limit.count(Some(1), 9, NOON).granted);
        assert!(limit.count(Some(2), 9, NOON).granted);
        assert!(!limit.count(Some(3), 9, NOON).granted);
        limit.recognised(1, NOON);
        let own = limit.count(Some(1), 9, NOON);
        assert_eq!((own.granted, own.remaining), (true, 0));
    }

    #[test]
    fn a_minute_later_there_is_as_much_again() {
        let limit = RateLimit::new(1);
        assert_eq!(limit.count(None, 9, NOON).reset, 60);
        assert!(!limit.count(None, 9, NOON.plus(Duration::from_secs(59))).granted);
        assert!(limit.count(None, 9, NOON.plus(WINDOW)).granted);
    }

    #[test]
    fn memory_is_bounded() {
        let limit = RateLimit::new(1);
        for caller in 0..MOST_CALLERS as u128 + 10 {
            limit.count(None, caller, NOON);
        }
        assert_eq!(limit.windows.lock().unwrap().len(), MOST_CALLERS);
        limit.count(None, u128::MAX, NOON.plus(WINDOW));
        assert_eq!(limit.windows.lock().unwrap().len(), 1);
    }
}
