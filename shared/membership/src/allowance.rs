//! Counting against a limit: at most so many in a window of time.
//!
//! A window begins with the first event after the last window ended. Cheap to store (an instant and a count), at
//! the price that two windows side by side may see twice the limit within one window's length.

use kernel::Timestamp;
use kernel::time::SECOND_MS;

/// How many are allowed in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Events in one window.
    pub max: u32,
    /// Milliseconds that a window lasts.
    pub window_ms: i64,
}

/// Events in the current window, as the store keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// When the window began.
    pub since: Timestamp,
    /// Events since then.
    pub count: u32,
}

impl Counter {
    /// Nothing yet.
    pub const NONE: Self = Self { since: Timestamp::from_millis(0), count: 0 };
}

impl Allowance {
    /// Milliseconds until one more is allowed; 0 when it is allowed at `now`.
    #[must_use]
    pub fn wait_ms(self, counter: Counter, now: Timestamp) -> i64 {
        if counter.count < self.max || self.is_over(counter, now) {
            return 0;
        }
        counter.since.plus_millis(self.window_ms).millis() - now.millis()
    }

    /// The counter after one more at `now`.
    #[must_use]
    pub fn hit(self, counter: Counter, now: Timestamp) -> Counter {
        if counter.count == 0 || self.is_over(counter, now) {
            Counter { since: now, count: 1 }
        } else {
            Counter { count: counter.count.saturating_add(1), ..counter }
        }
    }

    /// Also when the window begins in the future: a clock set back must lock nobody out.
    fn is_over(self, counter: Counter, now: Timestamp) -> bool {
        !(counter.since..counter.since.plus_millis(self.window_ms)).contains(&now)
    }
}

/// A wait for a client: whole seconds, at least 1.
#[must_use]
pub const fn whole_seconds(wait_ms: i64) -> i64 {
    let seconds = (wait_ms + SECOND_MS - 1) / SECOND_MS;
    if seconds < 1 { 1 } else { seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_so_many_in_a_window() {
        let allowance = Allowance { max: 3, window_ms: 1_000 };
        let at = |millis: i64| Timestamp::from_millis(1_800_000_000_000 + millis);
        let mut counter = Counter::NONE;
        let mut allowed = Vec::new();
        for millis in 0..2_500 {
            if allowance.wait_ms(counter, at(millis)) == 0 {
                counter = allowance.hit(counter, at(millis));
                allowed.push(millis);
            }
        }
        assert_eq!(allowed, [0, 1, 2, 1_000, 1_001, 1_002, 2_000, 2_001, 2_002]);
        assert_eq!(allowance.wait_ms(counter, at(2_400)), 600);
        assert_eq!(allowance.wait_ms(counter, at(1_000)), 0, "a clock set back locks nobody out");
        assert_eq!((whole_seconds(1), whole_seconds(1_000), whole_seconds(1_001)), (1, 1, 2));
    }
}
