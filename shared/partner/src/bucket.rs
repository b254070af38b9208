//! A token bucket per account and group of calls: partners count requests by the minute, and lock out who sends more.
//!
//! The bucket is one number that a row holds: the time at which it will be full again. Every request moves that time
//! on by one interval; it may not be further ahead than the bucket is deep. Whole numbers only, so nothing drifts.

use kernel::Timestamp;

const MICROS_IN_MINUTE: i64 = 60_000_000;
const MICROS_IN_MS: i64 = 1_000;

/// What a partner allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests at once after a pause; at least 1.
    pub burst: u32,
    /// Requests a minute in the long run; at least 1.
    pub per_minute: u32,
}

impl Limit {
    /// Microseconds in which one request becomes possible. Rounded up: a bucket never gives more than was agreed.
    fn interval_micros(self) -> i64 {
        let per_minute = i64::from(self.per_minute.max(1));
        (MICROS_IN_MINUTE + per_minute - 1) / per_minute
    }
}

/// How much is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// Microseconds since the Unix epoch.
    pub full_at_micros: i64,
}

impl Bucket {
    /// Never used.
    pub const FULL: Self = Self { full_at_micros: 0 };

    /// Takes one request out. What it gives is stored before the request is sent.
    ///
    /// # Errors
    /// The time from which there is one to take.
    pub fn take(self, limit: Limit, now: Timestamp) -> Result<Self, Timestamp> {
        let now_micros = now.millis().saturating_mul(MICROS_IN_MS);
        let interval = limit.interval_micros();
        let depth = interval.saturating_mul(i64::from(limit.burst.max(1)));
        let full_at_micros = self.full_at_micros.max(now_micros).saturating_add(interval);
        let possible_at = full_at_micros.saturating_sub(depth);
        if possible_at > now_micros {
            // To the next whole millisecond: earlier would be too early.
            return Err(Timestamp::from_millis(possible_at.saturating_add(MICROS_IN_MS - 1) / MICROS_IN_MS));
        }
        Ok(Self { full_at_micros })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_then_the_agreed_rate() {
        let limit = Limit { burst: 3, per_minute: 60 };
        let mut bucket = Bucket::FULL;
        for (millis, outcome) in [
            (0, Ok(())),
            (0, Ok(())),
            (0, Ok(())),
            (0, Err(1_000)),
            (999, Err(1_000)),
            (1_000, Ok(())),
            (1_001, Err(2_000)),
            (60_000, Ok(())),
            (60_000, Ok(())),
            (60_000, Ok(())),
            (60_000, Err(61_000)),
        ] {
            let taken = bucket.take(limit, Timestamp::from_millis(millis));
            bucket = taken.unwrap_or(bucket);
            assert_eq!(taken.map(drop).map_err(Timestamp::millis), outcome, "{millis}");
        }
    }

    proptest! {
        /// In no window are more let through than the burst and the rate allow; who waits as told gets through.
        #[test]
        fn never_more_than_agreed(
            burst in 1u32..20,
            per_minute in 1u32..2_000,
            gaps in prop::collection::vec(0i64..3_000, 1..200),
        ) {
            let limit = Limit { burst, per_minute };
            let (mut bucket, mut now, mut taken) = (Bucket::FULL, 1_000_000i64, Vec::new());
            for gap in gaps {
                now += gap;
                match bucket.take(limit, Timestamp::from_millis(now)) {
                    Ok(next) => {
                        bucket = next;
                        taken.push(now);
                    }
                    Err(at) => prop_assert!(at.millis() > now && bucket.take(limit, at).is_ok()),
                }
            }
            for (first, from) in taken.iter().enumerate() {
                for (last, to) in taken.iter().enumerate().skip(first) {
                    let allowed = i64::from(burst) + (to - from) * i64::from(per_minute) / 60_000;
                    prop_assert!((last - first + 1) as i64 <= allowed, "{from}..{to}");
                }
            }
        }
    }
}
