//! Quiet hours, by the clock on the guest's wall.

use kernel::time::MINUTE_MS;
use kernel::{Date, ParseError, Timestamp, Zone};

/// Minutes in a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// From a minute of the day until another; past midnight when that is not later. Equal: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    until: u16,
}

impl Quiet {
    /// Unless a guest says otherwise: ten in the evening to nine in the morning.
    pub const STANDARD: Self = Self { from: 22 * 60, until: 9 * 60 };

    /// From and until in minutes of the day.
    ///
    /// # Errors
    /// When one of them is no minute of a day.
    pub const fn new(from: u16, until: u16) -> Result<Self, ParseError> {
        if from >= DAY_MINUTES || until >= DAY_MINUTES {
            return Err(ParseError("not a minute of a day"));
        }
        Ok(Self { from, until })
    }

    /// Reads two times such as `22:00` and `09:00`.
    ///
    /// # Errors
    /// When one of them is no such time.
    pub fn parse(from: &str, until: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not a time such as 22:00");
        Self::new(minute(from).ok_or(SHAPE)?, minute(until).ok_or(SHAPE)?)
    }

    /// From and until in minutes of the day.
    #[must_use]
    pub const fn minutes(self) -> (u16, u16) {
        (self.from, self.until)
    }

    /// The times as [`Quiet::parse`] reads them.
    #[must_use]
    pub fn times(self) -> (String, String) {
        (clock(self.from), clock(self.until))
    }

    /// When a message may be shown: now, or when the quiet hours that it is now in have ended.
    #[must_use]
    pub fn allowed_at(self, now: Timestamp, zone: &Zone) -> Timestamp {
        let today = now.date_in(zone);
        let local = now.rfc3339_in(zone);
        // `2026-11-21T09:30:00+05:00`: the wall clock also on a day on which the clocks change.
        let Some(at) = local.get(11..16).and_then(minute) else { return now };
        let ends_on = if self.from < self.until {
            (self.from..self.until).contains(&at).then_some(today)
        } else if self.from == self.until {
            None
        } else if at >= self.from {
            Some(today.plus_days(1))
        } else {
            (at < self.until).then_some(today)
        };
        // An hour that the clocks leave out ends when they have jumped.
        ends_on.map_or(now, |date| instant(date, self.until, zone).max(now))
    }
}

/// The instant at which a clock in `zone` shows a minute of a date, or the first after a jump over it.
fn instant(date: Date, at: u16, zone: &Zone) -> Timestamp {
    let shown = |instant: Timestamp| instant.rfc3339_in(zone).get(11..16).and_then(minute).unwrap_or(at);
    let steady = date.start_in(zone).plus_millis(i64::from(at) * MINUTE_MS);
    // Whole days apart means the clocks took it past midnight.
    let half = i64::from(DAY_MINUTES / 2);
    let off = (i64::from(at) - i64::from(shown(steady)) + half).rem_euclid(i64::from(DAY_MINUTES));
    let corrected = steady.plus_millis((off - half) * MINUTE_MS);
    if shown(corrected) == at { corrected } else { steady.max(corrected) }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn hours_of_the_guests_wall_clock() {
        for (from, until, place, now, allowed) in [
            ("22:00", "09:00", "Asia/Almaty", "2026-11-25T21:59:59+05:00", "2026-11-25T21:59:59+05:00"),
            ("22:00", "09:00", "Asia/Almaty", "2026-11-25T22:00:00+05:00", "2026-11-26T09:00:00+05:00"),
            ("22:00", "09:00", "Asia/Almaty", "2026-11-26T08:59:59+05:00", "2026-11-26T09:00:00+05:00"),
            ("22:00", "09:00", "Asia/Almaty", "2026-11-26T09:00:00+05:00", "2026-11-26T09:00:00+05:00"),
            // The same instant, elsewhere: eight in the evening in Moscow is ten at night in Yekaterinburg.
            ("22:00", "09:00", "Europe/Moscow", "2026-11-25T20:00:00+03:00", "2026-11-25T20:00:00+03:00"),
            (
                "22:00",
                "09:00",
                "Asia/Yekaterinburg",
                "2026-11-25T20:00:00+03:00",
                "2026-11-26T09:00:00+05:00",
            ),
            // Within one day, and none at all.
            ("13:00", "14:30", "Asia/Almaty", "2026-11-25T13:00:00+05:00", "2026-11-25T14:30:00+05:00"),
            ("13:00", "14:30", "Asia/Almaty", "2026-11-25T14:30:00+05:00", "2026-11-25T14:30:00+05:00"),
            ("00:00", "00:00", "Asia/Almaty", "2026-11-25T03:00:00+05:00", "2026-11-25T03:00:00+05:00"),
            // The clocks go forward, back, and over the end itself (02:30 does not exist on that night).
            ("22:00", "09:00", "Europe/Berlin", "2026-03-28T23:00:00+01:00", "2026-03-29T09:00:00+02:00"),
            ("22:00", "09:00", "Europe/Berlin", "2026-10-24T23:00:00+02:00", "2026-10-25T09:00:00+01:00"),
            ("22:00", "02:30", "Europe/Berlin", "2026-03-28T23:00:00+01:00", "2026-03-29T03:30:00+02:00"),
        ] {
            let quiet = Quiet::parse(from, until).expect("hours");
            let place = zone(place);
            assert_eq!(
                quiet.allowed_at(at(now), &place).rfc3339_in(&place),
                at(allowed).rfc3339_in(&place),
                "{now}"
            );
        }
    }

    #[test]
    fn only_times_of_a_day_are_read() {
        for text in ["24:00", "9:00", "09:60", "0900", "", "-1:00", "09:00:00"] {
            assert!(Quiet::parse(text, "09:00").is_err(), "{text}");
        }
        let quiet = Quiet::parse("22:15", "09:00").expect("hours");
        assert_eq!(quiet.times(), ("22:15".to_owned(), "09:00".to_owned()));
    }

    proptest! {
        /// Whatever the hours: the wait is less than a day and an hour, and over when it is over.
        #[test]
        fn a_wait_ends(from in 0..DAY_MINUTES, until in 0..DAY_MINUTES, minutes in 0i64..600_000) {
            let quiet = Quiet::new(from, until).expect("hours");
            for place in [zone("Asia/Almaty"), zone("Europe/Berlin")] {
                let now = at("2026-01-01T00:00:00Z").plus_millis(minutes * MINUTE_MS);
                let allowed = quiet.allowed_at(now, &place);
                prop_assert!(allowed >= now && allowed.millis() - now.millis() <= 25 * 60 * MINUTE_MS);
                // Where the clocks jump over or repeat the end, the second look may find an hour more.
                let again = quiet.allowed_at(allowed, &place);
                prop_assert!(again == allowed || again.millis() - allowed.millis() <= 60 * MINUTE_MS);
            }
        }
    }
}
