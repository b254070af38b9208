//! When to try again: longer after each failure, and not everybody at once.

use kernel::Timestamp;

use crate::Answer;

/// Longest wait that a partner's `Retry-After` is obeyed for: a wrong header must not park an order for a day.
pub const RETRY_AFTER_MS_MAX: i64 = 60 * 60 * 1_000;

/// How waits grow: doubled after each failure, up to a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Wait after the first failure.
    pub first_ms: u32,
    /// No wait is longer.
    pub ceiling_ms: u32,
}

impl Backoff {
    /// The wait after so many failures in a row. Half of it is fixed, the rest is `random`'s share, so that those who
    /// failed together do not come back together.
    #[must_use]
    pub fn delay_ms(self, failures: u32, random: u64) -> i64 {
        let doublings = failures.saturating_sub(1).min(u32::BITS - 1);
        let whole = u64::from(self.first_ms).saturating_mul(1 << doublings).min(u64::from(self.ceiling_ms));
        let fixed = whole / 2;
        let wait = fixed + random % (whole - fixed + 1);
        // At most `ceiling_ms`, which has 32 bits.
        i64::try_from(wait).unwrap_or(i64::MAX)
    }

    /// When to try again: after the back-off, and not before the partner wants it.
    #[must_use]
    pub fn next_at(self, failures: u32, random: u64, now: Timestamp, wanted: Option<Timestamp>) -> Timestamp {
        let own = now.plus_millis(self.delay_ms(failures, random));
        wanted.map_or(own, |wanted| own.max(wanted))
    }
}

/// The time before which the partner does not want to be asked again: `Retry-After` in seconds or as an HTTP date. An
/// hour ahead at most; none if the header is absent, unreadable or past.
#[must_use]
pub fn retry_after(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let header = answer.header("retry-after")?.trim();
    let is_number = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit());
    let wait_ms = if is_number {
        // More digits than fit are a long time.
        header.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(1_000)
    } else {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
        at.as_millisecond().saturating_sub(now.millis())
    };
    (wait_ms > 0).then(|| now.plus_millis(wait_ms.min(RETRY_AFTER_MS_MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { first_ms: 1_000, ceiling_ms: 60_000 };

    #[test]
    fn waits_double_up_to_the_ceiling() {
        for (failures, random, wait) in [
            (0, 0, 500),
            (1, 0, 500),
            (1, 500, 1_000),
            (1, 501, 500),
            (2, 0, 1_000),
            (3, 2_000, 4_000),
            (7, 0, 30_000),
            (u32::MAX, 30_000, 60_000),
        ] {
            assert_eq!(BACKOFF.delay_ms(failures, random), wait, "{failures} {random}");
        }
        assert_eq!(Backoff { first_ms: 0, ceiling_ms: 0 }.delay_ms(3, 7), 0);
    }

    proptest! {
        #[test]
        fn a_wait_is_between_half_and_all_of_what_it_could_be(failures in 1u32..200, random: u64) {
            let most = 1_000i64.saturating_mul(1i64 << (failures - 1).min(40)).min(60_000);
            let wait = BACKOFF.delay_ms(failures, random);
            prop_assert!(wait >= most / 2 && wait <= most);
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = Timestamp::parse("2026-11-22T10:00:00Z").expect("a time");
        for (header, seconds) in [
            ("30", Some(30)),
            (" 30 ", Some(30)),
            ("0", None),
            ("99999999999999999999999", Some(3_600)),
            ("Sun, 22 Nov 2026 10:02:00 GMT", Some(120)),
            ("Sun, 22 Nov 2026 23:00:00 GMT", Some(3_600)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = vec![("retry-after".to_owned(), header.to_owned())];
            let answer = Answer { status: 429, headers, body: Vec::new() };
            let expected = seconds.map(|seconds: i64| now.plus_millis(seconds * 1_000));
            assert_eq!(retry_after(&answer, now), expected, "{header}");
        }
        let none = Answer { status: 429, headers: Vec::new(), body: Vec::new() };
        assert_eq!(retry_after(&none, now), None);
    }

    #[test]
    fn the_partners_wish_only_lengthens_a_wait() {
        let now = Timestamp::from_millis(0);
        let at = Timestamp::from_millis;
        assert_eq!(BACKOFF.next_at(1, 0, now, None), at(500));
        assert_eq!(BACKOFF.next_at(1, 0, now, Some(at(100))), at(500));
        assert_eq!(BACKOFF.next_at(1, 0, now, Some(at(9_000))), at(9_000));
    }
}
