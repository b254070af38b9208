//! Over which days a goal is measured.

use kernel::Date;
use serde::{Deserialize, Serialize};

/// How long a goal runs before it begins anew. Days are the outlets' business days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// From Monday.
    Week,
    Month,
    /// January to March, and so on.
    Quarter,
}

/// Business days from one up to and without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    pub from: Date,
    pub until: Date,
}

/// Months in a quarter, days in a week.
const QUARTER_MONTHS: i8 = 3;
const WEEK_DAYS: i32 = 7;

impl Period {
    /// The days of the period that `day` lies in.
    #[must_use]
    pub fn around(self, day: Date) -> Days {
        match self {
            Self::Day => Days { from: day, until: day.plus_days(1) },
            Self::Week => {
                let from = day.plus_days(1 - i32::from(day.weekday()));
                Days { from, until: from.plus_days(WEEK_DAYS) }
            }
            Self::Month => {
                let from = day.month_start();
                Days { from, until: from.plus_months(1) }
            }
            Self::Quarter => {
                let (_, month, _) = day.parts();
                let from = day.month_start().plus_months(-i32::from((month - 1) % QUARTER_MONTHS));
                Days { from, until: from.plus_months(i32::from(QUARTER_MONTHS)) }
            }
        }
    }

    /// The days of the period before the one that begins at `days.from`.
    #[must_use]
    pub fn before(self, days: Days) -> Days {
        self.around(days.from.plus_days(-1))
    }

    /// The days of the period after.
    #[must_use]
    pub fn after(self, days: Days) -> Days {
        self.around(days.until)
    }
}

impl Days {
    /// Whether `day` is one of them.
    #[must_use]
    pub fn contain(&self, day: Date) -> bool {
        (self.from..self.until).contains(&day)
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> i32 {
        self.until.days_since(self.from)
    }
}
