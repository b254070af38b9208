//! When points begin and end to be good. Days are the outlet's.

use kernel::time::HOUR_MS;
use kernel::{Date, Timestamp, Zone};

use crate::programme::{Expiry, PendingDelay};

impl PendingDelay {
    /// When points of a sale become spendable; `None` at once.
    #[must_use]
    pub fn activates_at(self, sold_at: Timestamp, business_date: Date, zone: &Zone) -> Option<Timestamp> {
        match self {
            Self::None {} => None,
            Self::Hours { hours } => Some(sold_at.plus_millis(i64::from(hours) * HOUR_MS)),
            Self::NextBusinessDay { days } => Some(business_date.plus_days(whole(days)).start_in(zone)),
        }
    }
}

impl Expiry {
    /// First instant at which points that became spendable on `from` are no longer good: always a local midnight.
    #[must_use]
    pub fn expires_at(self, from: Date, zone: &Zone) -> Option<Timestamp> {
        let first_day_after = match self {
            Self::Never {} => return None,
            Self::Days { days } => from.plus_days(whole(days).saturating_add(1)),
            Self::MonthEnd { months } => from.month_start().plus_months(whole(months).saturating_add(1)),
            Self::YearEnd { years } => {
                from.year_start().plus_months(whole(years).saturating_add(1).saturating_mul(MONTHS_PER_YEAR))
            }
        };
        Some(first_day_after.start_in(zone))
    }
}

const MONTHS_PER_YEAR: i32 = 12;

/// A count as the calendar takes it. Counts are limited far below this by `Programme::check`.
fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
