//! Instants, business dates and time zones.

use std::fmt;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::ParseError;

/// Milliseconds in a second, minute, hour and day.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MS)
    }

    /// This instant moved by `millis`, stopping at the ends of the range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339 with an offset, such as `2026-11-21T09:30:00+05:00`. Finer than milliseconds is dropped.
    ///
    /// # Errors
    /// When the text is not RFC 3339 or has no offset.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| {
            ParseError("not an RFC 3339 time with an offset, such as 2026-11-21T09:30:00+05:00")
        })?;
        Ok(Self(instant.as_millisecond()))
    }

    /// RFC 3339 in `zone`, with the zone's offset: `2026-11-21T09:30:00+05:00`.
    #[must_use]
    pub fn rfc3339_in(self, zone: &Zone) -> String {
        let zoned = self.jiff().to_zoned(zone.0.clone());
        let format = if self.0.rem_euclid(SECOND_MS) == 0 {
            "%Y-%m-%dT%H:%M:%S%:z"
        } else {
            "%Y-%m-%dT%H:%M:%S%.3f%:z"
        };
        zoned.strftime(format).to_string()
    }

    /// The calendar date at this instant in `zone`.
    #[must_use]
    pub fn date_in(self, zone: &Zone) -> Date {
        Date(self.jiff().to_zoned(zone.0.clone()).date())
    }

    /// The hour of the day at this instant in `zone`, 0 to 23.
    #[must_use]
    pub fn hour_in(self, zone: &Zone) -> u8 {
        self.jiff().to_zoned(zone.0.clone()).hour().unsigned_abs()
    }

    fn jiff(self) -> jiff::Timestamp {
        // Beyond the calendar (years -9999 to 9999) its end is shown: writing a time cannot fail.
        let end = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(end)
    }
}

/// RFC 3339 in UTC: `2026-11-21T04:30:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.jiff())
    }
}

/// A time zone of the IANA database, such as `Asia/Almaty`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Finds a zone by its IANA name.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn parse(name: &str) -> Result<Self, ParseError> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| ParseError("unknown time zone; use an IANA name such as Asia/Almaty"))
    }
}

/// A calendar date: a business day, a birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// From year, month and day.
    ///
    /// # Errors
    /// When there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, ParseError> {
        civil::Date::new(year, month, day).map(Self).map_err(|_| ParseError("no such date"))
    }

    /// Reads `2026-11-21`, nothing else.
    ///
    /// # Errors
    /// When the text has another form or names no day.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        const SHAPE: ParseError = ParseError("not a date such as 2026-11-21");
        if text.len() != 10 {
            return Err(SHAPE);
        }
        text.parse().map(Self).map_err(|_| SHAPE)
    }

    /// Year, month (1 to 12) and day (1 to 31).
    #[must_use]
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// The date `days` later (earlier when negative), stopping at the calendar's ends.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))))
    }

    /// The date `months` later, on the same day or the last day of a shorter month.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().months(months.clamp(-100_000, 100_000))))
    }

    /// First day of this date's month.
    #[must_use]
    pub fn month_start(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// First day of this date's year.
    #[must_use]
    pub fn year_start(self) -> Self {
        Self(self.0.first_of_year())
    }

    /// The instant at which this day begins in `zone` (midnight, or the first instant after a gap).
    #[must_use]
    pub fn start_in(self, zone: &Zone) -> Timestamp {
        let start = self.0.to_zoned(zone.0.clone()).map(|zoned| zoned.timestamp());
        // Only the calendar's very last days can fail; there the end of time stands for midnight.
        Timestamp(start.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
    }

    /// The instant at which this day's `hour` (0 to 23) begins in `zone`, or the first instant after a gap.
    #[must_use]
    pub fn hour_in(self, hour: u8, zone: &Zone) -> Timestamp {
        let hour = i8::try_from(hour.min(23)).unwrap_or(0);
        let begins = self.0.at(hour, 0, 0, 0).to_zoned(zone.0.clone()).map(|zoned| zoned.timestamp());
        Timestamp(begins.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
    }

    /// Whole days from `earlier` to this date.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.duration_since(earlier.0).as_hours() as i32 / 24
    }

    /// Day of the week, Monday = 1 to Sunday = 7.
    #[must_use]
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect("a zone")
    }

    #[test]
    fn shows_local_time_with_its_offset() {
        let at = Timestamp::parse("2026-11-21T04:30:00Z").expect("a time");
        assert_eq!(at.rfc3339_in(&zone("Asia/Almaty")), "2026-11-21T09:30:00+05:00");
        assert_eq!(at.rfc3339_in(&zone("Europe/Moscow")), "2026-11-21T07:30:00+03:00");
        assert_eq!(at.plus_millis(5).rfc3339_in(&Zone::UTC), "2026-11-21T04:30:00.005+00:00");
        assert_eq!(at.to_string(), "2026-11-21T04:30:00Z");
        assert!(Timestamp::parse("2026-11-21T04:30:00").is_err());
    }

    #[test]
    fn business_days_are_local() {
        let at = Timestamp::parse("2026-11-20T20:30:00Z").expect("a time");
        assert_eq!(at.date_in(&zone("Asia/Almaty")).to_string(), "2026-11-21");
        assert_eq!(at.date_in(&zone("Europe/Moscow")).to_string(), "2026-11-20");
        // Kazakhstan moved to one zone, UTC+5, on 2024-03-01.
        let day = |text| Date::parse(text).expect("a date").start_in(&zone("Asia/Almaty")).to_string();
        assert_eq!(day("2024-02-28"), "2024-02-27T18:00:00Z");
        assert_eq!(day("2024-03-02"), "2024-03-01T19:00:00Z");
    }

    #[test]
    fn calendar_arithmetic() {
        let date = Date::parse("2024-01-31").expect("a date");
        assert_eq!(date.plus_months(1).to_string(), "2024-02-29");
        assert_eq!(date.month_start().plus_months(1).to_string(), "2024-02-01");
        assert_eq!(date.plus_days(1).to_string(), "2024-02-01");
        assert_eq!(date.plus_days(366).days_since(date), 366);
        assert!(Date::parse("2024-02-30").is_err());
        assert!(Date::parse("2024-1-30").is_err());
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-30T22:00:00.999999999Z");
    }
}
