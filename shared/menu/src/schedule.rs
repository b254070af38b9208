//! When something is served: spans of the week in the outlet's own time.

use kernel::{Timestamp, Zone};
use serde::{Deserialize, Serialize};

/// Minutes in a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// A moment of the outlet's week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Monday = 1 to Sunday = 7.
    pub weekday: u8,
    /// Since midnight by the wall clock.
    pub minute: u16,
}

impl LocalTime {
    /// The wall clock in `zone` at `now`, also on a day on which clocks change.
    #[must_use]
    pub fn at(now: Timestamp, zone: &Zone) -> Self {
        let weekday = now.date_in(zone).weekday().unsigned_abs();
        let local = now.rfc3339_in(zone);
        let number =
            |range: std::ops::Range<usize>| local.get(range).and_then(|text| text.parse::<u16>().ok());
        // `2026-11-21T09:30:00+05:00`; years beyond 9999 do not come from a clock.
        let minute = number(11..13).unwrap_or(0) * 60 + number(14..16).unwrap_or(0);
        Self { weekday, minute }
    }
}

/// From one minute of a day to another, on some weekdays; when the end is not later, it is on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// Monday = 1 to Sunday = 7; ascending.
    pub days: Vec<u8>,
    /// Minutes since midnight.
    pub begin: u16,
    /// Minutes since midnight; 1440 is the end of the day.
    pub end: u16,
}

impl Span {
    /// Whether the moment falls into the span.
    #[must_use]
    pub fn covers(&self, at: LocalTime) -> bool {
        let today = self.days.contains(&at.weekday);
        if self.end > self.begin {
            return today && (self.begin..self.end).contains(&at.minute);
        }
        let yesterday = if at.weekday == 1 { 7 } else { at.weekday - 1 };
        (today && at.minute >= self.begin) || (self.days.contains(&yesterday) && at.minute < self.end)
    }
}

/// Whether something with this schedule is served; without a schedule it always is.
#[must_use]
pub fn is_served(schedule: &[Span], at: LocalTime) -> bool {
    schedule.is_empty() || schedule.iter().any(|span| span.covers(at))
}

/// A minute of the day as a clock shows it: `09:30`.
#[must_use]
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
