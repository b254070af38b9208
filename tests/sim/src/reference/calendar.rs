//! When points begin and end to be good. Days are the outlet's; an end is always a local midnight.

use kernel::time::HOUR_MS;
use kernel::{Date, Timestamp, Zone};

use crate::rules::{Expiry, Pending};

/// When points of a sale become spendable; `None` at once.
pub(crate) fn activation(pending: Pending, sold_at: Timestamp, day: Date, zone: &Zone) -> Option<Timestamp> {
    match pending {
        Pending::No => None,
        Pending::Hours(hours) => Some(sold_at.plus_millis(hours * HOUR_MS)),
        Pending::BusinessDays(days) => Some(day.plus_days(days).start_in(zone)),
    }
}

/// First instant at which points that became spendable on the local day `from` are no longer good.
pub(crate) fn end(expiry: Expiry, from: Date, zone: &Zone) -> Option<Timestamp> {
    let (year, month, _) = from.parts();
    let first = |year: i32, month: i32| {
        // Months count on through years: month 13 is the next January.
        let (year, month) = (year + (month - 1) / 12, (month - 1) % 12 + 1);
        Date::new(year as i16, month as i8, 1).expect("a day")
    };
    let day = match expiry {
        Expiry::Never => return None,
        Expiry::Days(days) => from.plus_days(days + 1),
        Expiry::MonthEnd(months) => first(i32::from(year), i32::from(month) + months + 1),
        Expiry::YearEnd(years) => first(i32::from(year) + years + 1, 1),
    };
    Some(day.start_in(zone))
}
