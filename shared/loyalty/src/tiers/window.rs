//! Which days are measured, and where periods begin.

use kernel::Date;

use crate::tiers::rules::Window;

const MONTHS_PER_QUARTER: i8 = 3;

/// Days from `from` (`None`: since ever) up to and without `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Option<Date>,
    pub until: Date,
}

impl Window {
    /// First day of the period that `day` is in.
    #[must_use]
    pub fn period_start(self, day: Date) -> Date {
        match self {
            Self::CalendarMonth {} | Self::RollingDays { .. } | Self::Lifetime {} => day.month_start(),
            Self::CalendarQuarter {} => {
                let into = (day.parts().1 - 1) % MONTHS_PER_QUARTER;
                day.month_start().plus_months(-i32::from(into))
            }
            Self::CalendarYear {} => day.year_start(),
        }
    }

    /// First day of the period `count` after the one that begins on `start`.
    #[must_use]
    pub fn plus_periods(self, start: Date, count: u32) -> Date {
        let months = match self {
            Self::CalendarMonth {} | Self::RollingDays { .. } | Self::Lifetime {} => 1,
            Self::CalendarQuarter {} => 3,
            Self::CalendarYear {} => 12,
        };
        start.plus_months(i32::try_from(count).unwrap_or(i32::MAX).saturating_mul(months))
    }

    /// Whether a period begins on `day`.
    #[must_use]
    pub fn is_boundary(self, day: Date) -> bool {
        self.period_start(day) == day
    }

    /// What is measured on the boundary `on`: the last day before it is the last that counts.
    #[must_use]
    pub fn measured(self, on: Date) -> Span {
        self.ending_before(on, self.period_start(on.plus_days(-1)))
    }

    /// What counts on `day` for what takes effect at once, the whole day included.
    #[must_use]
    pub fn running(self, day: Date) -> Span {
        self.ending_before(day.plus_days(1), self.period_start(day))
    }

    fn ending_before(self, until: Date, period: Date) -> Span {
        let from = match self {
            Self::Lifetime {} => None,
            Self::RollingDays { days } => Some(until.plus_days(-i32::try_from(days).unwrap_or(i32::MAX))),
            Self::CalendarMonth {} | Self::CalendarQuarter {} | Self::CalendarYear {} => Some(period),
        };
        Span { from, until }
    }
}
