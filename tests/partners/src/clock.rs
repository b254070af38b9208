//! What time it is at the partners, in the forms in which they write it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A clock that can be set; it goes on from there.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        Timestamp::now().as_millisecond() + self.ahead_ms.load(Ordering::Relaxed)
    }

    /// From now on it is that time.
    pub fn set(&self, now_ms: i64) {
        self.ahead_ms.store(now_ms - Timestamp::now().as_millisecond(), Ordering::Relaxed);
    }

    /// Time passes at once.
    pub fn advance(&self, by_ms: i64) {
        self.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// `2026-11-21T07:29:21.421Z`.
    #[must_use]
    pub fn rfc3339(&self) -> String {
        rfc3339(self.now_ms())
    }
}

/// The instant that a text such as `2026-11-21T10:29:21+03:00` names.
#[must_use]
pub fn instant_ms(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// `2026-11-21T07:29:21.421Z`.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    written(ms, TimeZone::UTC, "%Y-%m-%dT%H:%M:%S%.3fZ")
}

/// `2026-11-21 07:29:21.421`, in UTC.
#[must_use]
pub fn plain_utc(ms: i64) -> String {
    written(ms, TimeZone::UTC, "%Y-%m-%d %H:%M:%S%.3f")
}

/// `2026-11-21 12:29:21.421`, by the clocks of a zone.
#[must_use]
pub fn plain_in(ms: i64, zone: &str) -> String {
    written(ms, TimeZone::get(zone).unwrap_or(TimeZone::UTC), "%Y-%m-%d %H:%M:%S%.3f")
}

fn written(ms: i64, zone: TimeZone, format: &str) -> String {
    let instant = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.to_zoned(zone).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_partners_do() {
        let ms = 1_795_246_161_421;
        assert_eq!(rfc3339(ms), "2026-11-21T07:29:21.421Z");
        assert_eq!(plain_in(ms, "Asia/Yekaterinburg"), "2026-11-21 12:29:21.421");
        assert_eq!(plain_utc(1_795_246_161_000), "2026-11-21 07:29:21.000");
    }
}
